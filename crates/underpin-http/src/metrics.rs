//! Counts of requests, as Prometheus reads them.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::{Method, StatusCode};

/// Counts by method, route template and status: all three have few values, so the map is small; it is bounded all the same.
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
    /// Most series; what comes when all are taken is counted under one that says nothing of route and method.
    pub(crate) const SERIES_MAX: usize = 4_096;

    /// How many series there are.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn count(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let mut key = (method_name(method).to_owned(), route.to_owned(), status.as_u16());
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The last place is for all the rest.
        if counts.len() + 1 >= Self::SERIES_MAX && !counts.contains_key(&key) {
            key = ("other".to_owned(), "other".to_owned(), 0);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_bounded_and_none_is_lost() {
        let metrics = Metrics::default();
        let count =
            |route: &str| metrics.count(&Method::GET, route, StatusCode::OK, Duration::ZERO);
        for route in 0..Metrics::SERIES_MAX + 10 {
            count(&route.to_string());
        }
        count("0");
        assert_eq!(metrics.len(), Metrics::SERIES_MAX);
        let mut text = String::new();
        metrics.write(&mut text);
        assert!(text.contains("{method=\"GET\",route=\"0\",status=\"200\"} 2"), "{text}");
        assert!(text.contains("{method=\"other\",route=\"other\",status=\"0\"} 11"), "{text}");
    }
}
