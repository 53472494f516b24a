//! Whether a recording is what was sent: the same packets in the same order, byte for byte, each under
//! the same codec header, all of them moved by one amount of time.
//!
//! Codec headers are compared as what is *in force* at each packet and not as packets of their own,
//! because recorders may repeat a header or put their own time on it (nginx-rtmp does both).
//! Metadata is left out: recorders write their own. The mark at the pictures' end has to be there but
//! may come at any time, because encoders disagree on its time and some put zero there.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::flv::{Kind, Packet};

/// What is asked of a recording.
#[derive(Clone, Copy)]
pub(crate) struct Comparison<'a> {
    sent: &'a [Packet],
    start: Start,
    tail: usize,
}

/// Where a recording has to begin.
#[derive(Clone, Copy)]
enum Start {
    FirstPacket,
    FirstKeyFrame,
    AnyKeyFrame,
}

/// How a good recording lies in what was sent; media packets are counted, headers are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Which of the media packets sent is the recording's first.
    pub(crate) first: usize,
    /// How many media packets were recorded.
    pub(crate) packets: usize,
    /// Milliseconds added to every time.
    pub(crate) time_shift: i32,
}

impl<'a> Comparison<'a> {
    /// Asks for all of `sent` from its first key frame on, or from its first packet when there is no
    /// picture in it.
    pub(crate) fn with(sent: &'a [Packet]) -> Self {
        Self { sent, start: Start::FirstKeyFrame, tail: 0 }
    }

    /// Asks for what was sent before the first key frame too.
    pub(crate) fn starting_at_first_packet(self) -> Self {
        Self { start: Start::FirstPacket, ..self }
    }

    /// Lets the recording begin at any key frame.
    pub(crate) fn starting_at_any_key_frame(self) -> Self {
        Self { start: Start::AnyKeyFrame, ..self }
    }

    /// Lets up to `packets` be missing at the end, for a stream that was cut off.
    pub(crate) fn lacking_at_end(self, packets: usize) -> Self {
        Self { tail: packets, ..self }
    }

    /// Compares `recorded`; the error is a sentence about the first difference.
    pub(crate) fn check(&self, recorded: &[Packet]) -> Result<Match, String> {
        let sent = media(self.sent);
        let recorded = media(recorded);
        let head = recorded.first().ok_or("the recording holds neither sound nor picture")?;
        if sent.is_empty() {
            return Err("nothing was sent".to_owned());
        }
        let first = self.locate(&sent, &recorded)?;
        let time_shift = head.shift_from(&sent[first]);
        for (at, got) in recorded.iter().enumerate() {
            let wanted = sent
                .get(first + at)
                .ok_or_else(|| format!("packet {at} ({got}) comes after the last one that was sent"))?;
            check_packet(at, wanted, got, time_shift)
                .map_err(|what| format!("{what}{}", whereabouts(&sent, first + at, got)))?;
        }
        let missing = sent.len() - first - recorded.len();
        if missing > self.tail {
            return Err(format!(
                "the recording ends {missing} packets early, after {}",
                recorded[recorded.len() - 1]
            ));
        }
        Ok(Match { first, packets: recorded.len(), time_shift })
    }

    /// Which packet of `sent` the recording has to begin with.
    fn locate(&self, sent: &[Media<'_>], recorded: &[Media<'_>]) -> Result<usize, String> {
        let has_pictures = sent.iter().any(|one| one.packet.is_key_frame());
        let mut entries = (0..sent.len()).filter(|at| !has_pictures || sent[*at].packet.is_key_frame());
        match self.start {
            Start::FirstPacket => Ok(0),
            Start::FirstKeyFrame => Ok(entries.next().unwrap_or_default()),
            Start::AnyKeyFrame => entries
                .filter(|at| sent[*at].is_same_media(&recorded[0]))
                .max_by_key(|at| common_run(&sent[*at..], recorded))
                .ok_or_else(|| {
                    format!("the recording begins with {}, which is no key frame that was sent", recorded[0])
                }),
        }
    }
}

/// A sound or picture with the codec headers in force for it.
#[derive(Clone)]
struct Media<'a> {
    packet: &'a Packet,
    headers: Rc<Headers<'a>>,
}

/// The newest header of each slot: tracks have their own, and colour or channels beside those.
type Headers<'a> = BTreeMap<(u8, u8), &'a [u8]>;

impl Media<'_> {
    fn is_same_media(&self, other: &Self) -> bool {
        self.packet.kind == other.packet.kind && self.packet.payload == other.packet.payload
    }

    /// Milliseconds from `sent`'s time to this one's, across the wrap of the 32-bit clock too.
    fn shift_from(&self, sent: &Self) -> i32 {
        self.packet.time.wrapping_sub(sent.packet.time).cast_signed()
    }
}

impl std::fmt::Display for Media<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = if self.packet.is_key_frame() { "key " } else { "" };
        let Packet { kind, time, payload } = self.packet;
        write!(f, "{key}{kind:?} of {} bytes at {time} ms", payload.len())
    }
}

fn media(packets: &[Packet]) -> Vec<Media<'_>> {
    let (mut audio, mut video) = (Rc::default(), Rc::default());
    let mut media = Vec::new();
    for packet in packets {
        let headers: &mut Rc<Headers<'_>> = if packet.kind == Kind::Audio { &mut audio } else { &mut video };
        if let Some(slot) = packet.header_slot() {
            Rc::make_mut(headers).insert(slot, &packet.payload);
        } else if packet.is_media() {
            media.push(Media { packet, headers: Rc::clone(headers) });
        }
    }
    media
}

fn check_packet(at: usize, wanted: &Media<'_>, got: &Media<'_>, time_shift: i32) -> Result<(), String> {
    if !got.is_same_media(wanted) {
        return Err(format!("packet {at} is {got}, should be {wanted}"));
    }
    if got.headers != wanted.headers {
        let header = if got.headers.is_empty() { "no" } else { "another" };
        return Err(format!("packet {at} ({got}) comes under {header} codec header"));
    }
    let shift = got.shift_from(wanted);
    if shift.abs_diff(time_shift) > TOLERANCE_MS && !got.packet.is_end_mark() {
        return Err(format!("packet {at} ({got}) is moved by {shift} ms, the first one by {time_shift} ms"));
    }
    Ok(())
}

/// Where else in `sent` the packet `got` is, that was expected at `expected`.
fn whereabouts(sent: &[Media<'_>], expected: usize, got: &Media<'_>) -> String {
    if sent[expected].is_same_media(got) {
        return String::new();
    }
    let ahead = sent[expected..].iter().position(|one| one.is_same_media(got));
    let behind = sent[..expected].iter().rev().position(|one| one.is_same_media(got));
    match (ahead, behind) {
        (Some(ahead), _) => format!("; it was sent {ahead} packets later"),
        (None, Some(behind)) => format!("; it was sent {} packets before", behind + 1),
        (None, None) => "; it was never sent".to_owned(),
    }
}

fn common_run(sent: &[Media<'_>], recorded: &[Media<'_>]) -> usize {
    sent.iter().zip(recorded).take_while(|(wanted, got)| wanted.is_same_media(got)).count()
}

/// A recorder that keeps time in other units rounds to the nearest millisecond.
const TOLERANCE_MS: u32 = 1;

#[cfg(test)]
mod tests;
