use super::*;
use crate::media::Kind;

fn decode(type_id: u8, body: &[u8]) -> Result<Message, Error> {
    let body = Bytes::copy_from_slice(body);
    Message::decode(Payload { chunk_stream: 3, timestamp: 1_000, type_id, stream: 1, body })
}

fn round_trip(message: &Message) -> Message {
    let mut sent = Vec::new();
    message.clone().encode(|payload| sent.push(payload));
    assert_eq!(sent.len(), 1);
    Message::decode(sent.remove(0)).unwrap()
}

#[test]
fn control_messages_round_trip() {
    for message in [
        Message::SetChunkSize(4_096),
        Message::Abort(6),
        Message::Acknowledgement(u32::MAX),
        Message::WindowAckSize(2_500_000),
        Message::SetPeerBandwidth(2_500_000),
        Message::UserControl(UserControl::StreamBegin(1)),
        Message::UserControl(UserControl::PingRequest(77)),
        Message::UserControl(UserControl::PingResponse(77)),
        Message::command(Command::new("createStream", 4.0)),
    ] {
        assert_eq!(round_trip(&message), message);
    }
}

#[test]
fn short_control_messages_are_errors_and_short_events_are_not() {
    assert_eq!(decode(SET_CHUNK_SIZE, &[0, 0]), Err(Error::Short(1)));
    assert_eq!(decode(SET_PEER_BANDWIDTH, &[0, 0, 0, 1]), Ok(Message::SetPeerBandwidth(1)));
    assert_eq!(decode(USER_CONTROL, &[0]), Ok(Message::UserControl(UserControl::Other(u16::MAX))));
}

#[test]
fn commands_framed_for_amf3_are_read() {
    let mut body = BytesMut::from(&[0][..]);
    Command::new("connect", 1.0).encode(&mut body);
    let Message::Command { command, .. } = decode(COMMAND_AMF3, &body).unwrap() else { panic!() };
    assert_eq!(command.name, "connect");
}

#[test]
fn data_framed_for_amf3_is_put_into_amf0() {
    let body = b"\x00\x02\x00\x0aonMetaData\x11\x04\x07";
    let Message::Media { tags, .. } = decode(DATA_AMF3, body).unwrap() else { panic!() };
    assert_eq!(tags[0].kind, Kind::Metadata);
    assert_eq!(&tags[0].payload[..], b"\x02\x00\x0aonMetaData\x00\x40\x1c\x00\x00\x00\x00\x00\x00");
}

#[test]
fn data_without_amf3_values_only_loses_its_format_byte() {
    let body = b"\x00\x02\x00\x03\xff\xfe\xfd\x7f what no decoder knows";
    let Message::Media { tags, .. } = decode(DATA_AMF3, body).unwrap() else { panic!() };
    assert_eq!(&tags[0].payload[..], &body[1..]);
}

#[test]
fn data_beyond_bounds_is_dropped_and_ends_nothing() {
    let deep = [&b"\x00\x11"[..], &b"\x09\x03\x01".repeat(100)].concat();
    assert_eq!(decode(DATA_AMF3, &deep), Ok(Message::Media { stream: 1, tags: vec![] }));
    let deep = b"\x0a\x00\x00\x00\x01".repeat(100);
    assert!(decode(COMMAND, &deep).is_err());
    assert!(matches!(decode(DATA, &deep), Ok(Message::Media { tags, .. }) if tags.len() == 1));
}

#[test]
fn an_aggregate_is_its_tags_moved_to_its_time() {
    let tag = |type_id: u8, time: u8, body: &[u8]| {
        let mut out = vec![type_id, 0, 0, body.len() as u8, 0, 0, time, 0, 0, 0, 0];
        out.extend_from_slice(body);
        out.extend_from_slice(&[0, 0, 0, 11 + body.len() as u8]);
        out
    };
    let mut body = [tag(9, 50, &[0x17, 1]), tag(8, 60, &[0xaf, 1])].concat();
    body.extend_from_slice(&[9, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1]);
    let Message::Media { tags, .. } = decode(AGGREGATE, &body).unwrap() else { panic!() };
    let seen: Vec<_> = tags.iter().map(|tag| (tag.kind, tag.timestamp)).collect();
    assert_eq!(seen, [(Kind::VideoKey, 1_000), (Kind::Audio, 1_010)]);
}

#[test]
fn empty_video_is_dropped_and_empty_audio_kept() {
    assert_eq!(decode(VIDEO, &[]), Ok(Message::Media { stream: 1, tags: vec![] }));
    let Message::Media { tags, .. } = decode(AUDIO, &[]).unwrap() else { panic!() };
    assert_eq!(tags[0].kind, Kind::Audio);
}
