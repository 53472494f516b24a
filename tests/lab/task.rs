//! Where sinks and lines run: one small runtime for the whole process, so that two hundred sinks cost
//! two threads.

use std::future::Future;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::AbortHandle;

/// Something that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Task(AbortHandle);

impl Task {
    pub(crate) fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(handle().spawn(work).abort_handle())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// For making sockets outside of a task.
pub(crate) fn handle() -> &'static Handle {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        Builder::new_multi_thread().worker_threads(2).thread_name("lab").enable_all().build().unwrap()
    });
    RUNTIME.handle()
}
