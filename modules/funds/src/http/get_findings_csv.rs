use std::fmt::Write as _;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::stream;
use underpin::{
    base::Principal,
    http::{Api, Path, Problem, Staff},
};

use super::get_import::At;
use crate::{ImportId, KeptFinding, Result, ops::list_imports};

/// Findings read at a time.
const BATCH: i64 = 1_000;
const HEADER: &str = "\u{feff}line,column,severity,code,value,message\r\n";

/// What was found in an import as CSV with a byte order mark, for a spreadsheet: no cell can be taken for a formula.
#[utoipa::path(get, path = "/v1/t/{tenant}/imports/{import}/findings.csv", operation_id = "get_findings_csv", tag = "funds",
    params(("tenant" = String, Path), ("import" = String, Path, format = Uuid)),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub(crate) async fn get_findings_csv(
    State(api): State<Api>,
    Staff(tenant): Staff,
    Path(At { import }): Path<At>,
) -> Result<Response, Problem> {
    let by = tenant.principal;
    list_imports::get_import(&api.db, by, import).await?;
    let start = Some((0, Some(HEADER)));
    let batches = stream::try_unfold(start, move |place| {
        let api = api.clone();
        async move {
            let Some((after, header)) = place else { return Ok(None) };
            batch(&api, by, import, after, header).await.map(Some)
        }
    });
    let mut response = Body::from_stream(batches).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"findings.csv\""),
    );
    Ok(response)
}

type Place = Option<(i64, Option<&'static str>)>;

async fn batch(
    api: &Api,
    by: Principal,
    import: ImportId,
    after: i64,
    header: Option<&str>,
) -> Result<(Bytes, Place)> {
    let findings = list_imports::findings_after(&api.db, by, import, after, BATCH).await?;
    let mut text = header.unwrap_or_default().to_owned();
    for finding in &findings {
        write_line(&mut text, finding);
    }
    let more = findings.len() as i64 == BATCH;
    let next = findings.last().filter(|_| more).map(|last| (last.seq, None));
    Ok((text.into(), next))
}

fn write_line(text: &mut String, finding: &KeptFinding) {
    let KeptFinding { line, column, severity, code, value, message, .. } = finding;
    let _ = write!(text, "{line}");
    for field in [column, severity, code, value, message] {
        text.push(',');
        write_cell(text, field);
    }
    text.push_str("\r\n");
}

/// A cell that no spreadsheet runs: one that begins like a formula gets an apostrophe before it; quoted where CSV needs it.
fn write_cell(text: &mut String, cell: &str) {
    let guarded = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let quoted = guarded || cell.contains([',', '"', '\r', '\n']);
    if quoted {
        text.push('"');
    }
    if guarded {
        text.push('\'');
    }
    text.push_str(&cell.replace('"', "\"\""));
    if quoted {
        text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_can_be_taken_for_a_formula_or_break_its_line() {
        let cell = |cell: &str| {
            let mut text = String::new();
            write_cell(&mut text, cell);
            text
        };
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        for start in ["=", "+", "-", "@", "\t", "\r", "\n"] {
            assert!(cell(&format!("{start}1")).starts_with("\"'"), "{start:?}");
        }
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("plain 1-2"), "plain 1-2");
    }
}
