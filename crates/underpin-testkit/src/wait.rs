//! Waiting for a condition instead of for a time.

use std::time::Duration;

/// Longest that a test waits for something that should happen at once. Only a test that fails waits so long, and a machine may be slow.
const DEADLINE: Duration = Duration::from_mins(2);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(10);

/// Ask `check` until it answers, and return the answer.
///
/// Panics: after two minutes, naming what never came true.
pub async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut check: impl FnMut() -> F,
) -> T {
    let deadline = tokio::time::Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = check().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "never came true: {what}");
        tokio::time::sleep(LOOK).await;
    }
}
