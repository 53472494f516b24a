//! The tags of Enhanced RTMP (v1 and v2, specification of January 2026): a FourCC instead of a codec number,
//! extensions before it, and several tracks in one message.
//!
//! Each tag is taken apart without loss and can be [written](mod@write) again; what makes no sense is `None`, and
//! is for whoever asked to pass on as it came.

pub(super) mod write;

/// Four letters that name a codec.
pub(super) type FourCc = [u8; 4];

/// Sound or pictures: their packet types have other numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Media {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// What a packet of a track is. Numbers differ between sound and pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Packet {
    /// A decoder's configuration.
    SequenceStart,
    /// Sound, or a picture whose composition time comes first if its codec reorders pictures.
    CodedFrames,
    /// The end of the track.
    SequenceEnd,
    /// A picture without a composition time, which is 0.
    CodedFramesX,
    /// Colour metadata, of pictures.
    Metadata,
    /// A configuration in the words of MPEG-2 TS, of pictures.
    Mpeg2TsSequenceStart,
    /// How many channels there are and where, of sound.
    MultichannelConfig,
    /// Reserved.
    Reserved(u8),
}

impl Packet {
    fn read(media: Media, number: u8) -> Self {
        match (media, number) {
            (_, 0) => Self::SequenceStart,
            (_, 1) => Self::CodedFrames,
            (_, 2) => Self::SequenceEnd,
            (Media::Video, 3) => Self::CodedFramesX,
            (Media::Video, 4) => Self::Metadata,
            (Media::Video, 5) => Self::Mpeg2TsSequenceStart,
            (Media::Audio, 4) => Self::MultichannelConfig,
            (_, number) => Self::Reserved(number),
        }
    }

    /// Its number in a header.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::SequenceStart => 0,
            Self::CodedFrames => 1,
            Self::SequenceEnd => 2,
            Self::CodedFramesX => 3,
            Self::Metadata | Self::MultichannelConfig => 4,
            Self::Mpeg2TsSequenceStart => 5,
            Self::Reserved(number) => number,
        }
    }
}

/// How tracks stand in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// The default track alone, without a number.
    Plain,
    /// One track with its number.
    OneTrack,
    /// Several of one codec.
    ManyTracks,
    /// Several, each with its codec.
    ManyTracksManyCodecs,
}

impl Layout {
    fn read(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::OneTrack,
            1 => Self::ManyTracks,
            2 => Self::ManyTracksManyCodecs,
            _ => return None,
        })
    }
}

/// A tag, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExTag<'a> {
    pub(super) media: Media,
    /// Of pictures: 1 is a key frame, 5 a command. 0 of sound.
    pub(super) frame_type: u8,
    /// Extensions, as they stand: each its size, its data, and a nibble that says what it is; the nibble after
    /// that is the next packet type.
    pub(super) extensions: &'a [u8],
    pub(super) packet: Packet,
    pub(super) layout: Layout,
    /// Of all tracks but for [`Layout::ManyTracksManyCodecs`].
    four_cc: FourCc,
    /// All tracks, behind the header.
    rest: &'a [u8],
}

/// A track's part of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Track<'a> {
    /// Its number; 0 is the default track.
    pub(super) id: u8,
    pub(super) four_cc: FourCc,
    pub(super) body: &'a [u8],
}

/// Whether a tag is one of Enhanced RTMP, as its first byte tells.
pub(super) fn is_enhanced(media: Media, first: u8) -> bool {
    match media {
        Media::Video => first & EX_HEADER != 0,
        Media::Audio => first >> 4 == SOUND_EX_HEADER,
    }
}

