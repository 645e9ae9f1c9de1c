use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use underpin_base::{Currency, Role, Secret, TenantId, UserId};
use underpin_db::watch;
use underpin_identity::{NewTenant, NewUser, Provisioned};
use uuid::Uuid;

use crate::{Api, Code, Json, Problem};

/// Most people that one request makes: each costs the hash of a password.
const PEOPLE_MAX: usize = 20;
/// The colour of a tenant that an operator made, until somebody chooses another.
const ACCENT: &str = "#4b5563";

/// A tenant with its first people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::operator) struct Request {
    slug: String,
    name: String,
    currency: Option<String>,
    people: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    email: String,
    name: String,
    role: String,
    /// For the role `investor`: whose rows they see.
    investor: Option<Uuid>,
}

/// What was made; the passwords are shown this once.
#[derive(Serialize)]
pub(in crate::operator) struct Response {
    id: TenantId,
    slug: String,
    name: String,
    currency: String,
    people: Vec<Made>,
}

#[derive(Serialize)]
struct Made {
    id: UserId,
    email: String,
    role: &'static str,
    /// None for a person who had an account before: it keeps its password.
    password: Option<String>,
}

/// Make a tenant and its people.
///
/// Errors: 409 `name_taken` if there is a tenant of this slug, and nothing is made; 422 for a person without a role that people have.
/// Retry: not safe, because the passwords are lost with the answer; remove the tenant first.
pub(in crate::operator) async fn create_tenant(
    State(api): State<Api>,
    Json(request): Json<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let people = check_people(request.people)?;
    let currency = request.currency.as_deref().unwrap_or("USD");
    let unknown = |_| Problem::field("currency", "not_a_currency", "an ISO 4217 code such as USD");
    let currency: Currency = currency.parse().map_err(unknown)?;
    let (slug, name, accent) = (request.slug, request.name, ACCENT.to_owned());
    let new = NewTenant { slug: slug.clone(), name: name.clone(), accent, currency };
    let Provisioned::Created(id) = api.identity.create_tenant(new).await? else {
        return Err(Problem::new(Code::NameTaken));
    };
    watch::allow_fanout("each of a tenant's first people is an account and a place of its own");
    let mut made = Vec::with_capacity(people.len());
    for (person, role) in people {
        made.push(make_person(&api, id, person, role).await?);
    }
    let response = Response { id, slug, name, currency: currency.to_string(), people: made };
    Ok((StatusCode::CREATED, Json(response)))
}

/// The people with their roles, owners first: a tenant's first member is one.
fn check_people(people: Vec<Person>) -> Result<Vec<(Person, Role)>, Problem> {
    if people.len() > PEOPLE_MAX {
        return Err(Problem::field("people", "too_many", format!("at most {PEOPLE_MAX}")));
    }
    let bad_role = || Problem::field("people.role", "bad_role", "owner, admin, member or investor");
    let roles = people.into_iter().map(|person| {
        let role = person.role.parse().ok().filter(|role| Role::PERSONS.contains(role));
        let role = role.ok_or_else(bad_role)?;
        if person.investor.is_some() && role != Role::Investor {
            let message = "only the role investor has one";
            return Err(Problem::field("people.investor", "not_an_investor", message));
        }
        Ok((person, role))
    });
    let mut people = roles.collect::<Result<Vec<_>, _>>()?;
    if !people.iter().any(|(_, role)| *role == Role::Owner) {
        return Err(Problem::field("people", "no_owner", "a tenant has an owner"));
    }
    people.sort_by_key(|(_, role)| *role != Role::Owner);
    Ok(people)
}

async fn make_person(
    api: &Api,
    tenant: TenantId,
    person: Person,
    role: Role,
) -> Result<Made, Problem> {
    let Person { email, name, investor, .. } = person;
    let password = Uuid::new_v4().simple().to_string();
    let new = NewUser { email: email.clone(), name, password: Secret::new(password.clone()) };
    let user = api.identity.create_user(new).await?;
    let password = matches!(user, Provisioned::Created(_)).then_some(password);
    let id = user.into_inner();
    api.identity.add_member_for(tenant, id, role, investor).await?;
    Ok(Made { id, email, role: role.as_str(), password })
}
