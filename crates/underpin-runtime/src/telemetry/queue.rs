//! Lines that wait for a thread to write them.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tracing_subscriber::fmt::MakeWriter;

/// Bytes of lines that may wait; a line more is dropped.
const WAITING_BYTES_MAX: usize = 4 << 20;

/// A bounded queue of lines and the thread that writes them. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Queue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    name: &'static str,
    waiting: Mutex<Waiting>,
    /// There are lines to write.
    more: Condvar,
    /// All of them are written.
    none: Condvar,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// The thread has taken lines and writes them.
    writing: bool,
}

impl Queue {
    /// Start the thread that writes to `target`; it lives as long as the process.
    pub(super) fn start(
        name: &'static str,
        target: impl Write + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Shared {
            name,
            waiting: Mutex::default(),
            more: Condvar::new(),
            none: Condvar::new(),
            dropped: AtomicU64::new(0),
        };
        let queue = Self(Arc::new(shared));
        let shared = Arc::clone(&queue.0);
        std::thread::Builder::new()
            .name(format!("log-{name}"))
            .spawn(move || shared.write_to(target))?;
        Ok(queue)
    }

    pub(super) fn name(&self) -> &'static str {
        self.0.name
    }

    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Wait until every line is written or dropped, or until `deadline`.
    pub(super) fn flush(&self, deadline: Instant) {
        let mut waiting = self.0.waiting();
        while waiting.writing || !waiting.lines.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let woken = self.0.none.wait_timeout(waiting, left);
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let mut waiting = self.waiting();
        if waiting.bytes + line.len() > WAITING_BYTES_MAX {
            drop(waiting);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push_back(line.to_vec());
        drop(waiting);
        self.more.notify_one();
    }

    /// Write lines for ever. A line that cannot be written is dropped; the next may find the disk or the pipe well again.
    fn write_to(&self, mut target: impl Write) {
        let mut torn = false;
        loop {
            let lines = self.take();
            for line in lines {
                // What was left of a line that broke off does not swallow the next one.
                let begun = if torn { target.write_all(b"\n") } else { Ok(()) };
                torn = begun.and_then(|()| target.write_all(&line)).is_err();
                if torn {
                    self.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// All lines that wait, once there are some. The bytes of those that are being written count until the next call.
    fn take(&self) -> VecDeque<Vec<u8>> {
        let mut waiting = self.waiting();
        waiting.writing = false;
        waiting.bytes = waiting.lines.iter().map(Vec::len).sum();
        self.none.notify_all();
        while waiting.lines.is_empty() {
            waiting = self.more.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.writing = true;
        std::mem::take(&mut waiting.lines)
    }
}

/// Hands each line over; it is never refused and never waited for.
impl Write for &Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Queue {
    type Writer = &'w Self;

    fn make_writer(&'w self) -> &'w Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read as _, time::Duration};

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(2)
    }

    #[test]
    fn what_was_logged_before_a_flush_is_written_in_its_order() {
        let (mut read, write) = io::pipe().unwrap();
        let queue = Queue::start("test", write).unwrap();
        for number in 0..500 {
            (&queue).write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        queue.flush(soon());
        let expected =
            (0..500).map(|number| format!("line {number}\n")).collect::<Vec<_>>().concat();
        let mut text = vec![0; expected.len()];
        read.read_exact(&mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), expected);
        assert_eq!(queue.dropped(), 0);
    }

    #[test]
    fn a_dead_pipe_costs_lines_and_nothing_else() {
        let (read, write) = io::pipe().unwrap();
        drop(read);
        let queue = Queue::start("test", write).unwrap();
        for _ in 0..100 {
            (&queue).write_all(b"a line\n").unwrap();
        }
        queue.flush(soon());
        assert_eq!(queue.dropped(), 100);
    }

    #[test]
    fn a_reader_that_stands_still_holds_up_nobody_and_takes_bounded_memory() {
        let (_read, write) = io::pipe().unwrap();
        let queue = Queue::start("test", write).unwrap();
        let line = vec![b'x'; 64 << 10];
        let lines = 4 * WAITING_BYTES_MAX / line.len();
        for _ in 0..lines {
            (&queue).write_all(&line).unwrap();
        }
        queue.flush(Instant::now() + Duration::from_millis(20));
        let waiting = queue.0.waiting().bytes;
        assert!(waiting <= WAITING_BYTES_MAX, "{waiting}");
        // A pipe holds one such line on its way, the queue as many as fit.
        let held = WAITING_BYTES_MAX / line.len() + 2;
        assert!(queue.dropped() as usize >= lines - 2 * held, "{}", queue.dropped());
    }

    /// Takes half of a line once, then whole ones again.
    struct Full(Arc<Mutex<Vec<u8>>>, bool);

    impl Write for Full {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let mut text = self.0.lock().unwrap();
            if !self.1 {
                text.extend_from_slice(line);
                return Ok(line.len());
            }
            if line.len() < 5 {
                self.1 = false;
                return Err(io::ErrorKind::StorageFull.into());
            }
            text.extend_from_slice(&line[..5]);
            Ok(5)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn after_a_line_that_broke_off_the_next_begins_a_line_of_its_own() {
        let text = Arc::new(Mutex::new(Vec::new()));
        let queue = Queue::start("test", Full(Arc::clone(&text), true)).unwrap();
        (&queue).write_all(b"the one\n").unwrap();
        (&queue).write_all(b"the next\n").unwrap();
        queue.flush(soon());
        assert_eq!(String::from_utf8(text.lock().unwrap().clone()).unwrap(), "the o\nthe next\n");
        assert_eq!(queue.dropped(), 1);
    }
}
