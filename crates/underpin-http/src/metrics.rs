//! Counts of requests, as Prometheus reads them.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::{Method, StatusCode};

/// Counts by method, route template and status: all three have few values, so the map is small.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<(String, String, u16), Count>>);

#[derive(Debug, Default)]
struct Count {
    requests: u64,
    took: Duration,
}

/// Methods beyond these are one: anybody can invent one.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

impl Metrics {
    pub(crate) fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = if METHODS.contains(method) { method.as_str() } else { "other" };
        let key = (method.to_owned(), route.to_owned(), status.as_u16());
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        count.requests += 1;
        count.took += took;
    }

    /// Write the counts in Prometheus's text format.
    pub(crate) fn write(&self, text: &mut String) {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let label = |(method, route, status): &(String, String, u16)| {
            format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}")
        };
        text.push_str("# HELP underpin_http_requests_total Requests answered.\n");
        text.push_str("# TYPE underpin_http_requests_total counter\n");
        for (key, count) in counts.iter() {
            let _ = writeln!(text, "underpin_http_requests_total{} {}", label(key), count.requests);
        }
        text.push_str("# HELP underpin_http_request_seconds_sum Time spent on them.\n");
        text.push_str("# TYPE underpin_http_request_seconds_sum counter\n");
        for (key, count) in counts.iter() {
            let seconds = count.took.as_secs_f64();
            let _ = writeln!(text, "underpin_http_request_seconds_sum{} {seconds:.6}", label(key));
        }
    }
}

/// Write one gauge: a help line, then `{labels} value` for each sample.
pub(crate) fn gauge(
    text: &mut String,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (String, f64)>,
) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}
