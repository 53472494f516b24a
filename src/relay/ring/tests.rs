use bytes::Bytes;

use super::*;
use crate::media::{Frame, Kind};
use crate::rtmp::Packet;

use Kind::{Audio, AudioHeader, Metadata, VideoHeader, VideoInter, VideoKey};

mod bounds;
mod heirs;
mod joined;
mod lagging;
mod newcomers;
mod publishers;
mod random;

fn frame(kind: Kind, time: i64, serial: u32) -> Frame {
    Frame { kind, time, payload: Bytes::copy_from_slice(&serial.to_be_bytes()) }
}

fn ring() -> Ring {
    Ring::new(Limits::default())
}

/// Adds a frame that arrives when its time says.
fn push(ring: &mut Ring, frame: &Frame) {
    ring.push(frame, frame.time, None);
}

fn serial(packet: &Packet) -> u32 {
    u32::from_be_bytes(packet.payload()[..4].try_into().unwrap())
}

fn read(cursor: &mut Cursor, ring: &Ring) -> Vec<(Kind, u32)> {
    std::iter::from_fn(|| cursor.next(ring).unwrap()).map(|frame| (frame.kind, serial(&frame))).collect()
}

/// Metadata, headers, then a group of pictures every second, 10 pictures each.
fn stream(ring: &mut Ring, seconds: i64) {
    for (kind, serial) in [(Metadata, 1), (VideoHeader, 2), (AudioHeader, 3)] {
        push(ring, &frame(kind, 0, serial));
    }
    for picture in 0..seconds * 10 {
        let kind = if picture % 10 == 0 { VideoKey } else { VideoInter };
        push(ring, &frame(kind, picture * 100, 1_000 + picture as u32));
    }
}

/// Goes on with `stream` from a picture to another, with sound between them.
fn go_on(ring: &mut Ring, pictures: std::ops::Range<i64>) {
    for picture in pictures {
        let kind = if picture % 10 == 0 { VideoKey } else { VideoInter };
        push(ring, &frame(kind, picture * 100, 1_000 + picture as u32));
        push(ring, &frame(Audio, picture * 100 + 50, 5_000 + picture as u32));
    }
}

/// What comes next for a reader, all in one, if it may be given that.
fn read_joined(cursor: &mut Cursor, ring: &Ring) -> Vec<Packet> {
    let batch = cursor.next_position().and_then(|position| ring.batch(position, u64::MAX));
    let Some(batch) = batch.filter(|batch| cursor.is_at(batch)) else {
        return Vec::new();
    };
    cursor.pass_batch(&batch);
    (batch.from..batch.to).map(|position| ring.get(position).unwrap().clone()).collect()
}
