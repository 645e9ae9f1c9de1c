//! The demo book: a real file through the real door.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use underpin::{
    Parts, Seeding,
    base::{LIMIT_MAX, PageQuery, Principal, Role},
    files::{Encoding, Incoming, Limits},
};

use crate::{
    ImportId,
    ops::{
        list_imports::{get_import, list_imports},
        start_import::start_import,
    },
    store::investors,
};

/// 2,489 public reports; `demo/README.md` says where they come from.
static POSITIONS: &[u8] = include_bytes!("../demo/positions.csv");

/// Longest that a worker may take for the book.
const APPLIED_MAX: Duration = Duration::from_mins(2);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Whose rows the demo's outside person sees.
const OUTSIDER_OF: &str = "ny common";

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Send the demo book as an owner would, wait until a worker has applied it, and show one investor's rows to the outside person.
pub(crate) fn seed(parts: &Parts, owner: Principal) -> Seeding<'_> {
    Box::pin(async move {
        let first = PageQuery { limit: 1, cursor: None };
        let sent =
            list_imports(&parts.db, owner, &first).await?.items.first().map(|import| import.id);
        let import = match sent {
            Some(import) => import,
            None => send(parts, owner).await?,
        };
        tokio::time::timeout(APPLIED_MAX, applied(parts, owner, import)).await??;
        show_to_outsider(parts, owner).await
    })
}

async fn send(parts: &Parts, owner: Principal) -> Outcome<ImportId> {
    let incoming = Incoming {
        filename: "pension-commitments.csv".to_owned(),
        media_type: Some("text/csv".to_owned()),
        content_length: Some(POSITIONS.len() as u64),
        encoding: Encoding::Identity,
        body: stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(POSITIONS))]),
    };
    let uploads = &parts.uploads;
    let received = &uploads.receive(owner, incoming, &Limits::default()).await?;
    let (at, usd) = (parts.clock.now(), "USD".parse()?);
    let started = parts.db.transact(owner, |tx, _| {
        Box::pin(async move { start_import(tx, uploads, received, usd, at).await })
    });
    Ok(started.await?.import)
}

async fn applied(parts: &Parts, owner: Principal, import: ImportId) -> Outcome<()> {
    while get_import(&parts.db, owner, import).await?.finished_at.is_none() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn show_to_outsider(parts: &Parts, owner: Principal) -> Outcome<()> {
    let all = PageQuery { limit: LIMIT_MAX, cursor: None };
    let members = parts.identity.members(owner, &all, "demo").await?.items;
    let Some(outsider) = members.iter().find(|member| member.role == Role::Investor) else {
        return Ok(());
    };
    let person = outsider.user.id;
    let link = parts.db.transact(owner, |tx, _| {
        Box::pin(async move { investors::link_person(tx, OUTSIDER_OF, person).await })
    });
    Ok(link.await?)
}
