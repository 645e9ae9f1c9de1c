//! The web console: files of `web/dist`, and its first page for every other address that a browser opens.
//!
//! The binary carries the files, so it serves the console wherever it is started. The build leaves a `.br` and a `.gz` beside each file
//! that gains by it: nothing is compressed while somebody waits.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
    routing::any,
};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// What the pages may do: nothing but what this server gives them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// Files whose name changes with their content.
const HASHED: &str = "assets/";
/// Encodings in the order of preference, each with what its files end with.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];
const MISSING: &str = include_str!("console/missing.html");

/// The fallback of the public router.
pub(crate) fn router() -> Router {
    Router::new().fallback(any(answer))
}

async fn answer(request: Request<Body>) -> Response<Body> {
    let mut response = choose(&request);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
    );
    response
}

fn choose(request: &Request<Body>) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(StatusCode::NOT_FOUND, "there is nothing here");
    }
    let path = request.uri().path().trim_start_matches('/');
    if !path.is_empty()
        && let Some(content) = files::find(path)
    {
        return file(path, content, request.headers());
    }
    let wants_page = |accept: &HeaderValue| accept.to_str().is_ok_and(|a| a.contains("text/html"));
    let page = request.headers().get(header::ACCEPT).is_some_and(wants_page);
    if path.starts_with(HASHED) || !(page || path.is_empty()) {
        return plain(StatusCode::NOT_FOUND, "there is nothing here");
    }
    match files::find("index.html") {
        Some(content) => file("index.html", content, request.headers()),
        None => {
            respond(StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", MISSING.into())
        }
    }
}

fn file(path: &str, content: Bytes, asked: &HeaderMap) -> Response<Body> {
    let digest = Sha256::digest(&content);
    let hash: String =
        digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    // Weak, because the bytes may leave compressed.
    let tag = format!("W/\"{hash}\"");
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| known.split(',').any(|t| t.trim() == tag)) {
        respond(StatusCode::NOT_MODIFIED, media_type(path), Bytes::new())
    } else {
        encoded(path, content, asked)
    };
    let varies = HeaderValue::from_static("accept-encoding");
    response.headers_mut().insert(header::VARY, varies);
    let keep =
        if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The file as the build compressed it, if whoever asks can read that.
fn encoded(path: &str, content: Bytes, asked: &HeaderMap) -> Response<Body> {
    let known = |encoding: &str| accepts(asked, encoding);
    let found = ENCODINGS
        .iter()
        .filter(|(encoding, _)| known(encoding))
        .find_map(|(encoding, end)| Some((*encoding, files::find(&format!("{path}{end}"))?)));
    let Some((encoding, smaller)) = found else {
        return respond(StatusCode::OK, media_type(path), content);
    };
    let mut response = respond(StatusCode::OK, media_type(path), smaller);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    response
}

/// Whether an encoding is named and not refused (RFC 9110 §12.5.3).
fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_some_and(|weight| weight > 0.0)
    })
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    respond(status, "text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()))
}

fn respond(status: StatusCode, media_type: &'static str, content: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(content));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

mod files {
    use bytes::Bytes;
    use rust_embed::RustEmbed;

    #[derive(RustEmbed)]
    #[folder = "../web/dist"]
    #[allow_missing = true]
    struct Dist;

    pub(super) fn find(path: &str) -> Option<Bytes> {
        match Dist::get(path)?.data {
            std::borrow::Cow::Borrowed(data) => Some(Bytes::from_static(data)),
            std::borrow::Cow::Owned(data) => Some(Bytes::from(data)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_used_if_it_is_named_and_not_refused() {
        for (list, br, gzip) in [
            ("br, gzip", true, true),
            ("GZIP;q=0.5, br;q=0", false, true),
            ("identity", false, false),
            ("brotli", false, false),
            ("br;q=nonsense", false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, list.parse().unwrap());
            assert_eq!([accepts(&headers, "br"), accepts(&headers, "gzip")], [br, gzip], "{list}");
        }
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
