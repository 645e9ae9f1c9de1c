//! Requests by verb and route: how many, how they ended, how long they took.

mod text;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use axum::http::{Method, StatusCode};
use underpin_base::Histogram;

pub(crate) use text::Text;

/// Methods that are told apart; any other is `other`, because anybody can invent one.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];
/// Routes that are told apart; any further is [`OTHER`]. A program has as many as it has templates.
pub(crate) const ROUTES_MAX: usize = 1_024;
/// What is told apart no more.
const OTHER: &str = "other";

/// Figures by route template and method. A request that has come before is counted without an allocation.
#[derive(Debug, Default)]
pub(crate) struct Metrics(RwLock<HashMap<Arc<str>, ByMethod>>);

type ByMethod = [Mutex<Option<Box<Figures>>>; METHODS.len() + 1];

/// What a request was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    /// Whether it took longer than it should.
    pub(crate) slow: bool,
    pub(crate) statements: u32,
    pub(crate) in_database: Duration,
}

/// What requests of one kind were, in sum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// How often each status was answered.
    pub(crate) statuses: Vec<(u16, u64)>,
    pub(crate) took: Histogram,
    pub(crate) slow: u64,
    pub(crate) statements: u64,
    pub(crate) in_database: Duration,
}

/// The figures of one route and method.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) route: Arc<str>,
    pub(crate) method: &'static str,
    pub(crate) figures: Figures,
}

impl Metrics {
    /// Show a route from the start, before anybody asks for it.
    pub(crate) fn expect(&self, method: &Method, route: &str) {
        self.with(method, route, |_| {});
    }

    /// How many routes are told apart so far.
    pub(crate) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Count a request.
    pub(crate) fn count(&self, method: &Method, route: &str, taken: Taken) {
        self.with(method, route, |figures| figures.count(taken));
    }

    /// All figures as they are, by route and method.
    pub(crate) fn read(&self) -> Vec<Series> {
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut list = Vec::new();
        for (route, methods) in routes.iter() {
            for (at, figures) in methods.iter().enumerate() {
                let figures = figures.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(figures) = figures.as_deref() else { continue };
                let method = METHODS.get(at).map_or(OTHER, method_name);
                list.push(Series { route: Arc::clone(route), method, figures: figures.clone() });
            }
        }
        list.sort_by(|a, b| (&a.route, a.method).cmp(&(&b.route, b.method)));
        list
    }

    /// The sum of all figures.
    pub(crate) fn total(&self) -> Figures {
        Figures::sum(&self.read())
    }

    fn with(&self, method: &Method, route: &str, change: impl FnOnce(&mut Figures)) {
        let at = METHODS.iter().position(|known| known == method).unwrap_or(METHODS.len());
        let routes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(methods) = routes.get(route) {
            return apply(methods, at, change);
        }
        drop(routes);
        let mut routes = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let full = routes.len() >= ROUTES_MAX && !routes.contains_key(route);
        let route = if full { OTHER } else { route };
        apply(routes.entry(route.into()).or_default(), at, change);
    }
}

fn apply(methods: &ByMethod, at: usize, change: impl FnOnce(&mut Figures)) {
    let mut figures = methods[at].lock().unwrap_or_else(PoisonError::into_inner);
    change(figures.get_or_insert_default());
}

/// A method's name; those that are not told apart are one.
pub(crate) const fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => OTHER,
    }
}

impl Figures {
    /// The sum of these.
    pub(crate) fn sum(series: &[Series]) -> Self {
        let mut sum = Self::default();
        for one in series {
            sum.add(&one.figures);
        }
        sum
    }

    fn count(&mut self, taken: Taken) {
        self.answered(taken.status.as_u16(), 1);
        self.took.record(taken.took);
        self.slow += u64::from(taken.slow);
        self.statements += u64::from(taken.statements);
        self.in_database += taken.in_database;
    }

