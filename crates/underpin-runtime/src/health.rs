use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What a process says of itself; shared by its listeners and its shutdown.
///
/// It holds no checks of other systems: those are made when somebody asks (`underpin-http`).
#[derive(Debug, Clone, Default)]
pub struct Health {
    inner: Arc<Flags>,
}

#[derive(Debug, Default)]
struct Flags {
    started: AtomicBool,
    draining: AtomicBool,
}

impl Health {
    /// A process that has not started.
    pub fn new() -> Self {
        Self::default()
    }

    /// Settings are read, migrations are applied, listeners are open.
    pub fn set_started(&self) {
        self.inner.started.store(true, Ordering::Release);
    }

    /// Whether [`Health::set_started`] was called.
    pub fn is_started(&self) -> bool {
        self.inner.started.load(Ordering::Acquire)
    }

    /// The process takes no new work; `readyz` answers 503 from now on, for good.
    pub fn set_draining(&self) {
        self.inner.draining.store(true, Ordering::Release);
    }

    /// Whether [`Health::set_draining`] was called.
    pub fn is_draining(&self) -> bool {
        self.inner.draining.load(Ordering::Acquire)
    }
}
