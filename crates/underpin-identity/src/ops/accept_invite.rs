use jiff::Timestamp;
use serde_json::json;
use underpin_base::{Principal, Secret, UserId};
use underpin_db::Tx;
use underpin_log::emit;

use super::{
    sign_in::{Entry, Opening},
    trail::record,
};
use crate::{
    Error, Identity, Result, events,
    model::{Email, InviteView, Origin, SessionKind, User, parse_name},
    password::NewPassword,
    store::{
        invites, members, tenants,
        users::{self, Credentials},
    },
    trail::Act,
};

/// What the holder of a link gives.
#[derive(Debug, Clone)]
pub struct AcceptInvite {
    /// The link's token.
    pub token: Secret<String>,
    /// Their name, if they have no account yet.
    pub name: String,
    /// The password of their account, or the one they choose.
    pub password: Secret<String>,
    /// Where they are.
    pub origin: Origin,
    /// A session's token that the same browser presented: its session ends.
    pub former: Option<Secret<String>>,
}

impl Identity {
    /// Join a tenant by the link of an invite, with an account that exists or a new one, and sign in.
    ///
    /// Keeps: an invite is used once, whoever is fast; it grants what it says and nothing else.
    /// Effects: account, membership, the invite's end, an audit entry and event `member.joined` in one transaction; then a session, or
    /// the question for a second factor.
    /// Errors: `NotFound` as [`Identity::look_up_invite`]; `WrongCredentials` and `Throttled` for an account that
    /// exists; `Invalid`; `Rival` if the mail got an account meanwhile.
    pub async fn accept_invite(&self, input: AcceptInvite) -> Result<Entry> {
        let AcceptInvite { token, name, password, origin, former } = input;
        let invite = self.look_up_invite(token.expose()).await?;
        let email = Email::parse("email", &invite.email)?;
        let (person, rehash) = if invite.known {
            let (known, rehash) = self.check_password(&email, password, origin.address).await?;
            (Person::Known(known), rehash)
        } else {
            let name = parse_name("name", &name)?;
            let hash = self.passwords().hash(NewPassword::parse("password", password)?).await?;
            let id = UserId::new();
            (
                Person::New(Credentials {
                    user: User { id, email: email.as_str().to_owned(), name },
                    hash: Some(hash),
                }),
                None,
            )
        };
        let now = self.now();
        // The link is the right to join: the platform acts for the tenant, on the person's behalf.
        let by = Principal::service(invite.tenant, person.credentials().user.id);
        let (invite, person_ref, email) = (&invite, &person, &email);
        self.db()
            .transact(by, |tx, _| Box::pin(join(tx, by, invite, person_ref, email, now)))
            .await?;
        if let Some(former) = former {
            self.sign_out_token(former.expose()).await?;
        }
        let (Person::Known(credentials) | Person::New(credentials)) = person;
        let kind = SessionKind::Cookie;
        self.open_session(Opening { credentials, rehash, kind, origin: &origin }).await
    }
}

enum Person {
    Known(Credentials),
    New(Credentials),
}

impl Person {
    const fn credentials(&self) -> &Credentials {
        let (Self::Known(credentials) | Self::New(credentials)) = self;
        credentials
    }
}

async fn join(
    tx: &mut Tx,
    by: Principal,
    invite: &InviteView,
    person: &Person,
    email: &Email,
    now: Timestamp,
) -> Result<()> {
    let version = tenants::lock(tx, invite.tenant).await?;
    let Credentials { user, hash } = person.credentials();
    if let (Person::New(_), Some(hash)) = (person, hash) {
        users::insert(tx, user.id, email, &user.name, hash, now).await?;
    }
    let grant = invites::accept(tx, invite.tenant, invite.id, user.id, now).await?;
    let grant = grant.ok_or(Error::NotFound("invite"))?;
    // A person who became a member meanwhile keeps the role they have.
    if members::join(tx, invite.tenant, user.id, grant.role, grant.investor, now).await? {
        let joined = events::member_joined(by, version, user.id, grant.role, grant.investor);
        emit(tx, now, &[joined]).await?;
        let act = Act::new("member.joined").on("user", user.id);
        let detail = json!({ "invite": invite.id, "role": grant.role.as_str() });
        record(tx, now, act.detail(detail)).await?;
    }
    Ok(())
}
