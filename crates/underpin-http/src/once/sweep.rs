//! Answers that have expired are forgotten.

use jiff::Timestamp;
use underpin_db::{Db, Purpose, Scope};

use crate::store::DELETE_ANSWERS;

/// Rows that one statement forgets.
const PAGE: i64 = 500;

/// Forget the answers that expired before an instant; how many. Retry: safe, also from many processes at once.
pub async fn sweep_answers(db: &Db, now: Timestamp) -> Result<u64, underpin_db::Error> {
    let mut swept = 0;
    loop {
        let scope = Scope::System(Purpose::Sweep);
        let gone = db.execute(scope, &DELETE_ANSWERS, &[&now, &PAGE]).await?;
        swept += gone;
        if gone < PAGE as u64 {
            return Ok(swept);
        }
    }
}
