//! Whether the parts that requests need are there, asked at most twice a second whoever asks.

use std::time::Duration;

use tokio::{sync::Mutex, time::Instant};
use underpin_base::UserId;
use underpin_db::Scope;
use uuid::Uuid;

use crate::{Api, store::PING};

/// How long an answer holds.
const HOLDS: Duration = Duration::from_millis(500);
/// Longest wait for the database.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The last answer.
#[derive(Debug, Default)]
pub(crate) struct Probe(Mutex<Option<(Instant, bool)>>);

impl Probe {
    /// Whether the database answers within a second, as the role that requests use.
    pub(crate) async fn database(&self, api: &Api) -> bool {
        // Askers queue here: the second finds the first one's answer.
        let mut last = self.0.lock().await;
        if let Some((at, answer)) = *last
            && at.elapsed() < HOLDS
        {
            return answer;
        }
        let nobody = Scope::Account(UserId::from_uuid(Uuid::nil()));
        let asked = tokio::time::timeout(WAIT_MAX, api.db.query(nobody, &PING, &[])).await;
        let answer = matches!(asked, Ok(Ok(_)));
        *last = Some((Instant::now(), answer));
        answer
    }
}
