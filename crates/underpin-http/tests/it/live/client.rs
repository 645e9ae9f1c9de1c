//! A web socket's client, and a server for it to talk to.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum::Router;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};
use underpin_http::{ServeOptions, serve};
use underpin_runtime::CancellationToken;

/// Longest wait for what should come at once.
const PATIENCE: Duration = Duration::from_mins(2);

/// A process that serves a router.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub(crate) fn start(router: &Router, stop: &CancellationToken) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = serve(listener, router.clone(), ServeOptions::default(), stop.clone());
        Self { address, task: tokio::spawn(served) }
    }
}

/// A client that is connected.
pub(crate) struct Client(WebSocketStream<TcpStream>);

/// Shake hands; the answer's status and body if it is no web socket.
pub(crate) async fn open(
    served: &Served,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Client, (u16, String)> {
    let socket = TcpSocket::new_v4().unwrap();
    // What is not read is soon felt by the server.
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let socket = socket.connect(served.address).await.unwrap();
    let mut request = format!("ws://{}{path}", served.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    match client_async(request, socket).await {
        Ok((socket, _)) => Ok(Client(socket)),
        Err(Error::Http(answer)) => {
            let body = answer.body().clone().unwrap_or_default();
            Err((answer.status().as_u16(), String::from_utf8(body).unwrap()))
        }
        Err(error) => panic!("{error}"),
    }
}

impl Client {
    pub(crate) async fn connect(served: &Served, tenant: &str, token: &str) -> Self {
        let bearer = format!("Bearer {token}");
        let path = format!("/v1/t/{tenant}/live");
        open(served, &path, &[("authorization", &bearer)]).await.unwrap_or_else(|(_, text)| {
            panic!("no web socket but {text}");
        })
    }

    /// Connected and in a room.
    pub(crate) async fn joined(served: &Served, tenant: &str, token: &str, room: &str) -> Self {
        let mut client = Self::connect(served, tenant, token).await;
        let answer = client.ask(&json!({ "op": "join", "room": room })).await;
        assert_eq!(answer["op"], "joined", "{answer}");
        client
    }

    pub(crate) async fn say(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.unwrap();
    }

    pub(crate) async fn ask(&mut self, said: &Value) -> Value {
        self.say(said.to_string()).await;
        self.next().await
    }

    async fn message(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a message in time")
    }

    /// The next text, as JSON.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            match self.message().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("no text but {other:?}"),
            }
        }
    }

    /// The number of the next event.
    pub(crate) async fn number(&mut self) -> i64 {
        let frame = self.next().await;
        assert_eq!(
            (&frame["op"], &frame["kind"]),
            (&json!("event"), &json!("news.told")),
            "{frame}"
        );
        frame["data"]["number"].as_i64().unwrap()
    }

    /// The code and reason with which the server closes; texts before it are let go.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.message().await {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(Message::Text(_) | Message::Ping(_))) => {}
                other => panic!("no close but {other:?}"),
            }
        }
    }
}
