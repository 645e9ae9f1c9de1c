//! The leash between a supervisor and its child: one Unix socket pair, the child's end as its standard input.
//!
//! The supervisor sends the listening sockets over it (`SCM_RIGHTS`), the child says on it that it is ready, and its end
//! tells the child that the supervisor is gone, whatever killed it.

use std::{
    io::{self, IoSlice, IoSliceMut, Write as _},
    mem::MaybeUninit,
    net::TcpListener,
    os::{
        fd::{AsFd as _, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    time::Duration,
};

use rustix::{
    io::{FdFlags, fcntl_setfd},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
};
use tokio::io::AsyncReadExt as _;

/// Sockets that one message carries, at most.
const LISTENERS_MAX: usize = 4;
/// How long a child waits for its sockets.
const HANDOVER_MAX: Duration = Duration::from_secs(10);
/// What a child says when it serves.
pub(crate) const READY: &str = "{\"ready\":true}";

/// Make a leash: our end, and the end that becomes the child's standard input.
pub(crate) fn make() -> io::Result<(UnixStream, OwnedFd)> {
    let (ours, theirs) = UnixStream::pair()?;
    Ok((ours, theirs.into()))
}

/// Send the sockets, in an order that the child knows. Without any, the message is empty and still sent.
pub(crate) fn send(leash: &UnixStream, listeners: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(LISTENERS_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !listeners.is_empty() && !control.push(SendAncillaryMessage::ScmRights(listeners)) {
        return Err(io::Error::other("too many sockets for one message"));
    }
    let count = [listeners.len() as u8];
    sendmsg(leash, &[IoSlice::new(&count)], &mut control, SendFlags::empty())?;
    Ok(())
}

/// The child's end of the leash.
#[derive(Debug)]
pub(crate) struct Leash(UnixStream);

/// Take the leash from standard input, and the sockets that come on it.
///
/// Errors: standard input is no leash, or the number of sockets is not the expected one.
pub(crate) fn take(expected: usize) -> io::Result<(Leash, Vec<TcpListener>)> {
    let stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    stream.set_read_timeout(Some(HANDOVER_MAX))?;
    let mut count = [0_u8];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(LISTENERS_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut data = [IoSliceMut::new(&mut count)];
    recvmsg(&stream, &mut data, &mut control, RecvFlags::empty())?;
    let mut listeners = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(sockets) = message {
            for socket in sockets {
                fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
                listeners.push(TcpListener::from(socket));
            }
        }
    }
    if listeners.len() != expected || usize::from(count[0]) != expected {
        return Err(io::Error::other("the supervisor did not send the sockets that were expected"));
    }
    stream.set_read_timeout(None)?;
    Ok((Leash(stream), listeners))
}

impl Leash {
    /// Say that this process serves.
    pub(crate) fn ready(&self) -> io::Result<()> {
        (&self.0).write_all(format!("{READY}\n").as_bytes())
    }

    /// Wait until the supervisor lets go or is gone.
    pub(crate) async fn broken(&self) -> io::Result<()> {
        let stream = self.0.try_clone()?;
        stream.set_nonblocking(true)?;
        let mut stream = tokio::net::UnixStream::from_std(stream)?;
        let mut rest = [0_u8; 64];
        // Nothing is sent after the sockets; any byte is ignored, and the end is the end.
        while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_arrives_and_still_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (ours, theirs) = make().unwrap();
        send(&ours, &[listener.as_fd()]).unwrap();
        let theirs = UnixStream::from(theirs);
        let mut count = [0_u8];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(LISTENERS_MAX))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        recvmsg(&theirs, &mut [IoSliceMut::new(&mut count)], &mut control, RecvFlags::empty())
            .unwrap();
        let sockets: Vec<OwnedFd> = control
            .drain()
            .flat_map(|message| match message {
                RecvAncillaryMessage::ScmRights(sockets) => sockets.collect(),
                _ => Vec::new(),
            })
            .collect();
        let [socket] = sockets.try_into().unwrap();
        let copy = TcpListener::from(socket);
        assert_eq!(copy.local_addr().unwrap(), listener.local_addr().unwrap());
    }
}
