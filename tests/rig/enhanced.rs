//! How a tag of Enhanced RTMP begins: a FourCC instead of a codec number, extensions before it, and
//! several tracks in one message. Written from the specification, apart from the relay's own reader.

/// The beginning of a tag; of one with many tracks, that of the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Enhanced {
    /// Of video only: 1 is a key frame.
    pub(crate) frame_type: u8,
    pub(crate) packet_type: u8,
    pub(crate) four_cc: [u8; 4],
    /// The track's number, and `None` in a tag that is not made for tracks.
    pub(crate) track: Option<u8>,
    /// Where the codec's own data begin.
    pub(crate) body: usize,
}

impl Enhanced {
    /// Reads a video tag; `None` for a classic one, and for what makes no sense.
    pub(crate) fn video(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        (first & 0x80 != 0).then(|| Self::read(payload, first >> 4 & 7, VIDEO_TRACKS)).flatten()
    }

    /// Reads an audio tag.
    pub(crate) fn audio(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        (first >> 4 == 9).then(|| Self::read(payload, 0, AUDIO_TRACKS)).flatten()
    }

    fn read(payload: &[u8], frame_type: u8, tracks: u8) -> Option<Self> {
        let (mut packet_type, mut at) = (payload[0] & 0x0f, 1);
        while packet_type == MOD_EX {
            let mut size = usize::from(*payload.get(at)?) + 1;
            at += 1;
            if size == 256 {
                size = usize::from(u16::from_be_bytes(*payload.get(at..)?.first_chunk()?)) + 1;
                at += 2;
            }
            packet_type = *payload.get(at + size)? & 0x0f;
            at += size + 1;
        }
        let layout = (packet_type == tracks).then(|| payload.get(at).copied());
        if let Some(layout) = layout {
            packet_type = layout? & 0x0f;
            at += 1;
        }
        let four_cc = *payload.get(at..)?.first_chunk::<4>()?;
        at += 4;
        let mut track = None;
        if let Some(layout) = layout.flatten() {
            track = Some(*payload.get(at)?);
            at += if layout >> 4 == 0 { 1 } else { 4 };
        }
        Some(Self { frame_type, packet_type, four_cc, track, body: at })
    }
}

const MOD_EX: u8 = 7;
const VIDEO_TRACKS: u8 = 6;
const AUDIO_TRACKS: u8 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(payload: &[u8]) -> Option<Enhanced> {
        Enhanced::audio(payload)
    }

    #[test]
    fn all_forms_are_read() {
        let long = [&b"\x97\xff\x00\xff"[..], &[0; 256], b"\x01av01"].concat();
        for (payload, frame_type, packet_type, four_cc, track, body) in [
            (&b"\x90hvc1"[..], 1, 0, b"hvc1", None, 5),
            (b"\xd4av01\x02", 5, 4, b"av01", None, 5),
            (b"\x97\x02\x00\x00\x09\x01av01", 1, 1, b"av01", None, 10),
            (&long, 1, 1, b"av01", None, 265),
            (b"\x96\x01hvc1\x01\x00", 1, 1, b"hvc1", Some(1), 7),
            (b"\xa6\x11hvc1\x00\x00\x00\x02\x01\x02", 2, 1, b"hvc1", Some(0), 10),
            (b"\x96\x20vp09\x03\x00\x00\x01\x01", 1, 0, b"vp09", Some(3), 10),
        ] {
            let expected = Enhanced { frame_type, packet_type, four_cc: *four_cc, track, body };
            assert_eq!(Enhanced::video(payload), Some(expected), "{payload:02x?}");
        }
        let aac = Enhanced { frame_type: 0, packet_type: 0, four_cc: *b"mp4a", track: Some(1), body: 7 };
        assert_eq!(sound(b"\x95\x00mp4a\x01\x11\x90"), Some(aac));
        assert_eq!(Enhanced::video(b"\x17\x01"), None);
        assert_eq!(sound(b"\xaf\x01"), None);
        assert_eq!(Enhanced::video(b"\x91hvc"), None);
    }
}
