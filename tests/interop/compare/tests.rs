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
