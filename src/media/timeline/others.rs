//! Tracks beside the default ones.

/// The last times given to them, so that none of them runs back. There are at most 255 of each kind.
#[derive(Debug, Default)]
pub(super) struct Others(Vec<Other>);

#[derive(Debug)]
struct Other {
    /// Audio or video.
    index: usize,
    number: u8,
    last: i64,
}

impl Others {
    /// Gives a track a time, or the last one that it was given if that is later.
    pub(super) fn give(&mut self, index: usize, number: u8, time: i64) -> i64 {
        let known = self.0.iter_mut().find(|other| (other.index, other.number) == (index, number));
        match known {
            Some(other) => {
                other.last = other.last.max(time);
                other.last
            }
            None => {
                self.0.push(Other { index, number, last: time });
                time
            }
        }
    }
}
