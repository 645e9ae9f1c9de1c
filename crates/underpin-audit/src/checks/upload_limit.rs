//! A file that is too large is refused early, and costs no memory however it comes.

use std::{io::Write as _, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::{future::join_all, stream};
use reqwest::{Body, Method};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::{
    Answer, Check, Error, Outcome, Person, Result, Severity, Stage, Stopped, process::Process,
};

/// Bodies that one person sends at the same time: more than a person may.
const CLIENTS: usize = 8;
/// Tries of a client whose answer was lost because the server closed while it still wrote, or that was told to come back.
const TRIES_MAX: usize = 5;
/// Pause before somebody who was told to come back does.
const TRY_EVERY: Duration = Duration::from_secs(1);
/// Most that the memory of a web process may grow for each body that passes through it at the same time, in KiB.
const GROWTH_KIB_MAX: u64 = 32 << 10;
/// Growth at which the clients are told to stop: it is judged, and the machine is spared.
const GROWTH_KIB_ENOUGH: u64 = 256 << 10;
/// A head that no client sends, in bytes.
const HEAD_BYTES: usize = 1 << 20;
/// By when a header is answered.
const HEADER_MAX: Duration = Duration::from_millis(250);
/// Longest that all bodies together may take.
const BODIES_MAX: Duration = Duration::from_mins(1);
/// What a client sends at a time.
const PART: &[u8] = &[b'a'; 64 << 10];
/// What one member of the compressed body unfolds to.
const MEMBER: usize = 1 << 20;
/// What each client sends before anything is measured.
const WARM_UP: u64 = 16 << 20;
/// Pause between two looks at the memory.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) const CHECK: Check = Check {
    id: "upload.limit",
    seeds: &["S0.6", "S0.7", "S0.8", "S0.9"],
    severity: Severity::P1,
    promise: "A file past the limit is refused before it is read, or where it passes it, in memory that does not grow with it.",
    input: "a header that announces one byte too many and no body; a head of 1 MiB; at the same time eight bodies of one person without \
            a length until they are past the limit, and one of another person that unfolds past it",
    measure: "status and time of the answers; growth of each web process's peak memory",
    threshold: "413 to the header within 250 ms, 431 or the end to the head; 413 to the bodies, 429 or 503 with Retry-After to those \
                that are too many, 415 at worst to the compressed one; growth at most 32 MiB for each body that a process takes",
    fault: "upload_buffered",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let limit = stage.about().await?.count_at("/upload_bytes_max")?;
    let web = stage.web()?;
    let a = &stage.tenants().await?.a;
    let path = a.path("/imports?kind=funds&filename=large.csv&currency=USD");
    let mut breaches = Vec::new();
    let header = judge_heads(&a.owner, &path, limit, &mut breaches).await?;
    let addresses: Vec<_> = web.iter().map(|(instance, _)| instance.url.as_str()).collect();
    let sender = |by: &Person, at: usize, packed| Sender {
        by: by.at(addresses[at % addresses.len()]),
        path: &path,
        packed,
    };
    let senders: Vec<_> = (0..CLIENTS).map(|at| sender(&a.owner, at, false)).collect();
    let packed = sender(&a.admin, 0, true);
    // What a first upload leaves with the allocator is not what grows with its size.
    for at in 0..addresses.len() {
        for packed in [false, true] {
            sender(&a.member, at, packed).break_off(WARM_UP).await;
        }
    }
    let before = peaks(&web.iter().map(|(_, process)| *process).collect::<Vec<_>>())?;
    let started = Instant::now();
    let bodies = async {
        let plain = join_all(senders.iter().map(|sender| sender.pass(limit)));
        tokio::join!(plain, packed.insist(limit))
    };
    let (told, growth) = tokio::select! {
        told = bodies => (Some(told), growth(&before)?),
        growth = too_much(&before) => (None, growth?),
        () = sleep(BODIES_MAX) => return Err(Stopped::inconclusive("the bodies took too long")),
    };
    let seconds = started.elapsed().as_secs_f64();
    let taken = match told {
        Some((plain, packed)) => {
            judge_bodies(&plain.into_iter().collect::<Result<Vec<_>>>()?, &packed?, &mut breaches)
        }
        None => 1,
    };
    let share = taken.div_ceil(web.len()) as u64;
    if growth > GROWTH_KIB_MAX * share {
        breaches.push(format!("a web process grew by {} MiB", growth >> 10));
    }
    let measured = format!(
        "{} to the header in {} ms; {taken} of {} bodies past {} MiB: growth {:.1} MiB",
        header.status,
        header.took.as_millis(),
        CLIENTS + 1,
        limit >> 20,
        growth as f64 / 1024.0
    );
    let pace = format!("{:.0} MiB/s together", taken as f64 * (limit >> 20) as f64 / seconds);
    Ok(Outcome::of_breaches(breaches, measured).evidence(pace))
}

