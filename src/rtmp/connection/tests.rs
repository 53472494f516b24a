use bytes::Buf;

use super::*;

/// A server's connection past its handshake, with the client's side of the chunk stream.
fn established() -> (Connection, Encoder) {
    let mut server = Connection::server(Box::new([1; handshake::BLOCK]));
    let mut input = BytesMut::from(&[3][..]);
    input.extend_from_slice(&[0; 2 * handshake::BLOCK]);
    assert_eq!(server.handle_input(&mut input), Ok(None));
    assert!(server.is_established());
    said_bytes(&mut server);
    (server, Encoder::default())
}

fn hear(server: &mut Connection, encoder: &mut Encoder, message: Message) -> Result<Option<Message>, Error> {
    let mut input = BytesMut::new();
    message.encode(|payload| encoder.encode(&payload, &mut input));
    server.handle_input(&mut input)
}

fn said_bytes(server: &mut Connection) -> BytesMut {
    let len = server.unsent();
    server.output().copy_to_bytes(len).into()
}

fn said(server: &mut Connection) -> Vec<Message> {
    let mut output = said_bytes(server);
    let mut decoder = Decoder::new(Limits::STRANGER);
    let mut messages = Vec::new();
    while let Some(payload) = decoder.decode(&mut output).unwrap() {
        messages.push(Message::decode(payload).unwrap());
    }
    messages
}

#[test]
fn pings_are_answered() {
    let (mut server, mut encoder) = established();
    let ping = Message::UserControl(UserControl::PingRequest(42));
    assert_eq!(hear(&mut server, &mut encoder, ping), Ok(None));
    assert_eq!(said(&mut server), [Message::UserControl(UserControl::PingResponse(42))]);
}

#[test]
fn bandwidth_is_answered_with_a_window() {
    let (mut server, mut encoder) = established();
    hear(&mut server, &mut encoder, Message::SetPeerBandwidth(77_000)).unwrap();
    assert_eq!(said(&mut server), [Message::WindowAckSize(77_000)]);
}

#[test]
fn acknowledges_at_half_the_window_counting_from_the_first_byte() {
    let (mut server, mut encoder) = established();
    hear(&mut server, &mut encoder, Message::WindowAckSize(100_000)).unwrap();
    server.trust();
    let body = bytes::Bytes::from(vec![0xaf; 100]);
    let tag = crate::media::Tag { kind: crate::media::Kind::Audio, timestamp: 0, payload: body };
    let mut acks = Vec::new();
    for _ in 0..1_000 {
        hear(&mut server, &mut encoder, Message::Media { stream: 1, tags: vec![tag.clone()] }).unwrap();
        acks.extend(said(&mut server));
    }
    let counts: Vec<u32> = acks
        .iter()
        .map(|ack| match ack {
            Message::Acknowledgement(count) => *count,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(counts.len(), 2);
    assert!(counts[0] >= 50_000 && counts[0] < 50_200, "{counts:?}");
}

#[test]
fn acknowledgements_wrap() {
    let (mut server, mut encoder) = established();
    server.trust();
    server.received = (1 << 32) - 10;
    hear(&mut server, &mut encoder, Message::UserControl(UserControl::Other(3))).unwrap();
    let said = said(&mut server);
    let [Message::Acknowledgement(count)] = said[..] else { panic!("{said:?}") };
    assert!(count < 20);
}

#[test]
fn a_stranger_may_not_make_us_say_much() {
    let (mut server, mut encoder) = established();
    let mut input = BytesMut::new();
    for _ in 0..5_000 {
        let ping = Message::UserControl(UserControl::PingRequest(1));
        ping.encode(|payload| encoder.encode(&payload, &mut input));
    }
    assert_eq!(server.handle_input(&mut input), Err(Error::Stranger));
    assert!(server.output().len() < 66 << 10);
}

#[test]
fn a_stranger_may_not_say_much() {
    let (mut server, mut encoder) = established();
    let long = Message::command(super::super::command::Command::new(&"x".repeat(60_000), 0.0));
    let results: Vec<_> = (0..5).map(|_| hear(&mut server, &mut encoder, long.clone()).map(|_| ())).collect();
    assert_eq!(results[3], Ok(()));
    assert_eq!(results[4], Err(Error::Stranger));
}