impl<'a> ExTag<'a> {
    /// Reads a tag; `None` if it is a classic one, a command, or makes no sense.
    pub(super) fn read(media: Media, payload: &'a [u8]) -> Option<Self> {
        let (first, rest) = payload.split_first()?;
        if !is_enhanced(media, *first) {
            return None;
        }
        let frame_type = if media == Media::Video { first >> 4 & 0x07 } else { 0 };
        let (number, extensions, rest) = skip_extensions(first & 0x0f, rest)?;
        let is_multitrack = number == multitrack(media);
        // A seek command has no FourCC; colour metadata carries frame type 5 too when ffmpeg writes it.
        if frame_type == FRAME_COMMAND && !is_multitrack && Packet::read(media, number) != Packet::Metadata {
            return None;
        }
        let tag = Self {
            media,
            frame_type,
            extensions,
            packet: Packet::read(media, number),
            layout: Layout::Plain,
            four_cc: [0; 4],
            rest,
        };
        if !is_multitrack {
            let (four_cc, rest) = rest.split_first_chunk()?;
            return Some(Self { four_cc: *four_cc, rest, ..tag });
        }
        let (byte, rest) = rest.split_first()?;
        let (layout, number) = (Layout::read(byte >> 4)?, byte & 0x0f);
        if number == multitrack(media) || number == MOD_EX {
            return None;
        }
        let tag = Self { packet: Packet::read(media, number), layout, ..tag };
        match layout {
            Layout::ManyTracksManyCodecs => Some(Self { rest, ..tag }),
            _ => {
                let (four_cc, rest) = rest.split_first_chunk()?;
                Some(Self { four_cc: *four_cc, rest, ..tag })
            }
        }
        .filter(|tag| tag.tracks().next().is_some())
    }

    /// The tracks, in order. One that is cut short ends them.
    pub(super) fn tracks(&self) -> Tracks<'a> {
        Tracks { layout: self.layout, four_cc: self.four_cc, rest: Some(self.rest) }
    }

    /// The part of one track.
    pub(super) fn track(&self, id: u8) -> Option<Track<'a>> {
        self.tracks().find(|track| track.id == id)
    }
}

/// See [`ExTag::tracks`].
#[derive(Debug, Clone)]
pub(super) struct Tracks<'a> {
    layout: Layout,
    four_cc: FourCc,
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Tracks<'a> {
    type Item = Track<'a>;

    fn next(&mut self) -> Option<Track<'a>> {
        let rest = self.rest.take()?;
        if self.layout == Layout::Plain {
            return Some(Track { id: 0, four_cc: self.four_cc, body: rest });
        }
        let (four_cc, rest) = match self.layout {
            Layout::ManyTracksManyCodecs => {
                rest.split_first_chunk().map(|(four_cc, rest)| (*four_cc, rest))?
            }
            _ => (self.four_cc, rest),
        };
        let (id, rest) = rest.split_first()?;
        if self.layout == Layout::OneTrack {
            return Some(Track { id: *id, four_cc, body: rest });
        }
        let (size, rest) = rest.split_first_chunk::<3>()?;
        let [high, middle, low] = *size;
        let size = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
        let (body, rest) = rest.split_at_checked(size)?;
        self.rest = Some(rest);
        Some(Track { id: *id, four_cc, body })
    }
}

/// Steps over extensions: a size byte (256 means that a 16-bit size follows), that many bytes, then a nibble that
/// says what it was and the next packet type. Returns the last packet type, the extensions and what follows.
fn skip_extensions(mut packet_type: u8, start: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let mut rest = start;
    while packet_type == MOD_EX {
        let (size, after) = rest.split_first()?;
        let mut size = usize::from(*size) + 1;
        rest = after;
        if size == 256 {
            let (long, after) = rest.split_first_chunk::<2>()?;
            size = usize::from(u16::from_be_bytes(*long)) + 1;
            rest = after;
        }
        let (next, after) = rest.get(size..)?.split_first()?;
        packet_type = next & 0x0f;
        rest = after;
    }
    let (extensions, rest) = start.split_at_checked(start.len() - rest.len())?;
    Some((packet_type, extensions, rest))
}

/// The packet type that says that there are tracks with numbers.
fn multitrack(media: Media) -> u8 {
    match media {
        Media::Audio => 5,
        Media::Video => 6,
    }
}

/// Top bit of a video tag's first byte: the FourCC form follows.
const EX_HEADER: u8 = 0x80;
/// The sound format that stands for the FourCC form.
const SOUND_EX_HEADER: u8 = 9;
/// The frame type of a seek command.
pub(super) const FRAME_COMMAND: u8 = 5;
const MOD_EX: u8 = 7;

#[cfg(test)]
mod tests;