/// What became of the bodies; gives how many were taken as far as the limit, the compressed one among them.
fn judge_bodies(plain: &[Told], packed: &Told, breaches: &mut Vec<String>) -> usize {
    let taken = plain.iter().filter(|told| told.status == 413).count();
    if taken == 0 {
        breaches.push("no body came as far as the limit".to_owned());
    }
    let odd = plain.iter().filter(|told| told.status != 413 && !told.again);
    breaches.extend(odd.map(|told| format!("a body past the limit: {}", told.status)));
    if !matches!(packed.status, 413 | 415) {
        breaches.push(format!("a body that unfolds past the limit: {}", packed.status));
    }
    taken + 1
}

/// An answer to a head alone.
struct Head {
    /// 0 if there was none.
    status: u16,
    took: Duration,
}

/// What is refused by its head: a body that announces too much, and a head that is too large itself. Gives the first answer.
async fn judge_heads(
    by: &Person,
    path: &str,
    limit: u64,
    breaches: &mut Vec<String>,
) -> Result<Head, Stopped> {
    let header = answer_to(by, path, &format!("content-length: {}", limit + 1)).await?;
    if header.status != 413 || header.took > HEADER_MAX {
        let (status, ms) = (header.status, header.took.as_millis());
        breaches.push(format!("the header was answered {status} after {ms} ms"));
    }
    let padding = format!("x-padding: {}", "a".repeat(HEAD_BYTES));
    let head = answer_to(by, path, &padding).await?;
    if !matches!(head.status, 0 | 431) {
        breaches.push(format!("a head of {} MiB was answered {}", HEAD_BYTES >> 20, head.status));
    }
    Ok(header)
}

/// Send the head of an upload with one more header, and nothing of its body.
async fn answer_to(by: &Person, path: &str, header: &str) -> Result<Head, Stopped> {
    let url = reqwest::Url::parse(by.base()).ok();
    let address =
        url.and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
    let Some((host, port)) = address.filter(|_| by.base().starts_with("http:")) else {
        return Err(Stopped::skip("needs plain HTTP, to send a head without its body"));
    };
    let failed = |source| Error::Process { what: format!("connect to {host}"), source };
    let mut socket = TcpStream::connect((host.as_str(), port)).await.map_err(failed)?;
    let token = by.token().expose();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: Bearer {token}\r\ncontent-type: text/csv\r\n{header}\r\n\r\n"
    );
    let started = Instant::now();
    // A server that has read enough may close while we write.
    let _ = socket.write_all(head.as_bytes()).await;
    let mut answer = [0_u8; 12];
    let read = timeout(Duration::from_secs(5), socket.read_exact(&mut answer)).await;
    let took = started.elapsed();
    // Silence means that the server waits for the body.
    let status = if matches!(read, Ok(Ok(_))) { status_of(&answer) } else { 0 };
    Ok(Head { status, took })
}

