//! A slow upload and a long import keep nobody waiting.

mod probes;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{future::join_all, stream};
use reqwest::{Body, Method};
use tokio::{join, time::sleep};

use probes::{Probes, Taken};

use crate::{
    Answer, Book, Check, Import, Outcome, Person, Result, Severity, Stage, Stopped, Tenant, follow,
};

/// Funds of the book that is imported meanwhile: 80 reports each, 40,000 in all.
const FUNDS: u64 = 500;
/// Funds of each book that is sent slowly.
const SLOW_FUNDS: u64 = 75;
/// What a slow sender sends at a time, and how often: 64 KiB/s.
const PIECE: usize = 8 << 10;
const PIECE_EVERY: Duration = Duration::from_millis(125);
/// How long is probed without either.
const QUIET: Duration = Duration::from_secs(2);
/// Longest that an import may take.
const IMPORT_MAX: Duration = Duration::from_secs(40);
/// By when 95 of 100 probes are answered on a machine that has nothing else to do.
const USUAL_MS: u128 = 250;
/// How much slower they may be than without, where that is slow itself.
const SLOWER_MAX: u128 = 4;
/// An answer that takes so long has waited for the file, which takes more than twice that.
const LONGEST_MS: u128 = 2_500;

pub(super) const CHECK: Check = Check {
    id: "jobs.apart",
    seeds: &["S0.2"],
    severity: Severity::P1,
    promise: "While files arrive slowly and an import runs, every web process answers as before.",
    input: "to each web process a file at 64 KiB/s for 6 s, beside an import of 40,000 reports; 50 reads a second, and the same before",
    measure: "the answers to the reads and how long they took; what became of the files",
    threshold: "no error; 95 of 100 within 250 ms, or 4 times what they take without; none after 2.5 s; every report applied",
    fault: "upload_blocks",
    run: |stage| Box::pin(run(stage)),
};

async fn run(stage: &Stage) -> Result<Outcome, Stopped> {
    let tenants = stage.tenants().await?;
    let instances = stage.deployment()?.instances;
    let mut urls: Vec<_> = instances.into_iter().map(|instance| instance.url).collect();
    if urls.is_empty() {
        urls.push(tenants.a.owner.base().to_owned());
    }
    let people = [&tenants.a.member, &tenants.a.investor, &tenants.b.member, &tenants.b.investor];
    let readers: Vec<_> =
        urls.iter().flat_map(|url| people.iter().map(|person| person.at(url))).collect();
    let probes = Probes::begin(readers.clone());
    sleep(QUIET).await;
    let quiet = probes.end().await;

    let heavy = Book::new("Heavy", FUNDS);
    let import = heavy.upload(&tenants.a.owner, &tenants.a.slug).await?;
    let probes = Probes::begin(readers);
    let senders = urls.iter().enumerate().map(|(at, url)| {
        let book = Book::new(&format!("Slow {at}"), SLOW_FUNDS);
        send_slowly(tenants.b.owner.at(url), &tenants.b, book)
    });
    let (sent, ended) = join!(
        join_all(senders),
        follow(&tenants.a.owner, &tenants.a.slug, import, IMPORT_MAX, super::is_over)
    );
    let busy = probes.end().await;

    let mut breaches = super::miscounted(&ended?, heavy.rows);
    for sent in sent {
        let (book, answer) = sent?;
        if answer.status != 202 {
            breaches.push(format!("a slow file: {}", answer.unexpected()));
            continue;
        }
        let import = Import { id: answer.id_at("/import_id")?, job: answer.id_at("/job_id")? };
        let (owner, slug) = (&tenants.b.owner, &tenants.b.slug);
        let ended = follow(owner, slug, import, IMPORT_MAX, super::is_over).await?;
        breaches.extend(super::miscounted(&ended, book.rows));
    }
    breaches.extend(slower(&quiet, &busy));
    let (within, longest) = (busy.within_ms(95), busy.longest_ms());
    let measured = format!(
        "{} errors in {} reads; 95 of 100 within {within} ms, the longest {longest} ms",
        busy.errors.len(),
        busy.answers()
    );
    let without = format!("without: {} ms, {} ms", quiet.within_ms(95), quiet.longest_ms());
    Ok(Outcome::of_breaches(breaches, measured).evidence(without))
}

/// What the load did to the reads.
fn slower(quiet: &Taken, busy: &Taken) -> Vec<String> {
    let mut breaches = busy.errors.clone();
    let within_max = USUAL_MS.max(quiet.within_ms(95) * SLOWER_MAX);
    if busy.within_ms(95) > within_max {
        breaches.push(format!("5 of 100 took more than {within_max} ms"));
    }
    if busy.longest_ms() > LONGEST_MS {
        breaches.push(format!("one took {} ms", busy.longest_ms()));
    }
    breaches
}

/// Send a book as somebody with a slow line does.
async fn send_slowly(by: Person, to: &Tenant, book: Book) -> Result<(Book, Answer)> {
    let csv = Bytes::copy_from_slice(book.csv().as_bytes());
    let pieces = stream::unfold(csv, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        sleep(PIECE_EVERY).await;
        let piece = rest.split_to(PIECE.min(rest.len()));
        Some((Ok::<_, std::io::Error>(piece), rest))
    });
    let path = to.path("/imports?kind=funds&filename=slow.csv&currency=USD");
    let ask = by.ask(Method::POST, &path).body("text/csv", Body::wrap_stream(pieces));
    let answer = ask.send().await?;
    Ok((book, answer))
}
