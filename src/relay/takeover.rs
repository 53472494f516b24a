//! Whose turn it is to publish, and who may take over.
//!
//! An encoder that lost its network comes back before its old connection is known to be dead. These are
//! plain values: the hub asks them.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::Takeover;

/// A publisher that sent no media for this long may be replaced by another.
pub const SILENT: Duration = Duration::from_secs(2);

/// Somebody else publishes, and may not be replaced now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another encoder is publishing")]
pub struct Busy {
    /// When the other one may be replaced, if it sends nothing until then.
    pub silent_at: Option<Instant>,
}

/// The turns of a stream's publishers.
#[derive(Debug)]
pub(super) struct Turns {
    /// Whose turn it is: an older publication's frames are not taken.
    current: u64,
    taken_over: CancellationToken,
    last_media: Instant,
    /// When publishers that still sent were replaced lately.
    seizures: Vec<Instant>,
}

impl Turns {
    /// Nobody's turn yet.
    pub(super) fn new() -> Self {
        Self {
            current: 0,
            taken_over: CancellationToken::new(),
            last_media: Instant::now(),
            seizures: Vec::new(),
        }
    }

    /// Whose turn it is.
    pub(super) fn current(&self) -> u64 {
        self.current
    }

    /// Whether it is this one's turn.
    pub(super) fn is_of(&self, turn: u64) -> bool {
        self.current == turn
    }

    /// Whoever had the turn has it no more, and is told.
    pub(super) fn end(&mut self) {
        self.taken_over.cancel();
        self.current += 1;
    }

    /// The next one's turn, and what tells it that it is over.
    pub(super) fn begin(&mut self) -> (u64, CancellationToken) {
        self.end();
        self.taken_over = CancellationToken::new();
        self.last_media = Instant::now();
        (self.current, self.taken_over.clone())
    }

    /// Whoever has the turn sends sound or pictures.
    pub(super) fn note_media(&mut self) {
        self.last_media = Instant::now();
    }

    /// Whether a newcomer may replace the publisher there is.
    pub(super) fn make_way(&mut self, takeover: Takeover) -> Result<(), Busy> {
        let is_silent = self.last_media.elapsed() >= SILENT;
        let busy = Busy { silent_at: Some(self.last_media + SILENT) };
        let gives_way = match takeover {
            Takeover::NewestIfSilent => is_silent,
            Takeover::NewestWins => is_silent || self.may_seize(),
            Takeover::Refuse => return Err(Busy { silent_at: None }),
        };
        if gives_way { Ok(()) } else { Err(busy) }
    }

    /// Two encoders that both come back for ever must not cut each other off for ever.
    fn may_seize(&mut self) -> bool {
        self.seizures.retain(|at| at.elapsed() < Duration::from_secs(60));
        let may = self.seizures.len() < SEIZURES_PER_MINUTE;
        if may {
            self.seizures.push(Instant::now());
        }
        may
    }
}

/// How often a minute a publisher that sends is replaced by another.
const SEIZURES_PER_MINUTE: usize = 6;
