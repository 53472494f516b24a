//! Whether a recording is what was sent: the same packets in the same order, byte for byte, each under
//! the same codec header, all of them moved by one amount of time.
//!
//! Codec headers are compared as what is *in force* at each packet and not as packets of their own,
//! because recorders may repeat a header or put their own time on it (nginx-rtmp does both).
//! Metadata is left out: recorders write their own. The mark at the pictures' end has to be there but
//! may come at any time, because encoders disagree on its time and some put zero there.

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

/// A sound or picture with the codec header in force for it.
#[derive(Clone, Copy)]
struct Media<'a> {
    packet: &'a Packet,
    header: Option<&'a [u8]>,
}

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
    let (mut audio, mut video) = (None, None);
    let mut media = Vec::new();
    for packet in packets {
        let header = if packet.kind == Kind::Audio { &mut audio } else { &mut video };
        if packet.is_header() {
            *header = Some(packet.payload.as_slice());
        } else if packet.is_media() {
            media.push(Media { packet, header: *header });
        }
    }
    media
}

fn check_packet(at: usize, wanted: &Media<'_>, got: &Media<'_>, time_shift: i32) -> Result<(), String> {
    if !got.is_same_media(wanted) {
        return Err(format!("packet {at} is {got}, should be {wanted}"));
    }
    if got.header != wanted.header {
        let header = if got.header.is_some() { "another" } else { "no" };
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
mod tests {
    use super::*;

    fn packet(kind: Kind, time: u32, payload: &[u8]) -> Packet {
        Packet { kind, time, payload: payload.to_vec() }
    }

    /// Both headers, then eight pictures of which two are key frames, each followed by a sound.
    fn stream() -> Vec<Packet> {
        let mut packets = vec![video_header(1), audio_header(1)];
        for number in 0..8_u8 {
            let key = if number % 4 == 0 { 0x17 } else { 0x27 };
            let time = u32::from(number) * 40;
            packets.push(packet(Kind::Video, time, &[key, 1, 0, 0, 0, number]));
            packets.push(packet(Kind::Audio, time + 7, &[0xaf, 1, number]));
        }
        packets
    }

    fn video_header(version: u8) -> Packet {
        packet(Kind::Video, 0, &[0x17, 0, 0, 0, 0, version])
    }

    fn audio_header(version: u8) -> Packet {
        packet(Kind::Audio, 0, &[0xaf, 0, version])
    }

    fn moved(mut packets: Vec<Packet>, by: u32) -> Vec<Packet> {
        for packet in &mut packets {
            packet.time = packet.time.wrapping_add(by);
        }
        packets
    }

    /// The complaint about the recording that `spoil` makes of the stream.
    fn complaint(spoil: impl FnOnce(&mut Vec<Packet>)) -> String {
        let mut recorded = stream();
        spoil(&mut recorded);
        Comparison::with(&stream()).check(&recorded).unwrap_err()
    }

    #[test]
    fn an_equal_recording_matches_at_any_offset() {
        for by in [0, 5000, u32::MAX - 100] {
            let found = Comparison::with(&stream()).check(&moved(stream(), by)).unwrap();
            assert_eq!(found, Match { first: 0, packets: 16, time_shift: by.cast_signed() });
        }
    }

    #[test]
    fn repeated_headers_and_metadata_do_not_matter() {
        let mut recorded = stream();
        recorded.insert(7, audio_header(1));
        recorded.insert(0, packet(Kind::Data, 0, b"whatever"));
        assert!(Comparison::with(&stream()).check(&recorded).is_ok());
    }

    #[test]
    fn a_missing_packet_is_found() {
        let told = complaint(|recorded| drop(recorded.remove(6)));
        assert_eq!(
            told,
            "packet 4 is Audio of 3 bytes at 87 ms, should be Video of 6 bytes at 80 ms; it was sent 1 packets later"
        );
    }

    #[test]
    fn swapped_and_repeated_packets_are_found() {
        assert!(complaint(|recorded| recorded.swap(6, 8)).contains("sent 2 packets later"));
        let told = complaint(|recorded| recorded.insert(7, recorded[5].clone()));
        assert!(told.contains("sent 2 packets before"), "{told}");
    }

    #[test]
    fn a_changed_byte_is_found() {
        let told = complaint(|recorded| *recorded[9].payload.last_mut().unwrap() ^= 0x80);
        assert!(told.contains("it was never sent"), "{told}");
    }

    #[test]
    fn a_shifted_time_is_found_and_rounding_is_not() {
        let told = complaint(|recorded| recorded[9].time += 2);
        assert!(told.contains("moved by 2 ms, the first one by 0 ms"), "{told}");
        let mut rounded = stream();
        rounded[9].time += 1;
        assert!(Comparison::with(&stream()).check(&rounded).is_ok());
    }

    #[test]
    fn the_end_mark_may_come_at_any_time_but_not_be_missing() {
        let mut sent = stream();
        sent.push(packet(Kind::Video, 0, &[0x17, 2, 0, 0, 0]));
        let mut recorded = sent.clone();
        recorded[18].time = 287;
        assert!(Comparison::with(&sent).check(&recorded).is_ok());
        assert!(Comparison::with(&sent).check(&recorded[..18]).is_err());
    }

    #[test]
    fn a_changed_or_missing_header_is_found() {
        let told = complaint(|recorded| recorded[1] = audio_header(2));
        assert!(told.contains("packet 1 (Audio"), "{told}");
        assert!(told.contains("under another codec header"), "{told}");
        let told = complaint(|recorded| drop(recorded.remove(0)));
        assert!(told.contains("packet 0 (key Video"), "{told}");
        assert!(told.contains("under no codec header"), "{told}");
    }

    #[test]
    fn a_header_change_has_to_stand_at_its_place() {
        let mut sent = stream();
        sent.insert(10, video_header(2));
        assert!(Comparison::with(&sent).check(&sent).is_ok());
        assert!(Comparison::with(&sent).check(&stream()).is_err());
        let mut late = stream();
        late.insert(12, video_header(2));
        let told = Comparison::with(&sent).check(&late).unwrap_err();
        assert!(told.contains("packet 8 (key Video"), "{told}");
    }

    #[test]
    fn the_end_has_to_be_there_but_for_the_tail() {
        let told = complaint(|recorded| recorded.truncate(16));
        assert!(told.starts_with("the recording ends 2 packets early"), "{told}");
        let sent = stream();
        let comparison = Comparison::with(&sent);
        assert!(comparison.lacking_at_end(2).check(&stream()[..16]).is_ok());
        assert!(comparison.lacking_at_end(1).check(&stream()[..16]).is_err());
        assert!(comparison.check(&[]).is_err());
        let told = complaint(|recorded| recorded.push(recorded[5].clone()));
        assert!(told.contains("after the last one that was sent"), "{told}");
    }

    #[test]
    fn a_late_recording_begins_at_a_key_frame() {
        let sent = stream();
        let mut late = vec![video_header(1), audio_header(1)];
        late.extend_from_slice(&sent[10..]);
        let comparison = Comparison::with(&sent);
        assert!(comparison.check(&late).is_err());
        assert_eq!(comparison.starting_at_any_key_frame().check(&late).unwrap().first, 8);
        late.remove(2);
        assert!(comparison.starting_at_any_key_frame().check(&late).is_err());
    }

    #[test]
    fn sound_before_the_first_key_frame_does_not_belong_to_the_recording() {
        let mut sent = stream();
        sent.insert(2, packet(Kind::Audio, 0, &[0xaf, 1, 99]));
        assert_eq!(Comparison::with(&sent).check(&stream()).unwrap().first, 1);
        assert!(Comparison::with(&sent).check(&sent).is_err());
        assert!(Comparison::with(&sent).starting_at_first_packet().check(&sent).is_ok());
    }

    #[test]
    fn sound_alone_begins_with_its_first_packet() {
        let sent: Vec<Packet> = stream().into_iter().filter(|one| one.kind == Kind::Audio).collect();
        assert_eq!(Comparison::with(&sent).check(&sent).unwrap().packets, 8);
        let mut late = sent.clone();
        late.remove(1);
        assert!(Comparison::with(&sent).check(&late).is_err());
    }
}
