//! What a start says: one line a step, with its milliseconds.

use std::{fmt::Display, future::Future, time::Instant};

use crate::Build;

/// Prints the steps of a start.
pub(super) struct Steps {
    begun: Instant,
}

impl Steps {
    /// Begin to count.
    pub(super) fn begin(build: Build, data_dir: &std::path::Path) -> Self {
        println!("{} {}  data in {}", build.name, build.version, data_dir.display());
        Self { begun: Instant::now() }
    }

    /// Run a step and print its line when it is done: its name, what `say` makes of the result, its milliseconds.
    pub(super) async fn run<T, S: Display>(
        &self,
        name: &str,
        step: impl Future<Output = anyhow::Result<T>>,
        say: impl FnOnce(&T) -> S,
    ) -> anyhow::Result<T> {
        let since = Instant::now();
        let done = step.await?;
        let text = say(&done).to_string();
        println!("  {name:<10} {text:<44} {:>6} ms", since.elapsed().as_millis());
        Ok(done)
    }

    /// Milliseconds since the start.
    pub(super) fn elapsed_ms(&self) -> u128 {
        self.begun.elapsed().as_millis()
    }
}
