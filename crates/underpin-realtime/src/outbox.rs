//! What waits for one connection: bounded in bytes, never waited for.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use underpin_log::{Position, Topic};

use crate::{Ended, Frame, Holder};

/// What waits for one connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) holder: Holder,
    bytes_max: usize,
    waiting: Mutex<Waiting>,
    ready: Notify,
    over: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    frames: VecDeque<Frame>,
    bytes: usize,
    ended: Option<Ended>,
}

impl Outbox {
    pub(crate) fn new(holder: Holder, bytes_max: usize) -> Self {
        let waiting = Mutex::default();
        Self { holder, bytes_max, waiting, ready: Notify::new(), over: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Put frames in; true if that was too much, and what waited became `resync`.
    pub(crate) fn push<'f>(&self, frames: impl Iterator<Item = &'f Frame>) -> bool {
        let mut waiting = self.lock();
        if waiting.ended.is_some() {
            return false;
        }
        let mut lost = false;
        for frame in frames {
            lost |= waiting.push(frame.clone(), self.bytes_max);
        }
        if !waiting.frames.is_empty() {
            self.ready.notify_one();
        }
        lost
    }

    /// Drop what waits of a room.
    pub(crate) fn forget(&self, topic: &Topic) {
        let mut waiting = self.lock();
        waiting.frames.retain(|frame| frame.topic() != topic);
        waiting.bytes = waiting.frames.iter().map(Frame::bytes).sum();
    }

    /// End the connection: what waits is not for it any more.
    pub(crate) fn end(&self, why: Ended) {
        let mut waiting = self.lock();
        *waiting = Waiting { ended: waiting.ended.or(Some(why)), ..Waiting::default() };
        self.ready.notify_one();
        self.over.notify_waiters();
    }

    /// Why the connection ended, if it did.
    pub(crate) fn ended(&self) -> Option<Ended> {
        self.lock().ended
    }

    /// The next frame. Cancellation: safe.
    pub(crate) async fn next(&self) -> Result<Frame, Ended> {
        loop {
            {
                let mut waiting = self.lock();
                if let Some(why) = waiting.ended {
                    return Err(why);
                }
                if let Some(frame) = waiting.pop() {
                    return Ok(frame);
                }
            }
            self.ready.notified().await;
        }
    }

    /// Return once the connection ended.
    pub(crate) async fn over(&self) -> Ended {
        let over = self.over.notified();
        tokio::pin!(over);
        loop {
            over.as_mut().enable();
            if let Some(why) = self.ended() {
                return why;
            }
            over.as_mut().await;
            over.set(self.over.notified());
        }
    }
}

impl Waiting {
    fn push(&mut self, frame: Frame, bytes_max: usize) -> bool {
        let bytes = frame.bytes();
        let lost = bytes > 0 && !self.frames.is_empty() && self.bytes + bytes > bytes_max;
        if lost {
            self.give_up(&frame);
        } else {
            if let Frame::Resync(topic, _) = &frame {
                // What waits of the room is older than what the reader will fetch.
                self.frames.retain(|waiting| waiting.topic() != topic);
                self.bytes = self.frames.iter().map(Frame::bytes).sum();
            }
            self.bytes += bytes;
            self.frames.push_back(frame);
        }
        lost
    }

    /// Drop what waits, and the frame that is too much: of each room is left that something is missing, and up to where.
    fn give_up(&mut self, last: &Frame) {
        let mut rooms: Vec<(Topic, Position)> = Vec::new();
        for frame in self.frames.iter().chain([last]) {
            match rooms.iter_mut().find(|(topic, _)| topic == frame.topic()) {
                Some((_, position)) => *position = frame.position(),
                None => rooms.push((frame.topic().clone(), frame.position())),
            }
        }
        self.frames = rooms.into_iter().map(|(topic, at)| Frame::Resync(topic, at)).collect();
        self.bytes = 0;
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.bytes();
        if self.frames.is_empty() {
            // Most connections wait most of the time, and keep nothing meanwhile.
            self.frames = VecDeque::new();
        }
        Some(frame)
    }
}
