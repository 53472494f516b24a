use super::*;
use bytes::Bytes;

use Kind::{Audio, AudioHeader, VideoEnd, VideoHeader, VideoInter, VideoKey};

mod others;
mod plain;
mod publishers;
mod random;
mod repairs;

fn tag(kind: Kind, timestamp: u32) -> Tag {
    Tag { kind, timestamp, payload: Bytes::new() }
}

/// A picture of classic AVC that is shown later than its time.
fn picture(kind: Kind, timestamp: u32, composition: i32) -> Tag {
    let [_, high, middle, low] = composition.to_be_bytes();
    let first = if kind == VideoKey { 0x17 } else { 0x27 };
    Tag { kind, timestamp, payload: Bytes::copy_from_slice(&[first, 1, high, middle, low]) }
}

/// Maps tags that arrive as their timestamps say.
fn times(tags: &[(Kind, u32)]) -> Vec<i64> {
    let mut timeline = Timeline::default();
    tags.iter().map(|(kind, at)| timeline.map(tag(*kind, *at), i64::from(*at)).time).collect()
}

/// Maps tags that arrive when the third number says.
fn arriving(timeline: &mut Timeline, tags: &[(Kind, u32, i64)]) -> Vec<i64> {
    tags.iter().map(|(kind, at, now)| timeline.map(tag(*kind, *at), *now).time).collect()
}
