//! Writes tags of Enhanced RTMP.

use bytes::{BufMut, Bytes, BytesMut};

use super::{EX_HEADER, ExTag, FourCc, Layout, MOD_EX, Media, Packet, SOUND_EX_HEADER, Track, multitrack};

/// A tag of the default track alone, without its number: what a receiver knows who knows no tracks.
pub(in crate::media) fn plain(tag: &ExTag<'_>, extensions: &[u8], track: Track<'_>) -> Bytes {
    let mut out = BytesMut::with_capacity(1 + extensions.len() + 4 + track.body.len());
    put_start(&mut out, tag, extensions, tag.packet.number());
    out.put_slice(&track.four_cc);
    out.put_slice(track.body);
    out.freeze()
}

/// A tag with these tracks, in the layout that it had.
pub(in crate::media) fn framed<'a>(
    tag: &ExTag<'_>,
    extensions: &[u8],
    tracks: impl Iterator<Item = Track<'a>>,
) -> Bytes {
    let mut out = BytesMut::new();
    put_start(&mut out, tag, extensions, multitrack(tag.media));
    out.put_u8(layout_number(tag.layout) << 4 | tag.packet.number());
    let mut shared = None;
    for Track { id, four_cc, body } in tracks {
        let is_own = tag.layout == Layout::ManyTracksManyCodecs;
        if is_own || shared.is_none() {
            out.put_slice(&four_cc);
            shared = Some(four_cc);
        }
        out.put_u8(id);
        if tag.layout != Layout::OneTrack {
            // A message is shorter than 16 MiB, and so is a part of it.
            out.put_uint(u64::try_from(body.len()).unwrap_or(u64::MAX), 3);
        }
        out.put_slice(body);
    }
    out.freeze()
}

/// A tag of a track that came in an older form.
pub(in crate::media) fn of(
    media: Media,
    frame_type: u8,
    packet: Packet,
    four_cc: FourCc,
    body: &[u8],
) -> Bytes {
    let tag =
        ExTag { media, frame_type, extensions: &[], packet, layout: Layout::Plain, four_cc, rest: body };
    plain(&tag, &[], Track { id: 0, four_cc, body })
}

/// The first byte and the extensions, of which the last one says what comes next.
fn put_start(out: &mut BytesMut, tag: &ExTag<'_>, extensions: &[u8], packet_type: u8) {
    let upper = match tag.media {
        Media::Video => EX_HEADER | tag.frame_type << 4,
        Media::Audio => SOUND_EX_HEADER << 4,
    };
    match extensions.split_last() {
        None => out.put_u8(upper | packet_type),
        Some((last, others)) => {
            out.put_u8(upper | MOD_EX);
            out.put_slice(others);
            out.put_u8(last & 0xf0 | packet_type);
        }
    }
}

fn layout_number(layout: Layout) -> u8 {
    match layout {
        Layout::Plain | Layout::OneTrack => 0,
        Layout::ManyTracks => 1,
        Layout::ManyTracksManyCodecs => 2,
    }
}
