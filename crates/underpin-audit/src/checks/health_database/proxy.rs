//! A line to the database that can be cut.

use std::{convert::Infallible, io, net::Ipv4Addr, path::PathBuf, pin::pin};

use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::JoinSet,
};

use crate::{Error, Result, Stopped};

/// The port of a database whose URL names none.
const DEFAULT_PORT: u16 = 5_432;

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It carries what either side says.
    Whole,
    /// Every connection is closed, and each new one at once.
    Cut,
    /// Connections stay open, and nothing comes through.
    Silent,
}

/// Where the database listens.
#[derive(Debug, Clone)]
enum Place {
    Socket(PathBuf),
    Address(String, u16),
}

/// Carries connections of a port of this machine to the database, as long as it is [run](Proxy::run).
#[derive(Debug)]
pub(super) struct Proxy {
    listener: TcpListener,
    port: u16,
    place: Place,
    line: watch::Sender<Line>,
}

impl Proxy {
    /// Listen, for the database of a URL.
    ///
    /// Errors: skip, where the connection is encrypted: its certificate is not for this machine.
    pub(super) async fn open(url: &str) -> Result<Self, Stopped> {
        let place = place(url)?;
        let opened = async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let failed =
            |source: io::Error| Error::Process { what: "listen as a proxy".into(), source };
        let (listener, port) = opened.await.map_err(failed)?;
        Ok(Self { listener, port, place, line: watch::Sender::new(Line::Whole) })
    }

    /// The same URL by way of this proxy.
    pub(super) fn by_way(&self, url: &str) -> Result<String, Stopped> {
        let mut url = read(url)?;
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| !matches!(name.as_ref(), "host" | "hostaddr" | "port"))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        if url.host().is_some() {
            let moved =
                url.set_host(Some("127.0.0.1")).is_ok() && url.set_port(Some(self.port)).is_ok();
            moved.then_some(()).ok_or_else(unreadable)?;
        }
        let named = url.host().is_some();
        let mut query = url.query_pairs_mut();
        query.clear().extend_pairs(kept);
        if !named {
            query.append_pair("host", "127.0.0.1").append_pair("port", &self.port.to_string());
        }
        drop(query);
        Ok(url.into())
    }

    /// Change how the line is.
    pub(super) fn set(&self, line: Line) {
        self.line.send_replace(line);
    }

    /// Carry connections; they end with the call.
    pub(super) async fn run(&self) -> Infallible {
        let mut carried = JoinSet::new();
        loop {
            tokio::select! {
                Some(_) = carried.join_next() => {}
                taken = self.listener.accept() => {
                    // One that was given up before it was taken is no loss.
                    if let Ok((client, _)) = taken {
                        carried.spawn(carry(client, self.place.clone(), self.line.subscribe()));
                    }
                }
            }
        }
    }
}

fn unreadable() -> Stopped {
    Stopped::skip("cannot read the database's URL")
}

fn read(url: &str) -> Result<reqwest::Url, Stopped> {
    reqwest::Url::parse(url).map_err(|_| unreadable())
}

fn place(url: &str) -> Result<Place, Stopped> {
    let url = read(url)?;
    let asked = |wanted: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    if asked("sslmode").is_some_and(|mode| mode != "disable" && mode != "prefer") {
        return Err(Stopped::skip("the connection to the database is encrypted"));
    }
    let port = asked("port").and_then(|port| port.parse().ok()).or(url.port());
    let port = port.unwrap_or(DEFAULT_PORT);
    let host = asked("host").or_else(|| url.host_str().map(str::to_owned));
    match host.ok_or_else(unreadable)? {
        dir if dir.starts_with('/') => {
            Ok(Place::Socket(PathBuf::from(dir).join(format!(".s.PGSQL.{port}"))))
        }
        host => Ok(Place::Address(host, port)),
    }
}

/// Carry one connection to its end.
async fn carry(client: TcpStream, place: Place, mut line: watch::Receiver<Line>) {
    // The proxy outlives what it carries; a line that is cut takes no connection.
    let Ok(open) = line.wait_for(|line| *line != Line::Silent).await.map(|line| *line) else {
        return;
    };
    if open == Line::Cut {
        return;
    }
    match place {
        Place::Socket(path) => {
            if let Ok(server) = UnixStream::connect(path).await {
                pump(client, server, line).await;
            }
        }
        Place::Address(host, port) => {
            if let Ok(server) = TcpStream::connect((host, port)).await {
                pump(client, server, line).await;
            }
        }
    }
}

async fn pump<S: AsyncRead + AsyncWrite + Unpin>(
    mut client: TcpStream,
    mut server: S,
    mut line: watch::Receiver<Line>,
) {
    let mut copy = pin!(copy_bidirectional(&mut client, &mut server));
    loop {
        let now = *line.borrow_and_update();
        let changed = match now {
            Line::Cut => return,
            Line::Silent => line.changed().await,
            Line::Whole => tokio::select! {
                _ = copy.as_mut() => return,
                changed = line.changed() => changed,
            },
        };
        if changed.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_url_is_led_by_way_of_the_proxy_however_it_names_its_host() {
        let of_socket = "postgresql:///x?user=a&password=b&host=%2Ftmp%2Fpg&port=5433";
        let of_address = "postgres://a:b@db.example:6000/x?sslmode=disable";
        for (url, place) in [(of_socket, "/tmp/pg/.s.PGSQL.5433"), (of_address, "db.example")] {
            let proxy = Proxy::open(url).await.unwrap();
            assert!(format!("{:?}", proxy.place).contains(place), "{:?}", proxy.place);
            let led = proxy.by_way(url).unwrap();
            let (port, query) = (proxy.port, led.split_once('?').unwrap().1);
            assert!(led.contains(&port.to_string()) && led.contains("127.0.0.1"), "{led}");
            assert!(
                !led.contains("pg&") && !led.contains("6000") && !query.contains("5433"),
                "{led}"
            );
        }
        assert!(Proxy::open("postgres://a@db/x?sslmode=require").await.is_err());
    }
}