/// The status of `HTTP/1.1 413`.
fn status_of(line: &[u8; 12]) -> u16 {
    std::str::from_utf8(&line[9..]).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A client with a body without a length.
struct Sender<'p> {
    by: Person,
    path: &'p str,
    /// Whether the body is small and unfolds to its size.
    packed: bool,
}

/// What a client was told.
struct Told {
    /// 0 if the connection was cut: the answer is lost.
    status: u16,
    /// Whether it is one too many for now, and was told when to come back.
    again: bool,
}

impl Sender<'_> {
    /// Send a body of so many bytes, and perhaps an error in place of its end.
    async fn send(&self, bytes: u64, ends: bool) -> Result<Told> {
        let part = if self.packed { member()? } else { Bytes::from_static(PART) };
        let unfolded = if self.packed { MEMBER } else { PART.len() };
        let parts = (0..bytes / unfolded as u64).map(move |_| Ok(part.clone()));
        let broken = (!ends).then(|| Err(std::io::Error::other("broken off on purpose")));
        let body = Body::wrap_stream(stream::iter(parts.chain(broken)));
        let ask = self.by.ask(Method::POST, self.path).body("text/csv", body).within(BODIES_MAX);
        let ask = if self.packed { ask.header("content-encoding", "gzip") } else { ask };
        match ask.send().await {
            Ok(Answer { status, headers, .. }) => {
                let again = matches!(status, 429 | 503) && headers.contains_key("retry-after");
                Ok(Told { status, again })
            }
            // A server that closes while one still writes has answered, and the answer is lost.
            Err(Error::Away { source, .. }) if source.is_body() || source.is_request() => {
                Ok(Told { status: 0, again: false })
            }
            Err(error) => Err(error),
        }
    }

    /// Send a body that never ends, so that nothing of it is kept.
    async fn break_off(&self, bytes: u64) {
        // The connection is cut, as intended: there is no answer to look at.
        let _ = self.send(bytes, false).await;
    }

    /// Send a body until it is past the limit.
    async fn pass(&self, limit: u64) -> Result<Told> {
        let mut told = Told { status: 0, again: false };
        for _ in 0..TRIES_MAX {
            // Enough beyond the limit that it does not matter what the connection holds back.
            told = self.send(limit + (4 << 20), true).await?;
            if told.status != 0 {
                break;
            }
        }
        Ok(told)
    }

    /// The same, coming back when told to.
    async fn insist(&self, limit: u64) -> Result<Told> {
        let mut told = self.pass(limit).await?;
        for _ in 1..TRIES_MAX {
            if !told.again {
                break;
            }
            sleep(TRY_EVERY).await;
            told = self.pass(limit).await?;
        }
        Ok(told)
    }
}

/// A member of a compressed body.
fn member() -> Result<Bytes> {
    let failed = |source| Error::Process { what: "pack a body".into(), source };
    let mut member = GzEncoder::new(Vec::new(), Compression::fast());
    member.write_all(&vec![0; MEMBER]).map_err(failed)?;
    Ok(member.finish().map_err(failed)?.into())
}

/// The resident memory of each process now, its peak begun anew.
pub(super) fn peaks(web: &[Process]) -> Result<Vec<(Process, u64)>> {
    let peak = |process: &Process| {
        process.forget_peak()?;
        Ok((*process, process.status_kib("VmRSS")?))
    };
    web.iter().map(peak).collect()
}

/// The largest growth of any process since.
pub(super) fn growth(before: &[(Process, u64)]) -> Result<u64> {
    let grown = before
        .iter()
        .map(|(process, before)| Ok(process.status_kib("VmHWM")?.saturating_sub(*before)));
    Ok(grown.collect::<Result<Vec<_>>>()?.into_iter().max().unwrap_or_default())
}

/// Ends when a process grew by so much that going on would tell nothing more.
async fn too_much(before: &[(Process, u64)]) -> Result<u64> {
    loop {
        let growth = growth(before)?;
        if growth > GROWTH_KIB_ENOUGH {
            return Ok(growth);
        }
        sleep(LOOK_EVERY).await;
    }
}
