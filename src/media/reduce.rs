//! Gives a tag the form that a receiver takes: fewer tracks, no framing of tracks, classic tags.
//!
//! Only the first bytes of a tag are made anew; what a decoder reads stays as the encoder sent it. A tag that needs
//! no change is passed on as it is.

use bytes::{BufMut, Bytes, BytesMut};

use super::enhanced::write::{framed, of, plain};
use super::enhanced::{ExTag, FRAME_COMMAND, FourCc, Layout, Media, Packet, Track, is_enhanced};
use super::flv::{CLASSIC_AVC, CLASSIC_HEVC, Codec, FRAME_KEY, SOUND_AAC, codec};
use super::frame::Kind;

/// What is kept of the tracks of sound, or of pictures.
#[derive(Clone, Copy)]
pub struct Kept<'a> {
    /// The one track that is kept, sent as the default track; `None` keeps them all, with their numbers.
    pub only: Option<u8>,
    /// Whether a codec is kept.
    pub takes: &'a dyn Fn(Codec) -> bool,
    /// H.264, AAC and MP3 get the classic form and HEVC its FourCC, and extensions go.
    pub is_common: bool,
}

/// What is left of a message of sound or pictures; `None` if nothing is.
pub fn reduce(kind: Kind, payload: &Bytes, kept: Kept<'_>) -> Option<Bytes> {
    let media = if kind.is_video() { Media::Video } else { Media::Audio };
    if !payload.first().is_some_and(|first| is_enhanced(media, *first)) {
        return classic(media, kind, payload, kept);
    }
    let Some(tag) = ExTag::read(media, payload) else {
        // A command, or what nobody can read: of the default track, if of any.
        return kept.only.is_none_or(|only| only == 0).then(|| payload.clone());
    };
    let is_kept = |track: &Track<'_>| {
        kept.only.is_none_or(|only| only == track.id) && (kept.takes)(Codec::of(track.four_cc))
    };
    let extensions = if kept.is_common { &[] } else { tag.extensions };
    if kept.only.is_some() || tag.layout == Layout::Plain {
        let track = tag.tracks().find(is_kept)?;
        if kept.is_common && is_classic(track.four_cc) {
            return to_classic(&tag, track);
        }
        let is_as_it_was = tag.layout == Layout::Plain && extensions.len() == tag.extensions.len();
        return Some(if is_as_it_was { payload.clone() } else { plain(&tag, extensions, track) });
    }
    let (left, all) = (tag.tracks().filter(is_kept).count(), tag.tracks().count());
    match left {
        0 => None,
        _ if left == all && extensions.len() == tag.extensions.len() => Some(payload.clone()),
        _ => Some(framed(&tag, extensions, tag.tracks().filter(is_kept))),
    }
}

/// A classic tag is of the default track.
fn classic(media: Media, kind: Kind, payload: &Bytes, kept: Kept<'_>) -> Option<Bytes> {
    let is_kept = kept.only.is_none_or(|only| only == 0) && codec(kind, payload).is_none_or(kept.takes);
    if !is_kept {
        return None;
    }
    let renamed = if kept.is_common && media == Media::Video { hevc_by_four_cc(payload) } else { None };
    Some(renamed.unwrap_or_else(|| payload.clone()))
}

/// HEVC as some encoders sent it before there was a FourCC for it.
fn hevc_by_four_cc(payload: &[u8]) -> Option<Bytes> {
    let (header, body) = payload.split_first_chunk::<5>()?;
    let [first, packet_type, composition @ ..] = header;
    let frame_type = first >> 4;
    if first & 0x0f != CLASSIC_HEVC || frame_type == FRAME_COMMAND {
        return None;
    }
    let four_cc = *b"hvc1";
    match packet_type {
        0 => Some(of(Media::Video, FRAME_KEY, Packet::SequenceStart, four_cc, body)),
        1 => {
            let body = [composition, body].concat();
            Some(of(Media::Video, frame_type, Packet::CodedFrames, four_cc, &body))
        }
        2 => Some(of(Media::Video, FRAME_KEY, Packet::SequenceEnd, four_cc, &[])),
        _ => None,
    }
}

/// Whether classic FLV has a form for a codec.
fn is_classic(four_cc: FourCc) -> bool {
    matches!(&four_cc, b"avc1" | b"mp4a" | b".mp3")
}

/// A track's tag as classic FLV has it; `None` if it has no such tag.
fn to_classic(tag: &ExTag<'_>, track: Track<'_>) -> Option<Bytes> {
    const NO_COMPOSITION: &[u8] = &[0; 3];
    let picture = tag.frame_type << 4 | CLASSIC_AVC;
    let key = FRAME_KEY << 4 | CLASSIC_AVC;
    let (header, composition): (&[u8], _) = match (&track.four_cc, tag.packet) {
        (b"avc1", Packet::SequenceStart) => (&[key, 0], NO_COMPOSITION),
        // Its composition time stands where the classic tag has it.
        (b"avc1", Packet::CodedFrames) => (&[picture, 1], &[][..]),
        (b"avc1", Packet::CodedFramesX) => (&[picture, 1], NO_COMPOSITION),
        (b"avc1", Packet::SequenceEnd) => (&[key, 2], NO_COMPOSITION),
        (b"mp4a", Packet::SequenceStart) => (&[AAC, 0], &[][..]),
        (b"mp4a", Packet::CodedFrames) => (&[AAC, 1], &[][..]),
        (b".mp3", Packet::CodedFrames) => (&[MP3], &[][..]),
        _ => return None,
    };
    let mut out = BytesMut::with_capacity(header.len() + composition.len() + track.body.len());
    out.put_slice(header);
    out.put_slice(composition);
    out.put_slice(track.body);
    Some(out.freeze())
}

/// 44.1 kHz, 16 bits, stereo: always said of AAC, and what most MP3 is. Decoders go by what is inside.
const AAC: u8 = SOUND_AAC << 4 | 0x0f;
const MP3: u8 = 0x2f;

#[cfg(test)]
mod tests;
