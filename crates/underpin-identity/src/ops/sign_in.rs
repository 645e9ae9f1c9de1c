use jiff::Timestamp;
use underpin_base::{Secret, UserId};
use underpin_db::{Scope, Tx};

use super::trail::record_account;
use crate::{
    Identity, Result, TokenDigest,
    model::{ChallengeId, Email, Membership, Origin, Session, SessionId, SessionKind},
    store::{
        factors::{self, NewChallenge},
        sessions::{self, NewSession},
        users::{self, Credentials},
    },
    token::{Token, TokenPurpose},
    trail::{Act, Actor},
};

/// How long a sign-in waits for its second factor.
const CHALLENGE_LIFETIME: std::time::Duration = std::time::Duration::from_mins(5);

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

/// A sign-in whose password was right and that waits for a second factor. It is no session.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// What is presented with the code.
    pub token: Token,
    /// How long it waits.
    pub expires_at: Timestamp,
}

/// What a right password leads to.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A session.
    SignedIn(SignedIn),
    /// The question for a second factor.
    Challenge(Challenge),
}

impl Entry {
    /// The session, if no second factor is asked for.
    pub fn signed_in(self) -> Option<SignedIn> {
        match self {
            Self::SignedIn(signed_in) => Some(signed_in),
            Self::Challenge(_) => None,
        }
    }
}

/// A session that may be opened.
pub(super) struct Opening<'a> {
    pub(super) credentials: Credentials,
    /// A hash to take the place of the stored one.
    pub(super) rehash: Option<String>,
    pub(super) kind: SessionKind,
    pub(super) origin: &'a Origin,
}

impl Identity {
    /// Sign a person in with mail and password, as far as a password leads.
    ///
    /// Keeps: a token that was presented before is dead after (fixation); a wrong password and an unknown mail look and
    /// take the same; ten tries for a mail from one address, or fifty in all, block it for 15 minutes.
    /// Effects: an entry in the account's audit trail, in the transaction of the session; another for a wrong password.
    /// Errors: `WrongCredentials`, `Throttled`, `Overloaded`, `Invalid` for a text that is no address.
    /// Cost: ten round trips and one password check.
    pub async fn sign_in(&self, input: SignIn) -> Result<Entry> {
        let SignIn { email, password, kind, origin, former } = input;
        let email = Email::parse("email", &email)?;
        let (credentials, rehash) = self.check_password(&email, password, origin.address).await?;
        if let Some(former) = former {
            self.sign_out_token(former.expose()).await?;
        }
        self.open_session(Opening { credentials, rehash, kind, origin: &origin }).await
    }

    /// Open a session for a person whose password was checked, or ask for their second factor.
    pub(super) async fn open_session(&self, opening: Opening<'_>) -> Result<Entry> {
        let Opening { credentials: Credentials { user, hash }, rehash, kind, origin } = opening;
        let now = self.now();
        let challenge = self.keys().mint(TokenPurpose::Challenge);
        let challenge_digest = challenge.digest();
        let waits = NewChallenge {
            id: ChallengeId::new(),
            user: user.id,
            digest: &challenge_digest,
            kind,
            now,
            expires_at: now + CHALLENGE_LIFETIME,
        };
        let token = self.keys().mint(TokenPurpose::Session);
        let digest = token.digest();
        let open = Fresh::new(user.id, kind, now, origin);
        let new = open.session(&digest, None);
        let hashes = hash.as_deref().zip(rehash.as_deref());
        let opened = self
            .db()
            .transact(Scope::Account(user.id), |tx, _| {
                Box::pin(enter(tx, &new, hashes, &waits, origin))
            })
            .await?;
        if !opened {
            let expires_at = waits.expires_at;
            return Ok(Entry::Challenge(Challenge { token: challenge, expires_at }));
        }
        let memberships = self.memberships(user.id).await?;
        let (id, expires_at) = (new.id, new.expires_at);
        let session = Session { id, user, kind, expires_at, second_factor: false };
        Ok(Entry::SignedIn(SignedIn { session, token, memberships }))
    }

    /// End the session of a token that is presented, whosever it is; junk is ignored.
    pub async fn sign_out_token(&self, token: &str) -> Result<()> {
        let Some(digest) = self.keys().digest(TokenPurpose::Session, token) else { return Ok(()) };
        let now: Timestamp = self.now();
        let scope = Scope::Presented(digest.as_str().to_owned());
        let ended =
            self.db().query_opt(scope, &sessions::END_PRESENTED, &[&digest.as_str(), &now]).await?;
        if ended.is_some() {
            self.access_ended().await;
        }
        Ok(())
    }
}

/// Open the session, or keep the sign-in waiting where a second factor counts; says which.
async fn enter(
    tx: &mut Tx,
    new: &NewSession<'_>,
    hashes: Option<(&str, &str)>,
    waits: &NewChallenge<'_>,
    origin: &Origin,
) -> Result<bool> {
    let waiting = factors::has(tx, new.user).await?;
    if let Some((old, fresh)) = hashes {
        users::rehash(tx, new.user, old, fresh).await?;
    }
    if waiting {
        factors::insert_challenge(tx, waits).await?;
        return Ok(false);
    }
    sessions::insert(tx, new).await?;
    let act = Act::new("session.opened").on("session", new.id).from(origin.address);
    record_account(tx, new.user, new.now, (Actor::Person(new.user), act)).await?;
    Ok(true)
}

/// What a new session says of itself.
pub(super) struct Fresh {
    id: SessionId,
    user: UserId,
    kind: SessionKind,
    now: Timestamp,
    address: Option<String>,
    user_agent: Option<String>,
}

impl Fresh {
    pub(super) fn new(user: UserId, kind: SessionKind, now: Timestamp, origin: &Origin) -> Self {
        let address = origin.address.map(|address| address.to_canonical().to_string());
        let user_agent = origin.user_agent.as_deref().map(shorten);
        Self { id: SessionId::new(), user, kind, now, address, user_agent }
    }

    pub(super) fn session<'a>(
        &'a self,
        digest: &'a TokenDigest,
        second_factor_at: Option<Timestamp>,
    ) -> NewSession<'a> {
        NewSession {
            id: self.id,
            user: self.user,
            digest,
            kind: self.kind,
            now: self.now,
            expires_at: self.now + self.kind.lifetime(),
            user_agent: self.user_agent.as_deref(),
            address: self.address.as_deref(),
            second_factor_at,
        }
    }
}

/// What a client calls itself, as far as the list of sessions shows it: 256 characters, no control characters.
fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(256).collect()
}
