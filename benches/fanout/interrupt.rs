//! Signals break off calls that wait: also that which continues a process after it was stopped.

use std::io::{self, ErrorKind};
use std::time::Duration;

use mio::{Events, Poll};

/// Makes a call again for as long as signals break it off. Calls that do not wait have no need of it.
pub(crate) fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// Waits for events, for `wait` at most.
pub(crate) fn poll(poll: &mut Poll, events: &mut Events, wait: Option<Duration>) -> io::Result<()> {
    retry(|| poll.poll(events, wait))
}
