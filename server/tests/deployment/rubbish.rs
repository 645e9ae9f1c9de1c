//! Bad input gets a clear problem each, and costs no memory.

use std::io::{Read, Write as _};

use serde_json::json;
use underpin_testkit::{Client, Dev, http, read};

use crate::{UNDERPIN, client::Imports as _};

/// Resident memory of a process, in KiB.
fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

/// So many bytes of `a`, without having them.
struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.min(buffer.len() as u64) as usize;
        buffer[..count].fill(b'a');
        self.0 -= count as u64;
        Ok(count)
    }
}

#[test]
fn each_sort_of_rubbish_gets_its_own_clear_problem() {
    let dev = Dev::start(UNDERPIN, "rubbish");
    let (client, tenant) = Client::sign_in(&dev, 1, "owner");
    let web = dev.children("serve");
    let before: u64 = web.iter().map(|pid| resident_kib(*pid)).sum();

    // Past its limit by header: refused before a byte of the body is read.
    let address = dev.url().trim_start_matches("http://").to_owned();
    let (foreign, foreign_tenant) = Client::sign_in(&dev, 0, "owner");
    let mut socket = std::net::TcpStream::connect(&address).unwrap();
    let session = client
        .post("/v1/session", &json!({ "email": "nobody", "password": "x", "delivery": "token" }));
    assert!(session.status == 401 || session.status == 422, "{session:?}");
    write!(socket, "POST /v1/t/{tenant}/imports?kind=funds&filename=x.csv HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\ncontent-length: 99999999999\r\n\r\n").unwrap();
    let mut head = [0_u8; 12];
    socket.read_exact(&mut head).unwrap();
    assert!(
        matches!(&head, b"HTTP/1.1 401" | b"HTTP/1.1 413"),
        "{}",
        String::from_utf8_lossy(&head)
    );

    // Past its limit without one: refused while it streams.
    let body = reqwest::blocking::Body::new(Endless(400 << 20));
    let path = format!("/v1/t/{tenant}/imports?kind=funds&filename=x.csv&currency=USD");
    match client
        .request(reqwest::Method::POST, &path)
        .header("content-type", "text/csv")
        .body(body)
        .send()
    {
        Ok(response) => assert_eq!(read(response).body["code"], "too_large"),
        // The server may close while the client still writes.
        Err(error) => assert!(error.is_body() || error.is_request(), "{error:?}"),
    }

    let whole_file = |body: Vec<u8>| {
        let import = client.import(&tenant, body);
        let ended = client.finished(&tenant, &import);
        assert_eq!(ended["state"], "failed", "{ended}");
        ended["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(whole_file(b"".to_vec()), "empty_file");
    assert_eq!(
        whole_file(b"investor,fund,as_of,commitment\n\xff\xfe\xfd,b,2024-01-01,1\n".to_vec()),
        "not_utf8"
    );
    assert_eq!(
        whole_file(b"investor,fund,fund,as_of,commitment\na,b,c,2024-01-01,1\n".to_vec()),
        "header_twice"
    );
    assert_eq!(whole_file(b"a,b,c\n1,2,3\n".to_vec()), "header_missing");
    let columns = (0..10_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    assert_eq!(whole_file(columns.into_bytes()), "too_many_columns");
    let mut long = b"investor,fund,as_of,commitment\n\"".to_vec();
    long.extend(std::iter::repeat_n(b'x', 10 << 20));
    long.extend(b"\",b,2024-01-01,1\n");
    assert_eq!(whole_file(long), "row_too_long");

    // Ids that are no UUID, that nobody has, that another tenant has: the same 404.
    let theirs = foreign.get(&format!("/v1/t/{foreign_tenant}/funds?limit=1")).body;
    let theirs = theirs["items"][0]["id"].as_str().unwrap().to_owned();
    let mut answers = Vec::new();
    for id in ["no-uuid", "00000000-0000-7000-8000-000000000000", &theirs] {
        let answer = client.get(&format!("/v1/t/{tenant}/funds/{id}"));
        assert_eq!(answer.status, 404, "{id}: {answer:?}");
        let mut body = answer.body.clone();
        body.as_object_mut().unwrap().remove("instance");
        answers.push(body);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[1], answers[2]);
    for path in ["imports", "jobs"] {
        assert_eq!(client.get(&format!("/v1/t/{tenant}/{path}/{theirs}")).status, 404);
    }

    for query in
        ["limit=0", "limit=1000", "limit=x", "cursor=abc", "sort=secret", "as_of=2024-13-01"]
    {
        let answer = client.get(&format!("/v1/t/{tenant}/funds?{query}"));
        assert!(answer.status == 422 || answer.status == 400, "{query}: {answer:?}");
        assert!(answer.body["code"].is_string(), "{query}: {}", answer.text);
    }
    let after: u64 = dev.children("serve").iter().map(|pid| resident_kib(*pid)).sum();
    assert!(after < before + 48 * 1024, "web processes grew from {before} to {after} KiB");
}

#[test]
fn a_body_that_stops_is_given_up_and_leaves_nothing() {
    let dev = Dev::start(UNDERPIN, "stops");
    let (client, tenant) = Client::sign_in(&dev, 1, "owner");
    let user = &dev.ready["tenants"][1]["users"][0];
    let session = http();
    let session: serde_json::Value = session
        .post(format!("{}/v1/session", dev.url()))
        .json(&json!({ "email": user["email"], "password": user["password"], "delivery": "token" }))
        .send()
        .unwrap()
        .json()
        .unwrap();
    let token = session["token"].as_str().unwrap();
    let mut socket = std::net::TcpStream::connect(dev.url().trim_start_matches("http://")).unwrap();
    write!(socket, "POST /v1/t/{tenant}/imports?kind=funds&filename=x.csv&currency=USD HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: text/csv\r\ncontent-length: 1000\r\n\r\ninvestor,fund").unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer);
    assert!(!answer.starts_with("HTTP/1.1 202"), "{answer}");
    assert_eq!(client.get(&format!("/v1/t/{tenant}/imports")).body["items"], json!([]));
}