    fn answered(&mut self, status: u16, times: u64) {
        match self.statuses.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += times,
            None => self.statuses.push((status, times)),
        }
    }

    fn add(&mut self, other: &Self) {
        other.statuses.iter().for_each(|(status, count)| self.answered(*status, *count));
        self.took.add(&other.took);
        self.slow += other.slow;
        self.statements += other.statements;
        self.in_database += other.in_database;
    }

    /// What came since an earlier state of the same.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let mut later = self.clone();
        for (status, count) in &mut later.statuses {
            let before = earlier.statuses.iter().find(|(known, _)| known == status);
            *count -= before.map_or(0, |(_, before)| *before);
        }
        later.took = later.took.since(&earlier.took);
        later.slow -= earlier.slow;
        later.statements -= earlier.statements;
        later.in_database = later.in_database.saturating_sub(earlier.in_database);
        later
    }

    /// How many were answered with a status of this class: 5 for 500 to 599.
    pub(crate) fn of_class(&self, class: u16) -> u64 {
        let of_class = self.statuses.iter().filter(|(status, _)| status / 100 == class);
        of_class.map(|(_, count)| count).sum()
    }
}

/// Write the figures of requests.
pub(crate) fn write(series: &[Series], text: &mut Text) {
    let labels =
        |series: &Series| format!("method=\"{}\",route=\"{}\"", series.method, series.route);
    text.counter("underpin_http_requests", "Requests answered.");
    for one in series {
        let labels = labels(one);
        for (status, count) in &one.figures.statuses {
            text.total(&format!("{labels},status=\"{status}\""), *count as f64);
        }
    }
    text.histogram("underpin_http_request_seconds", "Time until the head of the answer.");
    for one in series {
        text.spread(&labels(one), &one.figures.took);
    }
    text.counter(
        "underpin_http_slow_requests",
        "Requests that took longer than log.slow_request_ms.",
    );
    for one in series {
        text.total(&labels(one), one.figures.slow as f64);
    }
    text.counter("underpin_http_statements", "Statements of requests.");
    for one in series {
        text.total(&labels(one), one.figures.statements as f64);
    }
    text.counter("underpin_http_statement_seconds", "Time that requests spent on statements.");
    for one in series {
        text.total(&labels(one), one.figures.in_database.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(status: u16, ms: u64) -> Taken {
        Taken {
            status: StatusCode::from_u16(status).unwrap(),
            took: Duration::from_millis(ms),
            slow: ms > 1_000,
            statements: 2,
            in_database: Duration::from_millis(1),
        }
    }

    #[test]
    fn what_a_part_adds_is_in_the_total_and_what_came_since_is_the_rest() {
        let metrics = Metrics::default();
        metrics.count(&Method::GET, "/a", taken(200, 3));
        let before = metrics.total();
        metrics.count(&Method::POST, "/a", taken(503, 1_500));
        metrics.count(&Method::GET, "/b", taken(200, 3));
        let (total, since) = (metrics.total(), metrics.total().since(&before));
        assert_eq!(
            (total.took.count(), total.of_class(2), total.of_class(5), total.slow),
            (3, 2, 1, 1)
        );
        assert_eq!((since.took.count(), since.of_class(2), since.statements), (2, 1, 4));
        assert_eq!(metrics.read().len(), 3);
    }

    #[test]
    fn neither_invented_methods_nor_invented_routes_make_more_series_than_there_may_be() {
        let metrics = Metrics::default();
        for number in 0..ROUTES_MAX + 50 {
            let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
            metrics.count(&method, "/a", taken(200, 1));
            metrics.count(&Method::GET, &format!("/{number}"), taken(200, 1));
        }
        let list = metrics.read();
        assert_eq!(list.len(), ROUTES_MAX + 1);
        let other = list.iter().find(|one| &*one.route == OTHER).unwrap();
        assert_eq!(other.figures.took.count(), 51);
        assert_eq!(metrics.total().took.count() as usize, 2 * (ROUTES_MAX + 50));
    }
}
