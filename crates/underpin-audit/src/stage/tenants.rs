//! Two tenants, their people, and a small book in each.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use underpin_base::{Principal, Role, Secret, TenantId};
use uuid::Uuid;

use super::{Stage, book::is_over, follow, upload};
use crate::{Answer, Error, Person, Result, Stopped, client::Ask};

/// Longest that the small book may take into a tenant.
const BOOK_MAX: Duration = Duration::from_secs(30);

/// The two tenants of an audit. Both may be broken.
#[derive(Debug)]
pub struct Tenants {
    /// The one whose people ask.
    pub a: Tenant,
    /// The one whose things they must not see.
    pub b: Tenant,
}

/// A tenant, its people, each signed in, and its things.
#[derive(Debug)]
pub struct Tenant {
    /// Its name in URLs.
    pub slug: String,
    /// Its id.
    pub id: TenantId,
    /// Runs it.
    pub owner: Person,
    /// Administers it.
    pub admin: Person,
    /// Its staff.
    pub member: Person,
    /// An outside person who sees one investor's rows.
    pub investor: Person,
    /// Somebody who was let go: an account and a session, and no membership any more.
    pub rogue: Person,
    /// What is in it.
    pub things: Things,
}

/// What a tenant's book begins with.
#[derive(Debug, Clone, Copy)]
pub struct Things {
    /// A fund of both investors.
    pub fund: Uuid,
    /// A fund that the investor person has no part in.
    pub closed_fund: Uuid,
    /// The investor whose rows the investor person sees.
    pub investor: Uuid,
    /// Another investor.
    pub stranger: Uuid,
    /// The investor person's allocation in the first fund.
    pub allocation: Uuid,
    /// The other investor's allocation in the same fund.
    pub foreign_allocation: Uuid,
    /// The import that brought it.
    pub import: Uuid,
    /// Its job.
    pub job: Uuid,
}

impl Tenants {
    /// Everybody of both.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.a.people().into_iter().chain(self.b.people())
    }
}

impl Tenant {
    /// Everybody, the one who was let go last.
    pub fn people(&self) -> [&Person; 5] {
        [&self.owner, &self.admin, &self.member, &self.investor, &self.rogue]
    }

    /// A path below the tenant.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/t/{}{rest}", self.slug)
    }

    /// For whom the database opens a transaction of the owner.
    pub fn principal(&self) -> Principal {
        Principal { tenant: self.id, subject: self.owner.user, role: Role::Owner }
    }
}

/// Make both.
pub(super) async fn make(stage: &Stage) -> Result<Tenants, Stopped> {
    let (a, b) = tokio::join!(make_one(stage, "a"), make_one(stage, "b"));
    Ok(Tenants { a: a?, b: b? })
}

async fn make_one(stage: &Stage, letter: &str) -> Result<Tenant, Stopped> {
    let slug = format!("audit-{letter}-{}", stage.run_id());
    let email = |name: &str| format!("{name}@{slug}.example");
    let people =
        [("owner", "owner"), ("admin", "admin"), ("member", "member"), ("rogue", "member")];
    let people =
        people.map(|(name, role)| json!({ "email": email(name), "name": name, "role": role }));
    let body = json!({ "slug": slug, "name": format!("Audit {letter}"), "people": people });
    let ask = stage.operator(Method::POST, "/ops/v1/tenants")?.json(&body);
    stage.owe_tenant(&slug);
    let made = ask.send().await?.expect(201)?;
    stage.made_tenant(&slug);
    let id = TenantId::from_uuid(made.id_at("/id")?);
    let base = stage.deployment()?.url;
    let sign_in = async |name: &str, role| {
        let password = password_of(&made, &email(name))?;
        Person::sign_in(stage.http(), &base, &email(name), &password, role).await
    };
    let owner = sign_in("owner", "owner").await?;
    let admin = sign_in("admin", "admin").await?;
    let member = sign_in("member", "member").await?;
    let rogue = sign_in("rogue", "rogue").await?;
    let let_go = format!("/v1/t/{slug}/members/{}", rogue.user);
    owner.ask(Method::DELETE, &let_go).send().await?.expect(204)?;
    let things = fill(&owner, &slug).await?;
    let guest = Guest { name: "investor", role: "investor", investor: Some(things.investor) };
    let investor = invite(stage, &owner, &slug, guest).await?;
    Ok(Tenant { slug, id, owner, admin, member, investor, rogue, things })
}

