//! A relay in this process: it speaks SMTP as a real one does, and misbehaves on demand.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// How it behaves towards one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes everything.
    Kind,
    /// Puts the recipient off.
    Greylists,
    /// Refuses the recipient for good.
    Refuses,
    /// Hangs up in the middle of the content.
    HangsUp,
    /// Takes the content and hangs up before it says so.
    TakesAndHangsUp,
    /// Never says a word.
    Silent,
    /// Knows no account.
    KnowsNobody,
}

/// How it is reached.
#[derive(Clone)]
pub(crate) enum Cover {
    None,
    Tls(TlsAcceptor),
    StartTls(TlsAcceptor),
}

/// What it has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Mails that it took, as they came.
    pub(crate) mails: Vec<String>,
    /// Every line of a command, with `tls` before it where it was covered.
    pub(crate) lines: Vec<String>,
    pub(crate) conversations: usize,
}

pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Mutex<Seen>>,
    manners: Arc<Mutex<Vec<Manner>>>,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    pub(crate) async fn start(cover: Cover) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, manners) = (Arc::<Mutex<Seen>>::default(), Arc::<Mutex<Vec<Manner>>>::default());
        let (all, next) = (Arc::clone(&seen), Arc::clone(&manners));
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                all.lock().unwrap().conversations += 1;
                let manner = next.lock().unwrap().pop().unwrap_or(Manner::Kind);
                let (cover, seen) = (cover.clone(), Arc::clone(&all));
                // One that hangs up is no failure of the test.
                tokio::spawn(async move {
                    let _ = serve(socket, cover, manner, &seen).await;
                });
            }
        });
        Self { address, seen, manners, task }
    }

    /// Behave so towards the next conversations, then kindly.
    pub(crate) fn next(&self, manners: &[Manner]) {
        *self.manners.lock().unwrap() = manners.iter().rev().copied().collect();
    }

    pub(crate) fn mails(&self) -> Vec<String> {
        self.seen.lock().unwrap().mails.clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen.lock().unwrap().lines.clone()
    }

    pub(crate) fn conversations(&self) -> usize {
        self.seen.lock().unwrap().conversations
    }
}

async fn serve(
    socket: TcpStream,
    cover: Cover,
    manner: Manner,
    seen: &Mutex<Seen>,
) -> std::io::Result<()> {
    if manner == Manner::Silent {
        let mut reader = BufReader::new(socket);
        // Until the other side gives up.
        reader.read_line(&mut String::new()).await?;
        return Ok(());
    }
    match cover {
        Cover::None => {
            talk(socket, manner, seen, Said { greeting: true, tls: false, offers: false }).await?;
        }
        Cover::Tls(acceptor) => {
            let stream = acceptor.accept(socket).await?;
            talk(stream, manner, seen, Said { greeting: true, tls: true, offers: false }).await?;
        }
        Cover::StartTls(acceptor) => {
            let said = Said { greeting: true, tls: false, offers: true };
            if let Some(socket) = talk(socket, manner, seen, said).await? {
                let stream = acceptor.accept(socket).await?;
                let said = Said { greeting: false, tls: true, offers: false };
                talk(stream, manner, seen, said).await?;
            }
        }
    }
    Ok(())
}

/// Where a conversation stands.
#[derive(Clone, Copy)]
struct Said {
    greeting: bool,
    tls: bool,
    offers: bool,
}

/// Talk until the end; gives the stream back where the client asks for TLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    manner: Manner,
    seen: &Mutex<Seen>,
    said: Said,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if said.greeting {
        stream.write_all(b"220 relay.test ESMTP\r\n").await?;
    }
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let command = line.trim_end().to_owned();
        let shown = if said.tls { format!("tls {command}") } else { command.clone() };
        seen.lock().unwrap().lines.push(shown);
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" if said.offers => "250-relay.test\r\n250-STARTTLS\r\n250 8BITMIME\r\n",
            "EHLO" => "250-relay.test\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n",
            "STARTTLS" => {
                stream.write_all(b"220 go on\r\n").await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" if manner == Manner::KnowsNobody => "535 5.7.8 who are you\r\n",
            "AUTH" => "235 2.7.0 welcome\r\n",
            "RCPT" if manner == Manner::Greylists => "451 4.7.1 come back later\r\n",
            "RCPT" if manner == Manner::Refuses => "550 5.1.1 nobody of that name\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                if !take(&mut stream, manner, seen).await? {
                    return Ok(None);
                }
                "250 2.0.0 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(None);
            }
            _ => "250 fine\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// Take the content; false where the relay hangs up.
async fn take<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    manner: Manner,
    seen: &Mutex<Seen>,
) -> std::io::Result<bool> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || manner == Manner::HangsUp {
            return Ok(false);
        }
        if line == ".\r\n" {
            break;
        }
        // Dots were doubled on the way.
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
    seen.lock().unwrap().mails.push(mail);
    Ok(manner != Manner::TakesAndHangsUp)
}
