//! Where one reader stands in a ring.

use std::sync::Arc;

use super::batch::Batch;
use super::counts::Counts;
use super::recent::Ring;
use super::starts::Start;
use crate::rtmp::Packet;

/// A reader that lags more than this leaves out pictures up to the next key frame. Audio, two or
/// three hundredths of the bytes, goes on: platforms end a silent stream sooner than a frozen one.
pub(super) const SKIP_MS: i64 = 2_000;

/// A reader that lags more than this is taken to the newest key frame, audio and all.
pub(super) const JUMP_MS: i64 = 6_000;

/// The stream goes on with other codecs, which a running session must not be fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed;

/// How far a reader has come.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    /// The number of the next frame.
    position: u64,
    /// Frames before it, given or not, from the ring's beginning on.
    passed: Counts,
}

/// Where one reader stands.
#[derive(Debug)]
pub struct Cursor {
    position: u64,
    /// Whether the reader has been given a start.
    is_placed: bool,
    /// Pictures are left out up to the next key frame.
    is_skipping: bool,
    /// Headers to be given before the frame at `position`, and how many of them were.
    headers: Arc<[Packet]>,
    given: usize,
    header_time: i64,
    era: u64,
    /// Where the reader ends, if that is known.
    end: Option<u64>,
    /// It ends at the first start from this frame on, where another reader goes on.
    heir_from: Option<u64>,
    /// It begins at the first start from this frame on, where another reader has ended.
    heir_to: Option<u64>,
    /// Frames before `position`, given or not, from the ring's beginning on.
    passed: Counts,
    /// Those of them that came before the reader began.
    missed: Counts,
    skipped: Counts,
    falls: u64,
}

impl Cursor {
    /// A reader who comes now.
    pub fn new(ring: &Ring) -> Self {
        let passed = ring.count_before(ring.head());
        Self {
            position: ring.head(),
            is_placed: false,
            is_skipping: false,
            headers: Arc::default(),
            given: 0,
            header_time: 0,
            era: ring.era,
            end: None,
            heir_from: None,
            heir_to: None,
            passed,
            missed: passed,
            skipped: Counts::default(),
            falls: 0,
        }
    }

    /// A reader who goes on where another one ends: see [`Cursor::end_at_start`].
    pub fn heir(ring: &Ring, from: u64) -> Self {
        Self { heir_to: Some(from), ..Self::new(ring) }
    }

    /// A reader who goes on for another one in its midst, which has come to `spot`: from
    /// the last start up to there on. If that is let go of already, or is too old, it begins with a later one, and
    /// what lies between counts as skipped.
    pub fn again(ring: &Ring, Spot { position, passed }: Spot) -> Self {
        let mut cursor = Self::new(ring);
        let newest = ring.newest_start();
        let is_of_use =
            |start: &Start| newest == Some(start.position) || ring.age_ms(start.position) <= JUMP_MS;
        let next = || ring.start_from(position).filter(is_of_use).or_else(|| ring.start_for(position));
        if let Some(start) = ring.start_until(position).filter(is_of_use) {
            cursor.jump(&start, ring);
        } else if let Some(start) = next() {
            (cursor.passed, cursor.missed) = (passed, passed);
            cursor.is_placed = true;
            cursor.jump(&start, ring);
        }
        cursor
    }

    /// The next frame for this reader, if there is one. The first ones, and the first after pictures
    /// were skipped, are headers with the time of the key frame that follows them.
    ///
    /// # Errors
    /// [`Changed`] once all that had the old codecs was given.
    pub fn next(&mut self, ring: &Ring) -> Result<Option<Packet>, Changed> {
        if self.is_over_in(ring) {
            return Ok(None);
        }
        if let Some(header) = self.next_header() {
            return Ok(Some(header));
        }
        if self.has_read_all(ring) || !self.place(ring)? {
            return Ok(None);
        }
        while !self.is_over_in(ring) {
            if let Some(header) = self.next_header() {
                return Ok(Some(header));
            }
            let Some(packet) = ring.get(self.position) else {
                return Ok(None);
            };
            if !self.is_skipping {
                self.pass(packet);
                return Ok(Some(packet.clone()));
            }
            if let Some(start) = ring.start_at(self.position) {
                self.is_skipping = false;
                self.give_headers(start, ring);
            } else if packet.kind.is_video() {
                self.skipped = self.skipped + Counts::of(packet.kind);
                self.pass(packet);
            } else {
                self.pass(packet);
                return Ok(Some(packet.clone()));
            }
        }
        Ok(None)
    }

    /// The reader is given nothing from this frame on.
    pub fn end_at(&mut self, position: u64) {
        self.end = Some(position);
    }

    /// The reader is given nothing more from the first frame on that a decoder can start at and that is not
    /// before `from`: an [heir](Self::heir) is given that and all that follows.
    pub fn end_at_start(&mut self, from: u64) {
        self.heir_from = Some(from);
    }

