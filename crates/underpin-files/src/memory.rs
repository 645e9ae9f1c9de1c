//! The memory that bodies may take of this process.

use std::time::Duration;

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{Bounds, Error, Result};

/// What is counted at once.
const UNIT: u64 = 1 << 10;

/// Memory for bodies, handed out in the order in which it is asked for.
#[derive(Debug)]
pub(crate) struct Memory {
    free: Semaphore,
    queue: Semaphore,
    wait: Duration,
    units: u32,
}

impl Memory {
    pub(crate) fn new(bounds: &Bounds) -> Self {
        let units = u32::try_from((bounds.memory_bytes_max / UNIT).max(1)).unwrap_or(u32::MAX >> 3);
        Self {
            free: Semaphore::new(units as usize),
            queue: Semaphore::new(bounds.waiting_max),
            wait: bounds.wait,
            units,
        }
    }

    /// So many bytes, once they are free.
    ///
    /// Errors: [`Error::Busy`] when too many wait, or the wait was too long. The body was not read.
    pub(crate) async fn take(&self, bytes: u64) -> Result<SemaphorePermit<'_>> {
        let units = u32::try_from(bytes.div_ceil(UNIT).max(1)).unwrap_or(u32::MAX).min(self.units);
        if let Ok(taken) = self.free.try_acquire_many(units) {
            return Ok(taken);
        }
        let _queued = self.queue.try_acquire().map_err(|_| Error::Busy)?;
        match timeout(self.wait, self.free.acquire_many(units)).await {
            Ok(Ok(taken)) => Ok(taken),
            _ => Err(Error::Busy),
        }
    }

    /// Bytes that are not taken.
    pub(crate) fn free_bytes(&self) -> u64 {
        self.free.available_permits() as u64 * UNIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_too_late_waits_a_while_and_who_comes_later_still_does_not() {
        let bounds = Bounds { memory_bytes_max: 2 * UNIT, waiting_max: 1, ..Bounds::default() };
        let memory = &Memory::new(&bounds);
        let first = memory.take(UNIT).await.unwrap();
        // More than there is at all is as much as there is.
        let second = async {
            let began = tokio::time::Instant::now();
            let outcome = memory.take(100 * UNIT).await;
            (outcome.map(drop), began.elapsed())
        };
        let third = async {
            tokio::task::yield_now().await;
            memory.take(2 * UNIT).await.map(drop)
        };
        let ((second, took), third) = tokio::join!(second, third);
        assert!(matches!(second, Err(Error::Busy)), "{second:?}");
        assert_eq!(took, bounds.wait);
        assert!(matches!(third, Err(Error::Busy)), "{third:?}");
        drop(first);
        drop(memory.take(2 * UNIT).await.unwrap());
        assert_eq!(memory.free_bytes(), 2 * UNIT);
    }
}
