//! A reader that stops where a row must have ended, and remembers what it read last.

use std::{
    cell::{Cell, RefCell},
    io::{self, Read},
    rc::Rc,
};

/// What the reader and the one who knows where rows begin share.
#[derive(Default)]
pub(super) struct Window {
    /// How far the file may be read.
    bound: Cell<u64>,
    /// The block that was read last, and where it begins.
    block: RefCell<Vec<u8>>,
    start: Cell<u64>,
}

impl Window {
    /// Allow reading up to a byte.
    pub(super) fn set_bound(&self, bound: u64) {
        self.bound.set(bound);
    }

    /// A byte of the block that was read last.
    pub(super) fn byte_at(&self, offset: u64) -> Option<u8> {
        let index = offset.checked_sub(self.start.get())?;
        self.block.borrow().get(index as usize).copied()
    }
}

/// The bound was reached: the row at hand does not end.
#[derive(Debug, thiserror::Error)]
#[error("a row does not end")]
pub(super) struct BoundReached;

/// Reads up to the bound, so that a row without an end cannot fill the memory.
pub(super) struct Limited<R> {
    inner: R,
    at: u64,
    window: Rc<Window>,
}

impl<R> Limited<R> {
    pub(super) fn new(inner: R, window: Rc<Window>) -> Self {
        Self { inner, at: 0, window }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.window.bound.get() {
            return Err(io::Error::other(BoundReached));
        }
        let count = self.inner.read(out)?;
        if count > 0 {
            let mut block = self.window.block.borrow_mut();
            block.clear();
            block.extend_from_slice(&out[..count]);
            self.window.start.set(self.at);
            self.at += count as u64;
        }
        Ok(count)
    }
}
