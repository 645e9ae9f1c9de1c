//! Who may shake hands.

use underpin_http::ApiSettings;

use super::client::{Served, open};
use crate::stage::Stage;

const PATH: &str = "/v1/t/north/live";

/// The status of an answer that is no web socket, and its code.
fn refused(answer: Result<super::Client, (u16, String)>) -> (u16, String) {
    let (status, text) = answer.err().expect("no web socket");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    (status, json["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_page_of_another_site_is_refused_before_anything_else() {
    let stage = Stage::new().await;
    let served = Served::start(&stage.router, &stage.stop);
    let (cookie, token) = (stage.cookie("cyd").await, stage.token("cyd").await);
    let ours = format!("http://{}", served.address);
    let cross = (403, "cross_site".to_owned());
    let foreign = [
        "https://evil.test",
        "null",
        "",
        &format!("{ours}.evil.test"),
        &format!("{ours}0"),
        &format!("https://evil.test/{ours}"),
        "http://127.0.0.1",
    ];
    for origin in foreign {
        let answer = open(&served, PATH, &[("cookie", &cookie), ("origin", origin)]).await;
        assert_eq!(refused(answer), cross, "{origin}");
        // Before it is asked who it is.
        assert_eq!(refused(open(&served, PATH, &[("origin", origin)]).await), cross, "{origin}");
    }
    assert_eq!(refused(open(&served, PATH, &[("cookie", &cookie)]).await), cross, "no origin");
    let planted = [("cookie", &*cookie), ("sec-fetch-site", "cross-site")];
    assert_eq!(refused(open(&served, PATH, &planted).await), cross);
    for headers in [
        &[("cookie", &*cookie), ("origin", &*ours)][..],
        &[("cookie", &cookie), ("origin", &ours), ("sec-fetch-site", "same-origin")],
        &[("authorization", &format!("Bearer {token}"))],
        &[("authorization", &format!("Bearer {token}")), ("origin", "https://evil.test")],
    ] {
        assert!(open(&served, PATH, headers).await.is_ok(), "{headers:?}");
    }
}

#[tokio::test]
async fn only_members_get_in() {
    let stage = Stage::new().await;
    let served = Served::start(&stage.router, &stage.stop);
    let ours = format!("http://{}", served.address);
    let bearer = |token: &str| format!("Bearer {token}");
    let unknown = open(&served, PATH, &[("origin", &ours)]).await;
    assert_eq!(refused(unknown), (401, "unauthenticated".to_owned()));
    let junk = open(&served, PATH, &[("authorization", "Bearer x")]).await;
    assert_eq!(refused(junk), (401, "unauthenticated".to_owned()));
    let sue = bearer(&stage.token("sue").await);
    for path in [PATH, "/v1/t/nowhere/live"] {
        let answer = open(&served, path, &[("authorization", &sue)]).await;
        assert_eq!(refused(answer), (404, "not_found".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_get_that_is_no_handshake_is_malformed() {
    use crate::stage::{With as _, get};
    let stage = Stage::new().await;
    let token = stage.token("cyd").await;
    let answer = stage.ask(get(PATH).bearer(&token)).await;
    assert_eq!((answer.status.as_u16(), &*answer.code()), (400, "malformed"));
    let half = get(PATH).bearer(&token).with("connection", "upgrade").with("upgrade", "websocket");
    assert_eq!(stage.ask(half).await.code(), "malformed");
}

#[tokio::test]
async fn the_public_url_is_the_only_origin_where_there_is_one() {
    let public_url = Some("https://app.example.com".to_owned());
    let stage = Stage::with(ApiSettings { public_url, ..ApiSettings::default() }).await;
    let served = Served::start(&stage.router, &stage.stop);
    let cookie = stage.cookie("cyd").await;
    let asked = format!("http://{}", served.address);
    let wrong = open(&served, PATH, &[("cookie", &cookie), ("origin", &asked)]).await;
    assert_eq!(refused(wrong), (403, "cross_site".to_owned()));
    let right = [("cookie", &*cookie), ("origin", "https://app.example.com")];
    assert!(open(&served, PATH, &right).await.is_ok());
}
