//! Requests, and how long they took.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::site::{self, Site};

/// Requests before any is counted: connections, prepared statements, the planner's mind.
const WARM_UP: usize = 20;

/// What is asked, and by how many at once.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) what: &'static str,
    pub(crate) path: String,
    pub(crate) clients: usize,
}

/// What a question took, round by round, in milliseconds.
#[derive(Debug)]
pub(crate) struct Figures {
    what: &'static str,
    rounds: Vec<[f64; 3]>,
    bytes: usize,
}

impl Figures {
    /// A line of the table.
    pub(crate) fn line(&self) -> String {
        let [p50, p95, slowest] = [0, 1, 2].map(|index| {
            let mut values: Vec<f64> = self.rounds.iter().map(|round| round[index]).collect();
            values.sort_by(f64::total_cmp);
            let (middle, last) = (values[values.len() / 2], values[values.len() - 1]);
            format!("{middle:.1} ({:.1}–{last:.1})", values[0])
        });
        let kb = self.bytes as f64 / 1e3;
        format!("| {} | {p50} | {p95} | {slowest} | {kb:.1} |\n", self.what)
    }
}

/// Ask every question in every round, so that a slow minute of the machine meets them all.
pub(crate) async fn all(
    site: &Site,
    questions: &[Question],
    requests: usize,
    rounds: usize,
) -> Result<Vec<Figures>> {
    let mut figures: Vec<Figures> = questions
        .iter()
        .map(|question| Figures { what: question.what, rounds: Vec::new(), bytes: 0 })
        .collect();
    for round in 1..=rounds {
        for (question, figures) in questions.iter().zip(&mut figures) {
            ask(site, question, WARM_UP).await?;
            let (times, bytes) = ask(site, question, requests).await?;
            let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
            let line = [at(0.5), at(0.95), at(1.0)];
            eprintln!("round {round}: {line:.1?} {}", question.what);
            figures.rounds.push(line);
            figures.bytes = bytes;
        }
    }
    Ok(figures)
}

/// Milliseconds of each request, the fastest first, and the size of an answer.
async fn ask(site: &Site, question: &Question, requests: usize) -> Result<(Vec<f64>, usize)> {
    let each = requests.div_ceil(question.clients);
    let asking = (0..question.clients).map(|_| ask_in_turn(site, &question.path, each));
    let mut times = Vec::with_capacity(requests);
    let mut bytes = 0;
    for asked in futures_util::future::try_join_all(asking).await? {
        times.extend(asked.0);
        bytes = asked.1;
    }
    times.sort_by(f64::total_cmp);
    Ok((times, bytes))
}

async fn ask_in_turn(deployment: &Site, path: &str, requests: usize) -> Result<(Vec<f64>, usize)> {
    let client = site::client()?;
    let url = format!("http://{}{path}", deployment.address);
    let mut times = Vec::with_capacity(requests);
    let mut bytes = 0;
    for _ in 0..requests {
        let began = Instant::now();
        let answer = client.get(&url).bearer_auth(&deployment.token).send().await?;
        let status = answer.status();
        bytes = answer.bytes().await?.len();
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
        ensure!(status.is_success(), "{status} from {path}");
    }
    Ok((times, bytes))
}
