//! The recent past of a stream in each form that somebody takes it in.
//!
//! A form has a ring of its own, with its own headers and key frames, so that all that a ring does for its readers
//! is done for each form: late comers, skipping, coming back. What is the same in two forms is kept once.

use bytes::Bytes;

use super::form::Form;
use super::offer::Offered;
use super::ring::{Limits, Ring};
use super::tracks::{Seen, Tracks};
use crate::media::{Frame, Kind};

/// The recent past of a stream in each form that somebody takes it in.
#[derive(Debug)]
pub(super) struct Renditions {
    original: Rendition,
    others: Vec<Rendition>,
}

#[derive(Debug)]
struct Rendition {
    form: Form,
    ring: Ring,
    tracks: Tracks,
    readers: usize,
}

/// What a frame was to those who read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pushed {
    /// Somebody could use it.
    pub(super) is_taken: bool,
    /// Newcomers may start at it, in one form at least.
    pub(super) is_start: bool,
    /// The encoder shows a track for the first time, or in another codec.
    pub(super) is_news: bool,
    /// Codecs differ from what was before, in one form at least.
    pub(super) differs: bool,
}

impl Renditions {
    /// Nothing but the original.
    pub(super) fn new(limits: Limits) -> Self {
        let original = Rendition {
            form: Form::ORIGINAL,
            ring: Ring::new(limits),
            tracks: Tracks::default(),
            readers: 0,
        };
        Self { original, others: Vec::new() }
    }

    /// As the encoder sent it.
    pub(super) fn original(&self) -> &Ring {
        &self.original.ring
    }

    /// In a form that somebody [takes](Self::take_up).
    pub(super) fn of(&self, form: Form) -> &Ring {
        self.others
            .iter()
            .find(|rendition| rendition.form == form)
            .map_or(&self.original.ring, |rendition| &rendition.ring)
    }

    /// Somebody takes a form from now on.
    pub(super) fn take_up(&mut self, form: Form) {
        if form == Form::ORIGINAL {
            return;
        }
        if let Some(rendition) = self.others.iter_mut().find(|rendition| rendition.form == form) {
            rendition.readers += 1;
            return;
        }
        let mut tracks = Tracks::default();
        let ring = self.original.ring.reduced(|frame| {
            let reduced = form.reduce(frame)?;
            if tracks.are_colours_of_another(reduced.kind, &reduced.payload) {
                return None;
            }
            tracks.see(reduced.kind, &reduced.payload);
            Some(reduced)
        });
        self.others.push(Rendition { form, ring, tracks, readers: 1 });
    }

    /// Somebody who took a form takes it no more.
    pub(super) fn leave(&mut self, form: Form) {
        self.others.retain_mut(|rendition| {
            if rendition.form == form {
                rendition.readers -= 1;
            }
            rendition.readers > 0
        });
    }

    /// Another publisher follows.
    pub(super) fn restart(&mut self) {
        for Rendition { ring, tracks, .. } in self.each_mut() {
            ring.restart();
            tracks.restart();
        }
    }

    /// The broadcast is over.
    pub(super) fn end_broadcast(&mut self) {
        self.each_mut().for_each(|rendition| rendition.ring.end_broadcast());
    }

    /// Adds the newest frame, which arrived at `arrived_ms` by a clock that never runs back.
    pub(super) fn push(&mut self, frame: &Frame, arrived_ms: i64) -> Pushed {
        let Self { original, others } = self;
        let Seen { is_news, differs } = original.see(frame);
        let position = original.ring.head();
        let start = original.ring.push(frame, arrived_ms, None);
        let original = (original.ring.head() > position).then(|| original.ring.newest()).flatten();
        let mut pushed = Pushed { is_taken: original.is_some(), is_start: start.is_some(), is_news, differs };
        for rendition in others {
            let Some(reduced) = rendition.form.reduce(frame) else {
                continue;
            };
            if rendition.tracks.are_colours_of_another(reduced.kind, &reduced.payload) {
                continue;
            }
            pushed.differs |= rendition.see(&reduced).differs;
            let shared = original.filter(|_| is_same(&reduced.payload, &frame.payload));
            pushed.is_start |= rendition.ring.push(&reduced, arrived_ms, shared).is_some();
        }
        pushed
    }

    /// The way of the frame that was pushed last is timed.
    pub(super) fn mark_newest(&mut self, time: i64) {
        self.each_mut().for_each(|rendition| rendition.ring.mark_newest(time));
    }

    /// Nobody needs what lies before what newcomers start with, and before what these readers read next.
    pub(super) fn release(&mut self, readers: &[(Form, u64)]) {
        for Rendition { form, ring, .. } in self.each_mut() {
            if let Some(start) = ring.newest_start() {
                let own = readers.iter().filter(|(of, _)| of == form).map(|(_, position)| *position);
                ring.release(own.fold(start, u64::min));
            }
        }
    }

    /// Whether there was no track of such sound or pictures yet.
    pub(super) fn lacks(&self, kind: Kind) -> bool {
        self.original.tracks.lacks(kind)
    }

    /// The tracks of the publisher.
    pub(super) fn tracks(&self) -> &[Offered] {
        self.original.tracks.current()
    }

    fn each_mut(&mut self) -> impl Iterator<Item = &mut Rendition> {
        std::iter::once(&mut self.original).chain(&mut self.others)
    }
}

impl Rendition {
    /// Looks at the tracks of a frame; with other codecs, those who read must begin anew.
    fn see(&mut self, frame: &Frame) -> Seen {
        let seen = self.tracks.see(frame.kind, &frame.payload);
        if seen.differs {
            self.ring.begin_era(frame);
        }
        seen
    }
}

/// Whether both are the same bytes in memory.
fn is_same(one: &Bytes, other: &Bytes) -> bool {
    one.as_ptr() == other.as_ptr() && one.len() == other.len()
}

#[cfg(test)]
mod tests;
