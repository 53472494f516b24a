//! The threads that carry streams.
//!
//! All of a stream's tasks run on one thread: a frame is taken in and written to its targets without
//! waking another, which would cost more than the writing. Streams are spread over the threads, so
//! that many use all of the machine.

use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The threads that carry streams.
#[derive(Debug)]
pub struct Workers(Vec<Worker>);

/// One of them. A clone that is kept counts as a stream.
#[derive(Debug, Clone)]
pub struct Worker {
    runtime: Handle,
    load: Arc<()>,
}

impl Workers {
    /// Starts threads, which run until `stop`. What they still do then ends with the process.
    ///
    /// # Errors
    /// When the system gives no thread, or nothing to wait with.
    pub fn start(count: NonZeroUsize, stop: &CancellationToken) -> io::Result<Self> {
        (1..=count.get())
            .map(|number| Worker::start(number, stop.clone()))
            .collect::<io::Result<_>>()
            .map(Self)
    }

    /// Carries streams on the runtime that this is called in.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn here() -> Self {
        Self(vec![Worker::here()])
    }

    /// The one with the fewest streams.
    pub fn assign(&self) -> Worker {
        let least = self.0.iter().min_by_key(|worker| Arc::strong_count(&worker.load));
        least.cloned().unwrap_or_else(Worker::here)
    }
}

impl Worker {
    fn start(number: usize, stop: CancellationToken) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let run = move || runtime.block_on(stop.cancelled());
        thread::Builder::new().name(format!("stream-{number}")).spawn(run)?;
        Ok(Self::on(handle))
    }

    /// The runtime that this is called in.
    pub fn here() -> Self {
        Self::on(Handle::current())
    }

    fn on(runtime: Handle) -> Self {
        Self { runtime, load: Arc::default() }
    }

    /// Runs a task on this thread; `tracker` knows of it.
    pub fn spawn<F>(&self, tracker: &TaskTracker, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        tracker.spawn_on(task, &self.runtime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn streams_are_spread_and_a_streams_tasks_stay_together() {
        let stop = CancellationToken::new();
        let workers = Workers::start(NonZeroUsize::new(2).unwrap(), &stop).unwrap();
        let (first, second) = (workers.assign(), workers.assign());
        let tracker = TaskTracker::new();
        let thread_of = async |worker: &Worker| {
            worker
                .spawn(&tracker, async { thread::current().name().map(str::to_owned) })
                .await
                .unwrap()
                .unwrap()
        };
        assert_eq!(thread_of(&first).await, thread_of(&first).await);
        assert_ne!(thread_of(&first).await, thread_of(&second).await);
        let freed = thread_of(&first).await;
        drop(first);
        assert_eq!(thread_of(&workers.assign()).await, freed);
        stop.cancel();
    }
}
