//! Requests from other sites: Fetch Metadata and `Origin` (OWASP; no token to carry around).

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{Api, ApiSettings, Code, Problem, cookie};

/// What a request says of where it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site {
    /// By our own pages, or typed by the person.
    Ours,
    /// By another site.
    Foreign,
    /// Nothing: no browser of this decade.
    Silent,
}

/// Refuse what another site's page makes a browser send.
///
/// With a cookie an unsafe request must prove where it comes from. Without one (signing in) it must at least not say
/// that it comes from elsewhere. A request with `Authorization` uses no cookie, and no page can forge that header.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && !headers.contains_key(header::AUTHORIZATION) {
        let with_cookie = cookie::find(headers, &api.settings).is_some();
        let refused = match site(headers, &api.settings) {
            Site::Ours => false,
            Site::Foreign => true,
            Site::Silent => with_cookie,
        };
        if refused {
            return Problem::new(Code::CrossSite).into_response();
        }
    }
    next.run(request).await
}

/// Whether a web socket's handshake may be believed: it is a GET that opens more than a page could read, so with a cookie, or
/// with nothing, it must prove where it comes from. Programs say nothing of that and bring `Authorization`.
pub(crate) fn may_shake_hands(headers: &HeaderMap, settings: &ApiSettings) -> bool {
    headers.contains_key(header::AUTHORIZATION) || site(headers, settings) == Site::Ours
}

fn site(headers: &HeaderMap, settings: &ApiSettings) -> Site {
    let fetch_site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if let Some(b"same-origin" | b"none") = fetch_site {
        return Site::Ours;
    }
    match headers.get(header::ORIGIN) {
        Some(origin) => {
            let ours = origin.to_str().is_ok_and(|origin| is_ours(origin, headers, settings));
            if ours { Site::Ours } else { Site::Foreign }
        }
        None if fetch_site.is_some() => Site::Foreign,
        None => Site::Silent,
    }
}

/// The public URL's origin; where none is set, or one without TLS, also the host that was asked: each process of a
/// deployment on one machine is a site of its own.
fn is_ours(origin: &str, headers: &HeaderMap, settings: &ApiSettings) -> bool {
    let public = settings.public_url.as_deref();
    if public.is_some_and(|url| origin == self::origin(url)) {
        return true;
    }
    if settings.is_https() {
        return false;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    matches!(scheme, "http" | "https") && host.is_some_and(|host| host == authority)
}

/// Scheme and authority of a URL.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    &url[..end]
}

/// The session token of a request: `Authorization: Bearer` if there is such a header, else the cookie.
pub(crate) fn session_token<'a>(headers: &'a HeaderMap, settings: &ApiSettings) -> Option<&'a str> {
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        return cookie::find(headers, settings);
    };
    let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(public_url: Option<&str>, pairs: &[(&'static str, &str)]) -> Site {
        let settings =
            ApiSettings { public_url: public_url.map(str::to_owned), ..ApiSettings::default() };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        site(&headers, &settings)
    }

    #[test]
    fn origins_are_compared_whole() {
        let url = Some("https://app.example.com/console");
        for (origin, expected) in [
            ("https://app.example.com", Site::Ours),
            ("http://app.example.com", Site::Foreign),
            ("https://app.example.com:444", Site::Foreign),
            ("https://app.example.com.evil.test", Site::Foreign),
            ("https://evil.test/https://app.example.com", Site::Foreign),
            ("https://xapp.example.com", Site::Foreign),
            ("null", Site::Foreign),
            ("", Site::Foreign),
        ] {
            let host = ("host", "app.example.com");
            assert_eq!(judged(url, &[("origin", origin), host]), expected, "{origin}");
        }
    }

    #[test]
    fn without_a_public_url_the_host_that_was_asked_counts() {
        let host = ("host", "127.0.0.1:8080");
        let ours = ("origin", "http://127.0.0.1:8080");
        assert_eq!(judged(None, &[host, ours]), Site::Ours);
        assert_eq!(judged(None, &[host, ("origin", "http://127.0.0.1:9090")]), Site::Foreign);
        assert_eq!(judged(None, &[ours]), Site::Foreign);
    }

    #[test]
    fn a_public_url_without_tls_leaves_each_process_its_own_pages() {
        let url = Some("http://127.0.0.1:8080");
        let host = ("host", "127.0.0.1:9001");
        for (origin, expected) in [
            ("http://127.0.0.1:8080", Site::Ours),
            ("http://127.0.0.1:9001", Site::Ours),
            ("http://127.0.0.1:9002", Site::Foreign),
            ("http://evil.test", Site::Foreign),
        ] {
            assert_eq!(judged(url, &[host, ("origin", origin)]), expected, "{origin}");
        }
    }

    #[test]
    fn fetch_metadata_speaks_first() {
        for (value, expected) in [
            ("same-origin", Site::Ours),
            ("none", Site::Ours),
            ("same-site", Site::Foreign),
            ("cross-site", Site::Foreign),
            ("SAME-ORIGIN", Site::Foreign),
        ] {
            assert_eq!(judged(None, &[("sec-fetch-site", value)]), expected, "{value}");
        }
        assert_eq!(judged(None, &[]), Site::Silent);
        let listed = [("sec-fetch-site", "cross-site"), ("origin", "https://a.test")];
        assert_eq!(judged(Some("https://a.test"), &listed), Site::Ours);
    }
}
