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

/// A method's name; those beyond these are one, because anybody can invent one.
pub(crate) fn method_name(method: &Method) -> &'static str {
    const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    NAMES.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

impl Metrics {
    pub(crate) fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let key = (method_name(method).to_owned(), route.to_owned(), status.as_u16());
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

/// Write one counter: a help line, then `{labels} value` for each sample.
pub(crate) fn counter(
    text: &mut String,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (String, u64)>,
) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
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
