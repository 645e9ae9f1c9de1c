//! Requests as traces show them.

use std::time::{Duration, SystemTime};

use axum::http::{Method, StatusCode};
use underpin_base::{Fact, Operation, OperationKind};
use underpin_db::watch::Watch;

use crate::{Client, metrics::method_name};

/// What is asked all day to see whether the process lives, and what operators ask: beside it no other trace would be kept for long.
const UNTRACED: [&str; 5] = ["/livez", "/readyz", "/startupz", "/health", "/metrics"];
/// The operators' own.
const OPERATORS: &str = "/ops/";

/// A request that is being answered.
pub(crate) struct Traced(Operation);

impl Traced {
    /// Begin with what is known before anybody is asked; None for what is not worth a trace.
    ///
    /// The path, the query and the headers stay out: those may carry names and secrets.
    pub(crate) fn begin(client: &Client, method: &Method, route: &str) -> Option<Self> {
        if UNTRACED.contains(&route) || route.starts_with(OPERATORS) {
            return None;
        }
        let method = method_name(method);
        let facts: Vec<Fact> = vec![
            ("http.request.method", method.into()),
            ("http.route", route.to_owned().into()),
            ("underpin.request.id", client.request_id.clone().into()),
        ];
        Some(Self(Operation {
            trace: client.trace,
            parent: client.caller,
            link: None,
            kind: OperationKind::Request,
            name: format!("{method} {route}"),
            began: SystemTime::now(),
            took: Duration::ZERO,
            failed: false,
            facts,
            steps: Vec::new(),
            steps_left_out: 0,
        }))
    }

    /// The request as it ended.
    pub(crate) fn end(
        self,
        watch: &Watch,
        took: Duration,
        status: StatusCode,
        code: Option<&'static str>,
    ) -> Operation {
        let mut operation = self.0;
        operation.took = took;
        operation.failed = status.is_server_error();
        operation.facts.push(("http.response.status_code", i64::from(status.as_u16()).into()));
        operation.facts.extend(code.map(|code| ("underpin.problem.code", code.into())));
        let tenant = watch.tenant().map(|tenant| tenant.to_string());
        operation.facts.extend(tenant.map(|tenant| ("underpin.tenant.id", tenant.into())));
        (operation.steps, operation.steps_left_out) = watch.take_steps();
        operation
    }
}
