//! Waiting for something to come true, with a limit.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{Error, Result};

/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Ask until there is an answer.
///
/// Errors: [`Error::Late`] after `limit`; what `look` could not do.
pub async fn until<T, F: Future<Output = Result<Option<T>>>>(
    what: &str,
    limit: Duration,
    look: impl FnMut() -> F,
) -> Result<T> {
    until_every(LOOK_EVERY, what, limit, look).await
}

/// The same with another pause between two looks.
pub(crate) async fn until_every<T, F: Future<Output = Result<Option<T>>>>(
    pause: Duration,
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> F,
) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = look().await? {
            return Ok(answer);
        }
        if Instant::now() >= deadline {
            return Err(Error::Late(what.to_owned()));
        }
        sleep(pause).await;
    }
}