fn password_of(made: &Answer, email: &str) -> Result<Secret<String>> {
    let json = made.json();
    let person = json["people"].as_array().into_iter().flatten().find(|p| p["email"] == email);
    let password = person.and_then(|person| person["password"].as_str());
    let lacking =
        || Error::Lacking { what: made.what.clone(), field: format!("a password of {email}") };
    Ok(Secret::new(password.ok_or_else(lacking)?.to_owned()))
}

/// Bring a book of two funds and two investors into a tenant, the way its users do.
async fn fill(owner: &Person, slug: &str) -> Result<Things> {
    let csv = "investor,fund,as_of,commitment,called,distributed,value\n\
               Own,Shared,2024-03-31,1000.00,500.00,100.00,450.00\n\
               Stranger,Shared,2024-03-31,2000.00,900.00,300.00,700.00\n\
               Stranger,Closed,2024-03-31,3000.00,100.00,0.00,90.00\n";
    let import = upload(owner, slug, csv.to_owned()).await?;
    let ended = follow(owner, slug, import, BOOK_MAX, is_over).await?;
    if ended["rows"]["applied"] != 3 {
        return Err(Error::Lacking {
            what: format!("the first book {ended}"),
            field: "3 rows".into(),
        });
    }
    let funds = owner.get(&format!("/v1/t/{slug}/funds")).await?.expect(200)?.json();
    let investors = owner.get(&format!("/v1/t/{slug}/investors")).await?.expect(200)?.json();
    let (fund, closed_fund) = (named(&funds, "Shared")?, named(&funds, "Closed")?);
    let (investor, stranger) = (named(&investors, "Own")?, named(&investors, "Stranger")?);
    let held = owner.get(&format!("/v1/t/{slug}/funds/{fund}/allocations")).await?;
    let held = held.expect(200)?.json();
    let allocation_of = |investor: Uuid| {
        let items = held["items"].as_array().into_iter().flatten();
        let mut own = items.filter(|a| a["investor"]["id"] == investor.to_string());
        id_of(own.next().unwrap_or(&Value::Null), "an allocation")
    };
    Ok(Things {
        fund,
        closed_fund,
        investor,
        stranger,
        allocation: allocation_of(investor)?,
        foreign_allocation: allocation_of(stranger)?,
        import: import.id,
        job: import.job,
    })
}

/// The id of a list's item by its name.
fn named(list: &Value, name: &str) -> Result<Uuid> {
    let mut items = list["items"].as_array().into_iter().flatten();
    id_of(items.find(|item| item["name"] == name).unwrap_or(&Value::Null), name)
}

fn id_of(item: &Value, what: &str) -> Result<Uuid> {
    let id = item["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::Lacking { what: "the first book".into(), field: what.to_owned() })
}

/// Somebody who is let in by an invite.
pub(super) struct Guest<'g> {
    pub(super) name: &'g str,
    pub(super) role: &'static str,
    pub(super) investor: Option<Uuid>,
}

/// Let somebody in, by the link that they would get by mail, and sign them in.
pub(super) async fn invite(
    stage: &Stage,
    owner: &Person,
    slug: &str,
    guest: Guest<'_>,
) -> Result<Person> {
    let Guest { name, role, investor } = guest;
    let email = format!("{name}@{slug}.example");
    let invite = json!({ "email": email, "role": role, "investor": investor });
    let invited = owner.post(&format!("/v1/t/{slug}/invites"), &invite).await?.expect(201)?;
    let link = invited.text_at("/link")?;
    let token = link.rsplit_once('#').map(|(_, token)| token).unwrap_or_default();
    let password = Secret::new(format!("invited-{}", Uuid::new_v4().simple()));
    let body = json!({ "token": token, "name": name, "password": password.expose() });
    let url = format!("{}/v1/invites/accept", owner.base());
    Ask::bare(stage.http(), Method::POST, &url).json(&body).send().await?.expect(201)?;
    Person::sign_in(stage.http(), owner.base(), &email, &password, role).await
}
