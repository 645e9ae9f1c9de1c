use jiff::Timestamp;
use underpin_base::{Secret, UserId};
use underpin_db::{Scope, Tx};

use crate::{
    Identity, Result,
    model::{Email, Membership, Origin, Session, SessionId, SessionKind},
    store::{
        sessions::{self, NewSession},
        users::{self, Credentials},
    },
    token::{Token, TokenPurpose},
};

/// What a person gives to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Their mail address.
    pub email: String,
    /// Their password.
    pub password: Secret<String>,
    /// How the token will travel.
    pub kind: SessionKind,
    /// Where they are.
    pub origin: Origin,
    /// A token that the same browser presented: its session ends.
    pub former: Option<Secret<String>>,
}

/// A new session with its token, which is shown this once.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Its token.
    pub token: Token,
    /// The person's tenants.
    pub memberships: Vec<Membership>,
}

impl Identity {
    /// Sign a person in with mail and password.
    ///
    /// Keeps: a token that was presented before is dead after (fixation); a wrong password and an unknown mail look and
    /// take the same; ten tries for a mail from one address, or fifty in all, block it for 15 minutes.
    /// Errors: `WrongCredentials`, `Throttled`, `Overloaded`, `Invalid` for a text that is no address.
    /// Cost: seven round trips and one password check.
    pub async fn sign_in(&self, input: SignIn) -> Result<SignedIn> {
        let SignIn { email, password, kind, origin, former } = input;
        let email = Email::parse("email", &email)?;
        let (credentials, rehash) = self.check_password(&email, password, origin.address).await?;
        if let Some(former) = former {
            self.sign_out_token(former.expose()).await?;
        }
        self.open_session(credentials, rehash, kind, &origin).await
    }

    /// Open a session for a person whose password was checked.
    pub(super) async fn open_session(
        &self,
        credentials: Credentials,
        rehash: Option<String>,
        kind: SessionKind,
        origin: &Origin,
    ) -> Result<SignedIn> {
        let Credentials { user, hash } = credentials;
        let token = self.keys().mint(TokenPurpose::Session);
        let (id, now) = (SessionId::new(), self.now());
        let expires_at = now + kind.lifetime();
        let digest = token.digest();
        let address = origin.address.map(|address| address.to_canonical().to_string());
        let user_agent = origin.user_agent.as_deref().map(shorten);
        let new = NewSession {
            id,
            user: user.id,
            digest: &digest,
            kind,
            now,
            expires_at,
            user_agent: user_agent.as_deref(),
            address: address.as_deref(),
        };
        let hashes = hash.as_deref().zip(rehash.as_deref());
        self.db()
            .transact(Scope::Account(user.id), |tx, _| Box::pin(store(tx, &new, hashes)))
            .await?;
        let memberships = self.memberships(user.id).await?;
        Ok(SignedIn { session: Session { id, user, kind, expires_at }, token, memberships })
    }

    /// End the session of a token that is presented, whosever it is; junk is ignored.
    pub async fn sign_out_token(&self, token: &str) -> Result<()> {
        let Some(digest) = self.keys().digest(TokenPurpose::Session, token) else { return Ok(()) };
        let now: Timestamp = self.now();
        let scope = Scope::Presented(digest.as_str().to_owned());
        self.db().query(scope, &sessions::END_PRESENTED, &[&digest.as_str(), &now]).await?;
        Ok(())
    }
}

async fn store(tx: &mut Tx, new: &NewSession<'_>, hashes: Option<(&str, &str)>) -> Result<()> {
    let user: UserId = new.user;
    if let Some((old, fresh)) = hashes {
        users::rehash(tx, user, old, fresh).await?;
    }
    sessions::insert(tx, new).await
}

/// What a client calls itself, as far as the list of sessions shows it: 256 characters, no control characters.
fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(256).collect()
}
