//! Tries to sign in that have not been answered with a session.

use jiff::Timestamp;
use underpin_db::{Db, Purpose, Scope, Tx};

use crate::Result;

/// How long a try counts, and how long too many of them block.
pub(crate) const WINDOW: std::time::Duration = std::time::Duration::from_mins(15);

/// How many tries there are in a window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// For one account from one address.
    pub(crate) here: i32,
    /// For one account from all addresses: more than from one, or anybody could lock anybody out with a few requests.
    pub(crate) all: i32,
}

impl Limits {
    /// Of a password.
    pub(crate) const PASSWORD: Self = Self { here: 10, all: 50 };
    /// Of a code: it has six digits, three of which are right at any time.
    pub(crate) const CODE: Self = Self { here: 5, all: 15 };
    /// Of mails that somebody asks for.
    pub(crate) const RESET: Self = Self { here: 5, all: 15 };
}

underpin_db::statements! {
    /// Count one try for an account in all and from one address; a row each unless a limit is reached.
    pub(crate) CHARGE: "identity.charge_attempt" (TEXT, TEXT, TIMESTAMPTZ, TIMESTAMPTZ, INT4, INT4) -> (TEXT) = "
        insert into underpin.sign_in_attempt as a (account, address, failures, last_at)
        select $1, x, 1, $3 from unnest(array['', $2]) as x
        on conflict (account, address) do update
        set failures = case when a.last_at <= $4 then 1 else a.failures + 1 end,
            last_at = greatest(a.last_at, excluded.last_at)
        where a.last_at <= $4 or a.failures < case a.address when '' then $6 else $5 end
        returning a.address";

    /// The last try of the counts that are full.
    pub(crate) LAST: "identity.last_attempt" (TEXT, TEXT, INT4, INT4) -> (TIMESTAMPTZ) = "
        select max(last_at) from underpin.sign_in_attempt
        where account = $1 and address in ('', $2) and failures >= case address when '' then $4 else $3 end";

    /// Take back one try: it was right, or it was never looked at.
    pub(crate) REFUND: "identity.refund_attempt" (TEXT, TEXT) -> (TEXT) = "
        update underpin.sign_in_attempt set failures = failures - 1
        where account = $1 and address in ('', $2) and failures > 0 returning address";

    /// Write the count of one address anew as it is: as much work as a note in an account's trail.
    pub(crate) TOUCH: "identity.touch_attempt" (TEXT, TEXT) -> () = "
        update underpin.sign_in_attempt set failures = failures where account = $1 and address = $2";

    /// Forget the tries from one address: one was right.
    pub(crate) FORGIVE: "identity.forgive_attempts" (TEXT, TEXT) -> (TEXT) = "
        with taken_back as (
            update underpin.sign_in_attempt set failures = failures - 1
            where account = $1 and address = '' and failures > 0)
        delete from underpin.sign_in_attempt where account = $1 and address = $2 returning address";

    /// Delete a batch of tries that no longer count.
    pub(crate) SWEEP: "identity.sweep_attempts" (TIMESTAMPTZ, INT8) -> (TEXT) = "
        delete from underpin.sign_in_attempt a using (
            select account, address from underpin.sign_in_attempt where last_at < $1 order by last_at limit $2
        ) old where a.account = old.account and a.address = old.address returning a.account";
}

/// Whose tries are counted, and where they come from.
pub(crate) struct Tried {
    /// What is presented, for example the mail's key: the scope that sees the counts.
    pub(crate) presented: String,
    /// Its digest: the counts' key.
    pub(crate) account: String,
    /// The address, or for IPv6 its first 64 bits.
    pub(crate) address: String,
    /// How many there may be.
    pub(crate) limits: Limits,
}

impl Tried {
    pub(crate) fn scope(&self) -> Scope {
        Scope::Presented(self.presented.clone())
    }
}

/// Count a try before it is looked at, so that many at once are no way around the limit. `Err(last try)` if it is full.
pub(crate) async fn charge(
    tx: &mut Tx,
    tried: &Tried,
    now: Timestamp,
    counts_since: Timestamp,
) -> Result<Result<(), Timestamp>> {
    let Tried { account, address, limits: Limits { here, all }, .. } = tried;
    let counted = tx.query(&CHARGE, &[account, address, &now, &counts_since, here, all]).await?;
    if counted.len() == 2 {
        return Ok(Ok(()));
    }
    let last = tx.query_one(&LAST, &[account, address, here, all]).await?;
    Ok(Err(last.get::<_, Option<Timestamp>>(0).unwrap_or(now)))
}

/// Take back a try that was never looked at.
pub(crate) async fn refund(db: &Db, tried: &Tried) -> Result<()> {
    db.query(tried.scope(), &REFUND, &[&tried.account, &tried.address]).await?;
    Ok(())
}

/// As much work as a note in an account's trail: two statements that write, and a commit.
pub(crate) async fn touch(tx: &mut Tx, tried: &Tried) -> Result<()> {
    tx.execute(&TOUCH, &[&tried.account, &""]).await?;
    tx.execute(&TOUCH, &[&tried.account, &tried.address]).await?;
    Ok(())
}

/// Forget the tries from this address, and this one of all.
pub(crate) async fn forgive(db: &Db, tried: &Tried) -> Result<()> {
    db.query(tried.scope(), &FORGIVE, &[&tried.account, &tried.address]).await?;
    Ok(())
}

/// Delete one batch; says how many.
pub(crate) async fn sweep(db: &Db, before: Timestamp, batch: i64) -> Result<usize> {
    Ok(db.query(Scope::System(Purpose::Sweep), &SWEEP, &[&before, &batch]).await?.len())
}
