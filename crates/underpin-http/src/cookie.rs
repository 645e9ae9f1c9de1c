//! The session's cookie.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::ApiSettings;

/// The longest that browsers keep a cookie. The server decides when a session ends; the cookie only must not end first.
const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// The name of a deployment's cookie: two deployments on one host do not overwrite each other's. With `https` the
/// prefix makes browsers refuse one that a sibling domain planted.
fn name(settings: &ApiSettings) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
    let deployment: String = settings.name.chars().map(plain).collect();
    let prefix = if settings.is_https() { "__Host-" } else { "" };
    format!("{prefix}{deployment}-session")
}

/// The token in a request's cookies; the first one if a name comes twice.
pub(crate) fn find<'a>(headers: &'a HeaderMap, settings: &ApiSettings) -> Option<&'a str> {
    let name = name(settings);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| (key.trim() == name).then(|| value.trim()))
}

/// The header that gives a browser its token.
pub(crate) fn give(token: &str, settings: &ApiSettings) -> HeaderValue {
    header_value(token, MAX_AGE_SECONDS, settings)
}

/// The header that takes it away.
pub(crate) fn take(settings: &ApiSettings) -> HeaderValue {
    header_value("", 0, settings)
}

fn header_value(token: &str, max_age: u32, settings: &ApiSettings) -> HeaderValue {
    let name = name(settings);
    let secure = if settings.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("base64url and a name of letters, digits and dashes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_rubbish() {
        let settings = ApiSettings::default();
        for (line, expected) in [
            ("underpin-session=abc", Some("abc")),
            ("a=b; underpin-session=abc; c=d", Some("abc")),
            ("underpin-session=abc; underpin-session=def", Some("abc")),
            (";;; =; ==; underpin-session = abc ;", Some("abc")),
            ("xunderpin-session=abc", None),
            ("underpin-session", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::COOKIE, HeaderValue::from_bytes(b"\xff=\xfe").unwrap());
            headers.append(header::COOKIE, line.parse().unwrap());
            assert_eq!(find(&headers, &settings), expected, "{line}");
        }
    }

    #[test]
    fn with_https_the_cookie_is_bound_to_its_host() {
        let public_url = Some("https://app.example.com".to_owned());
        let settings =
            ApiSettings { name: "Acme Prod".into(), public_url, ..ApiSettings::default() };
        assert_eq!(
            give("abc", &settings),
            "__Host-Acme-Prod-session=abc; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            take(&ApiSettings::default()),
            "underpin-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }
}
