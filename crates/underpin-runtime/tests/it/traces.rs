//! Spans reach a collector, and a collector that does not take them costs nothing but spans.

use std::time::{Duration, SystemTime};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
};
use underpin_base::{Operation, OperationKind, Trace};
use underpin_runtime::{CancellationToken, Exporter, Service, Settings, Tracer, settings::Sources};

/// Longest wait for what must come.
const SOON: Duration = Duration::from_mins(2);

fn operation() -> Operation {
    Operation {
        trace: Trace::new(),
        parent: None,
        link: None,
        kind: OperationKind::Request,
        name: "GET /v1/things".to_owned(),
        began: SystemTime::now(),
        took: Duration::from_millis(3),
        failed: false,
        facts: Vec::new(),
        steps: Vec::new(),
        steps_left_out: 0,
    }
}

fn tracer(address: &str, share: &str) -> (Tracer, Exporter) {
    // Fails only where an earlier test of this process chose it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let endpoint = format!("http://{address}/v1/traces");
    let env = [("UNDERPIN_TRACES_ENDPOINT", endpoint.as_str()), ("UNDERPIN_TRACES_SHARE", share)];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let settings = Settings::load(&Sources { file: None, env }).unwrap();
    let service =
        Service { name: "test".into(), version: "1.2.3".into(), environment: "dev".into() };
    let (tracer, exporter) = Tracer::new(&settings.traces, service).unwrap();
    (tracer, exporter.unwrap())
}

/// A collector that answers each request with `answer`, or never; gives what it was sent, a connection at a time.
async fn collector(answer: Option<&'static str>) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (told, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut text = Vec::new();
            while !text.ends_with(b"]}") {
                if connection.read_buf(&mut text).await.unwrap_or_default() == 0 {
                    break;
                }
            }
            let _ = told.send(String::from_utf8(text).unwrap());
            if let Some(answer) = answer {
                let _ = connection.write_all(answer.as_bytes()).await;
            } else {
                open.push(connection);
            }
        }
    });
    (address, heard)
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
const REFUSED: &str =
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, work).await.expect("it must come")
}

#[tokio::test]
async fn what_is_over_reaches_the_collector_with_its_service() {
    let (address, mut heard) = collector(Some(TAKEN)).await;
    let (tracer, exporter) = tracer(&address, "1");
    let stop = CancellationToken::new();
    let told = stop.clone();
    let exporting = tokio::spawn(async move { exporter.run(told).await });
    let operation = operation();
    let id = operation.trace.trace_id();
    tracer.record(operation);
    let text = within(heard.recv()).await.unwrap();
    assert!(text.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{text}");
    for part in [id.as_str(), "GET /v1/things", "application/json", "service.name", "1.2.3"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    stop.cancel();
    within(exporting).await.unwrap();
    assert_eq!((tracer.sent(), tracer.lost()), (1, 0));
    assert_eq!(tracer.find(&id).len(), 1, "it is kept here too");
}

#[tokio::test]
async fn what_waits_when_the_process_ends_is_sent() {
    let (address, mut heard) = collector(Some(TAKEN)).await;
    let (tracer, exporter) = tracer(&address, "1");
    let operations: Vec<_> = std::iter::repeat_with(operation).take(3).collect();
    let ids: Vec<_> = operations.iter().map(|one| one.trace.trace_id()).collect();
    for one in operations {
        tracer.record(one);
    }
    let stop = CancellationToken::new();
    stop.cancel();
    within(exporter.run(stop)).await;
    let text = within(heard.recv()).await.unwrap();
    assert!(ids.iter().all(|id| text.contains(id.as_str())), "{text}");
    assert_eq!(tracer.sent(), 3);
}

#[tokio::test]
async fn a_collector_that_hangs_holds_up_nobody_and_what_it_does_not_take_is_counted() {
    let (address, mut heard) = collector(None).await;
    let (tracer, exporter) = tracer(&address, "1");
    let stop = CancellationToken::new();
    let told = stop.clone();
    let exporting = tokio::spawn(async move { exporter.run(told).await });
    tracer.record(operation());
    within(heard.recv()).await.unwrap();
    // The exporter waits for its answer meanwhile, in this very thread: whoever waited for it here would wait for ever.
    for _ in 0..5_000 {
        tracer.record(operation());
    }
    let lost = tracer.lost();
    assert!((2_000..5_000).contains(&lost), "{lost} of 5,000 found no place");
    assert_eq!(tracer.sent(), 0);
    exporting.abort();
}

#[tokio::test]
async fn what_a_collector_refuses_or_is_not_there_for_is_lost_and_counted() {
    let (refusing, _heard) = collector(Some(REFUSED)).await;
    for address in [refusing.as_str(), "127.0.0.1:1"] {
        let (tracer, exporter) = tracer(address, "1");
        tracer.record(operation());
        let stop = CancellationToken::new();
        stop.cancel();
        within(exporter.run(stop)).await;
        assert_eq!((tracer.sent(), tracer.lost()), (0, 1), "{address}");
    }
}

#[tokio::test]
async fn a_share_of_the_traces_is_sent_and_all_of_them_are_kept() {
    let (tracer, _exporter) = tracer("127.0.0.1:1", "0");
    let operation = operation();
    let id = operation.trace.trace_id();
    for _ in 0..3_000 {
        tracer.record(operation.clone());
    }
    assert_eq!(tracer.lost(), 0, "nothing waits to be sent");
    assert!(!tracer.find(&id).is_empty());
}

#[test]
fn a_share_is_a_number_from_0_to_1() {
    for (text, fine) in [
        ("0", true),
        ("0.25", true),
        ("1", true),
        ("1.5", false),
        ("-1", false),
        ("NaN", false),
        ("all", false),
    ] {
        let env = vec![("UNDERPIN_TRACES_SHARE".to_owned(), text.to_owned())];
        assert_eq!(Settings::load(&Sources { file: None, env }).is_ok(), fine, "{text}");
    }
}
