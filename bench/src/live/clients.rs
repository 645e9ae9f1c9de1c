//! Web sockets of the measurement.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::site::{Site, TENANT, topic};

/// A client in some rooms.
pub(crate) struct Client(WebSocketStream<TcpStream>);

impl Client {
    pub(crate) async fn join(site: &Site, address: SocketAddr, rooms: &[usize]) -> Result<Self> {
        let url = format!("ws://{address}/v1/t/{TENANT}/live");
        let mut request = url.into_client_request()?;
        let bearer = format!("Bearer {}", site.token).parse()?;
        request.headers_mut().insert("authorization", bearer);
        let (socket, _) = client_async(request, TcpStream::connect(address).await?).await?;
        let mut client = Self(socket);
        for room in rooms {
            let join = json!({ "op": "join", "room": topic(*room).as_str() });
            client.0.send(Message::text(join.to_string())).await?;
            let joined = client.next().await?;
            ensure!(joined["op"] == "joined", "{joined}");
        }
        Ok(client)
    }

    /// The next text; pings are answered on the way.
    pub(crate) async fn next(&mut self) -> Result<Value> {
        loop {
            let message = self.0.next().await.context("the socket ended")??;
            if let Message::Text(text) = message {
                return Ok(serde_json::from_str(&text)?);
            }
        }
    }
}
