//! The loop that takes connections, on a real socket.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
};
use underpin_http::{ApiSettings, ServeOptions, serve};
use underpin_runtime::CancellationToken;

use crate::stage::Stage;

/// Longest wait for what should come at once; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_mins(2);

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

fn start(stage: &Stage, options: ServeOptions) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(serve(listener, stage.router.clone(), options, stop.clone()));
    Running { address, stop, task }
}

async fn exchange(socket: &mut TcpStream, request: &str) -> String {
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = tokio::time::timeout(PATIENCE, socket.read(&mut buffer));
        let read = read.await.expect("an answer in time").unwrap();
        answer.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: "));
            length.is_some_and(|length| body.len() >= length.parse::<usize>().unwrap())
        });
        if whole || read == 0 {
            return text;
        }
    }
}

#[tokio::test]
async fn a_connection_serves_many_requests_and_the_peer_is_known() {
    let stage = Stage::new().await;
    let running = start(&stage, ServeOptions::default());
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    for _ in 0..3 {
        let answer = exchange(&mut socket, "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with("ok"), "{answer}");
    }
    running.stop.cancel();
    running.task.await.unwrap().unwrap();
    assert_eq!(socket.read(&mut [0; 1]).await.unwrap(), 0, "an idle connection is closed");
    assert!(TcpStream::connect(running.address).await.is_err(), "and none is taken");
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let stage = Stage::new().await;
    let options =
        ServeOptions { header_timeout: Duration::from_millis(100), ..ServeOptions::default() };
    let running = start(&stage, options);
    for head in ["", "GET /livez HTT"] {
        let mut socket = TcpStream::connect(running.address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut rest));
        closed.await.expect("closed in time").unwrap();
    }
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    let huge = format!("GET /livez HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(200_000));
    // Refused in words, or closed, or reset because bytes were still on the way.
    let _ = socket.write_all(huge.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("closed");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

/// A head that never ends, a byte at a time, until nobody takes it.
async fn trickle(mut head: tokio::net::tcp::OwnedWriteHalf) -> std::io::Result<()> {
    head.write_all(b"GET /livez HTTP/1.1\r\nx: ").await?;
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    loop {
        beat.tick().await;
        head.write_all(b"y").await?;
    }
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_off_however_often_a_byte_comes() {
    let stage = Stage::new().await;
    let options =
        ServeOptions { header_timeout: Duration::from_millis(300), ..ServeOptions::default() };
    let running = start(&stage, options);
    let socket = TcpStream::connect(running.address).await.unwrap();
    let (mut answer, head) = socket.into_split();
    let trickle = tokio::spawn(trickle(head));
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, answer.read_to_end(&mut rest));
    // Closed in order, or reset because bytes were still on the way.
    let _ = closed.await.expect("closed in time");
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    assert!(trickle.await.unwrap().is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_thousand_connections_that_never_speak_keep_nobody_out_and_are_closed() {
    let stage = Stage::new().await;
    let options =
        ServeOptions { header_timeout: Duration::from_secs(5), ..ServeOptions::default() };
    let running = start(&stage, options);
    let mut silent = Vec::new();
    // Two descriptors each: as many as a usual limit of 4,096 allows.
    for _ in 0..1_000 {
        silent.push(TcpStream::connect(running.address).await.unwrap());
    }
    let mut speaks = TcpStream::connect(running.address).await.unwrap();
    let answer = exchange(&mut speaks, "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for mut socket in silent {
        let mut rest = [0; 1];
        let closed = tokio::time::timeout(PATIENCE, socket.read(&mut rest));
        assert!(matches!(closed.await.expect("closed in time"), Ok(0) | Err(_)));
    }
}

#[tokio::test]
async fn what_is_running_at_the_stop_ends_or_is_cut_off_at_the_deadline() {
    let settings =
        ApiSettings { request_timeout: Duration::from_millis(200), ..ApiSettings::default() };
    let stage = Stage::with(settings).await;
    // Ends by itself in 300 ms.
    let running = start(&stage, ServeOptions::default());
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    let request = "GET /v1/test/takes-its-time HTTP/1.1\r\nhost: x\r\n\r\n";
    let (answer, ()) = tokio::join!(exchange(&mut socket, request), async {
        underpin_testkit::until("the request is in", async || {
            let text = stage.ask(crate::stage::get("/health")).await.text;
            text.contains("ok").then_some(())
        })
        .await;
        running.stop.cancel();
    });
    assert!(answer.ends_with("done"), "{answer}");
    running.task.await.unwrap().unwrap();

    let options = ServeOptions { drain: Duration::from_millis(100), ..ServeOptions::default() };
    let running = start(&stage, options);
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    let request = "POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    running.stop.cancel();
    tokio::time::timeout(PATIENCE, running.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let stage = Stage::new().await;
    let running = start(&stage, ServeOptions { connections_max: 1, ..ServeOptions::default() });
    let mut first = TcpStream::connect(running.address).await.unwrap();
    let request = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    exchange(&mut first, request).await;
    let mut second = TcpStream::connect(running.address).await.unwrap();
    let waits = exchange(&mut second, request);
    tokio::pin!(waits);
    let early = tokio::time::timeout(Duration::from_millis(100), &mut waits).await;
    assert!(early.is_err(), "answered while there was no place: {early:?}");
    drop(first);
    assert!(waits.await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn whoever_has_connected_before_the_stop_is_answered() {
    let stage = Stage::new().await;
    let running = start(&stage, ServeOptions::default());
    let request = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    // Connections are taken in their order: once a later one is answered, the first one is in.
    let mut later = TcpStream::connect(running.address).await.unwrap();
    exchange(&mut later, request).await;
    running.stop.cancel();
    assert_eq!(later.read(&mut [0; 1]).await.unwrap(), 0, "an idle connection is closed");
    let answer = exchange(&mut silent, request).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap(), 0, "and closed after its answer");
    running.task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_process_that_drains_takes_requests_and_closes_each_connection_with_its_answer() {
    let stage = Stage::new().await;
    let running = start(&stage, ServeOptions::default());
    let mut kept = TcpStream::connect(running.address).await.unwrap();
    let request = "GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n";
    let answer = exchange(&mut kept, request).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && !answer.contains("connection: close"),
        "{answer}"
    );
    stage.api.health.set_draining();
    let mut fresh = TcpStream::connect(running.address).await.unwrap();
    for socket in [&mut kept, &mut fresh] {
        let answer = exchange(socket, request).await;
        assert!(
            answer.starts_with("HTTP/1.1 503") && answer.contains("connection: close"),
            "{answer}"
        );
        assert_eq!(socket.read(&mut [0; 1]).await.unwrap(), 0, "closed");
    }
    running.stop.cancel();
    running.task.await.unwrap().unwrap();
}
