//! Writes FLV, for those who take a stream without RTMP (FLV 10.1, annex E).

use bytes::{BufMut, Bytes, BytesMut};

use super::amf0_string;
use crate::media::Kind;

/// Begins a file that has sound, pictures or both, as far as is known.
pub fn put_header(out: &mut BytesMut, has_audio: bool, has_video: bool) {
    out.put_slice(b"FLV\x01");
    out.put_u8(u8::from(has_audio) << 2 | u8::from(has_video));
    out.put_u32(HEADER);
    // The size of the tag before the first.
    out.put_u32(0);
}

/// Adds a tag, whose body of `len` bytes comes in pieces. Times count modulo 2^32 milliseconds.
pub fn put_tag<'a>(
    out: &mut BytesMut,
    kind: Kind,
    time: u32,
    len: usize,
    pieces: impl Iterator<Item = &'a [u8]>,
) {
    // No message of RTMP has a length that needs more than 24 bits.
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    out.reserve(TAG_OVERHEAD + usize::try_from(len).unwrap_or(0));
    out.put_u8(tag_type(kind));
    out.put_uint(len.into(), 3);
    out.put_uint((time & 0x00ff_ffff).into(), 3);
    out.put_uint((time >> 24).into(), 1);
    // The number of the stream, which is always 0.
    out.put_uint(0, 3);
    pieces.for_each(|piece| out.put_slice(piece));
    out.put_u32(len.saturating_add(TAG_HEADER));
}

/// Script data as it stands in a file: without the word that tells an RTMP server to keep it.
pub fn script_data(payload: &Bytes) -> Bytes {
    match amf0_string(payload) {
        (b"@setDataFrame", rest) => payload.slice_ref(rest),
        _ => payload.clone(),
    }
}

fn tag_type(kind: Kind) -> u8 {
    match kind {
        kind if kind.is_audio() => 8,
        kind if kind.is_video() => 9,
        _ => 18,
    }
}

/// Bytes of a file's header.
const HEADER: u32 = 9;

/// Bytes of a tag's header.
const TAG_HEADER: u32 = 11;

/// Bytes around a tag's body.
const TAG_OVERHEAD: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::flv::data_kind;

    fn tag(kind: Kind, time: u32, body: &[u8]) -> Vec<u8> {
        let mut out = BytesMut::new();
        put_tag(&mut out, kind, time, body.len(), body.chunks(3));
        out.to_vec()
    }

    #[test]
    fn a_file_says_what_is_in_it() {
        for (has_audio, has_video, flags) in [(true, true, 5), (true, false, 4), (false, true, 1)] {
            let mut out = BytesMut::new();
            put_header(&mut out, has_audio, has_video);
            assert_eq!(&out[..], &[b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0]);
        }
    }

    #[test]
    fn a_tag_stands_between_its_header_and_its_size() {
        let expected = b"\x09\0\0\x07\x02\x03\x04\x01\0\0\0\x17\x01\0\0\0\xaa\xbb\0\0\0\x12";
        assert_eq!(tag(Kind::VideoKey, 0x0102_0304, b"\x17\x01\0\0\0\xaa\xbb"), expected);
        assert_eq!(tag(Kind::AudioHeader, 0, b""), b"\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\x0b");
        for (kind, number) in [
            (Kind::Audio, 8),
            (Kind::AudioEnd, 8),
            (Kind::VideoHeader, 9),
            (Kind::VideoInter, 9),
            (Kind::VideoEnd, 9),
            (Kind::Metadata, 18),
            (Kind::Data, 18),
        ] {
            assert_eq!(tag(kind, 0, b"x")[0], number, "{kind:?}");
        }
    }

    #[test]
    fn metadata_loses_the_word_for_servers_and_nothing_else() {
        let set = Bytes::from_static(b"\x02\x00\x0d@setDataFrame\x02\x00\x0aonMetaData\x08");
        let plain = Bytes::from_static(b"\x02\x00\x0aonMetaData\x08");
        assert_eq!(script_data(&set), plain);
        assert_eq!(script_data(&plain), plain);
        assert_eq!(data_kind(&script_data(&set)), Kind::Metadata);
        for cut in [&b"\x02\x00\xffcut"[..], b"", b"\x02"] {
            assert_eq!(script_data(&Bytes::copy_from_slice(cut)), cut);
        }
    }
}