    /// Nobody takes over: the reader goes on.
    pub fn go_on(&mut self) {
        (self.heir_from, self.end) = (None, None);
    }

    /// Whether nothing more is to come for the reader.
    pub fn is_over(&self) -> bool {
        self.end.is_some_and(|end| self.position >= end)
    }

    /// The number of the next frame, unless a start is yet to be found.
    pub fn next_position(&self) -> Option<u64> {
        self.is_placed.then_some(self.position)
    }

    /// How far the reader has come, unless a start is yet to be found.
    pub fn spot(&self) -> Option<Spot> {
        self.is_placed.then_some(Spot { position: self.position, passed: self.passed })
    }

    /// Whether a batch is just what comes next for this reader.
    pub fn is_at(&self, batch: &Batch) -> bool {
        let is_reading = self.is_placed && !self.is_skipping && self.given == self.headers.len();
        // A batch may go beyond its end.
        let is_reading = is_reading && self.heir_from.is_none();
        is_reading && self.position == batch.from && self.era == batch.era
    }

    /// Takes note that the reader was given a batch that it [is at](Self::is_at).
    pub fn pass_batch(&mut self, batch: &Batch) {
        self.position = batch.to;
        self.passed = self.passed + batch.counts;
    }

    /// How much earlier than the newest frame the next one for this reader arrived, in milliseconds.
    pub fn lag_ms(&self, ring: &Ring) -> i64 {
        ring.age_ms(self.position)
    }

    /// Frames that the reader was given so far.
    pub fn sent(&self) -> Counts {
        self.passed - self.missed - self.skipped
    }

    /// Frames left out so far because the reader was too slow.
    pub fn skipped(&self) -> Counts {
        self.skipped
    }

    /// How often the reader was so slow that what it was to read next was gone.
    pub fn falls(&self) -> u64 {
        self.falls
    }

    /// The same, once it is seen whether it has come to where another one goes on.
    fn is_over_in(&mut self, ring: &Ring) -> bool {
        if self.heir_from.is_some_and(|from| self.position >= from && ring.is_start(self.position)) {
            self.end = Some(self.position);
        }
        self.is_over()
    }

    fn next_header(&mut self) -> Option<Packet> {
        let header = self.headers.get(self.given)?;
        self.given += 1;
        Some(header.at(self.header_time))
    }

    fn has_read_all(&self, ring: &Ring) -> bool {
        self.is_placed && self.position == ring.head() && self.era == ring.era
    }

    /// Moves to where the reader may go on; `false` if that must be waited for.
    fn place(&mut self, ring: &Ring) -> Result<bool, Changed> {
        let is_behind = self.position < ring.first;
        let is_new = !self.is_placed && self.falls == 0;
        if is_new {
            // It was given nothing yet, so that any codecs are as good.
            self.era = ring.era;
        }
        if self.era != ring.era {
            let reads_on = self.is_placed && !is_behind && self.position < ring.era_start;
            return if reads_on { Ok(true) } else { Err(Changed) };
        }
        if self.is_placed && is_behind {
            // What was to come next is gone.
            self.falls += 1;
            self.skip_to(ring.first, ring);
            self.is_placed = false;
        }
        if !self.is_placed {
            let start = match self.heir_to {
                Some(from) => ring.start_from(from),
                None => ring.start_for(self.position),
            };
            let Some(start) = start else {
                return Ok(false);
            };
            self.heir_to = None;
            self.jump(&start, ring);
            return Ok(true);
        }
        let lag = self.lag_ms(ring);
        if lag > SKIP_MS
            && let Some(start) = ring.start_ahead(self.position)
        {
            if lag > JUMP_MS {
                self.jump(&start.clone(), ring);
            } else if ring.start_at(self.position).is_none() {
                self.is_skipping = true;
            }
        }
        Ok(true)
    }

    fn jump(&mut self, start: &Start, ring: &Ring) {
        let was_reading = self.is_placed || self.skipped != Counts::default();
        if was_reading {
            self.skip_to(start.position, ring);
        } else {
            self.position = start.position;
            self.passed = ring.count_before(start.position);
            self.missed = self.passed;
        }
        self.is_placed = true;
        self.is_skipping = false;
        self.give_headers(start, ring);
    }

    /// Leaves out what lies before `position`, kept or gone.
    fn skip_to(&mut self, position: u64, ring: &Ring) {
        let before = ring.count_before(position);
        self.skipped = self.skipped + (before - self.passed);
        self.passed = before;
        self.position = position;
    }

    fn give_headers(&mut self, start: &Start, ring: &Ring) {
        self.headers = Arc::clone(&start.headers);
        self.given = 0;
        self.header_time = ring.get(start.position).map_or(0, |packet| packet.time);
    }

    fn pass(&mut self, packet: &Packet) {
        self.position += 1;
        self.passed = self.passed + Counts::of(packet.kind);
    }
}
