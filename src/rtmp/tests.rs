//! Conversations: both roles talk through buffers cut at random places.

use bytes::{Buf, Bytes, BytesMut};
use proptest::prelude::*;

use super::chunk::{Decoder, Limits};
use super::message::Message;
use super::{
    Batch, Client, Packet, Rejection, Role, RtmpUrl, Server, Session, StreamKey, client, handshake, server,
};
use crate::media::{Frame, Kind, Tag};
use crate::secret::Secret;

/// Takes what a side says.
fn said<R: Role>(session: &mut Session<R>) -> BytesMut {
    let len = session.unsent();
    session.output().copy_to_bytes(len).into()
}

/// A client and a server with nothing between them but bytes.
struct Pair {
    client: Session<Client>,
    server: Session<Server>,
    to_client: BytesMut,
    to_server: BytesMut,
    /// How many bytes each delivery takes; used in turn.
    cuts: Vec<usize>,
    turn: usize,
}

impl Pair {
    fn new(cuts: Vec<usize>) -> Self {
        let url = RtmpUrl::parse("rtmp://host/live").unwrap();
        let nonce = [7; handshake::BLOCK];
        Self {
            client: Session::client(url, StreamKey::new("key"), &nonce),
            server: Session::server(Box::new(nonce)),
            to_client: BytesMut::new(),
            to_server: BytesMut::new(),
            cuts,
            turn: 0,
        }
    }

    /// Delivers until both are silent.
    fn talk(&mut self) {
        let (mut client_wire, mut server_wire) = (BytesMut::new(), BytesMut::new());
        loop {
            client_wire.unsplit(said(&mut self.client));
            server_wire.unsplit(said(&mut self.server));
            if client_wire.is_empty() && server_wire.is_empty() {
                return;
            }
            let cut = self.cuts[self.turn % self.cuts.len()];
            self.turn += 1;
            self.to_server.unsplit(client_wire.split_to(cut.min(client_wire.len())));
            self.to_client.unsplit(server_wire.split_to(cut.min(server_wire.len())));
            self.server.handle_input(&mut self.to_server).unwrap();
            self.client.handle_input(&mut self.to_client).unwrap();
        }
    }

    fn publish(&mut self) {
        self.talk();
        let keys = vec![StreamKey::new("key")];
        assert_eq!(self.server.poll_event(), Some(server::Event::Publish { app: Secret::new("live"), keys }));
        self.server.accept_publish();
        self.talk();
        assert_eq!(self.client.poll_event(), Some(client::Event::Publishing));
    }
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let tag = prop_oneof![
        Just((Kind::VideoHeader, vec![0x17, 0, 0, 0, 0])),
        Just((Kind::VideoKey, vec![0x17, 1, 0, 0, 0])),
        Just((Kind::VideoInter, vec![0x27, 1, 0, 0, 0])),
        Just((Kind::AudioHeader, vec![0xaf, 0])),
        Just((Kind::Audio, vec![0xaf, 1])),
        Just((Kind::Data, vec![5])),
    ];
    (tag, 0i64..5_000, 0usize..9_000).prop_map(|((kind, mut payload), time, more)| {
        payload.resize(payload.len() + more, 0x5a);
        Frame { kind, time, payload: Bytes::from(payload) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_frame_that_is_given_arrives_unchanged(
        cuts in proptest::collection::vec(1usize..5_000, 1..20),
        frames in proptest::collection::vec((any_frame(), any::<bool>(), proptest::bool::weighted(0.8)), 1..30),
    ) {
        let mut pair = Pair::new(cuts);
        pair.publish();
        // Made for all, knowing the last of the same kind or not; some are not given to this target.
        let mut last = std::collections::HashMap::new();
        let mut given = Vec::new();
        for (frame, knows_last, is_given) in frames {
            let channel = (frame.kind.is_audio(), frame.kind.is_video());
            let previous = last.insert(channel, frame.time).filter(|_| knows_last);
            if is_given {
                pair.client.send(&Packet::new(&frame, previous));
                given.push(frame);
            }
        }
        let origin = given.first().map_or(0, |frame| frame.time);
        pair.talk();
        for frame in &given {
            let Some(server::Event::Tag(tag)) = pair.server.poll_event() else { panic!("a frame is missing") };
            prop_assert_eq!((tag.kind, &tag.payload), (frame.kind, &frame.payload));
            prop_assert_eq!(i64::from(tag.timestamp), (frame.time - origin + 100).max(0));
        }
        pair.client.unpublish();
        pair.talk();
        prop_assert_eq!(pair.server.poll_event(), Some(server::Event::Unpublish));
    }

    #[test]
    fn frames_that_are_joined_arrive_as_if_they_were_not(
        frames in proptest::collection::vec((any::<bool>(), prop_oneof![Just(0i64), 0i64..60], proptest::bool::weighted(0.3)), 1..60),
        sound_begins in 0i64..400,
        unsent in proptest::collection::vec(0usize..20, 0..3),
    ) {
        let mut pair = Pair::new(vec![5_000]);
        pair.publish();
        // Sound may belong to a time long before the first picture.
        let (mut last, mut next) = ([None; 2], [sound_begins, 400]);
        let (mut runs, mut given) = (vec![Vec::new()], Vec::new());
        for (is_picture, step, begins_run) in frames {
            let channel = usize::from(is_picture);
            let kind = if is_picture { Kind::VideoInter } else { Kind::Audio };
            let time = next[channel];
            next[channel] += step;
            let frame = Frame { kind, time, payload: Bytes::from(vec![0x27; 600]) };
            if begins_run {
                runs.push(Vec::new());
            }
            runs.last_mut().unwrap().push(Packet::new(&frame, last[channel].replace(time)));
        }
        // The session's clock begins with a picture, as it does where headers come first.
        let first = Frame { kind: Kind::VideoKey, time: 400, payload: Bytes::from(vec![0x17; 600]) };
        pair.client.send(&Packet::new(&first, None));
        given.push((first.kind, first.time));
        for (index, run) in runs.iter().enumerate() {
            if unsent.contains(&index) {
                continue;
            }
            let batch = Batch::new(run.iter());
            match batch.filter(|batch| pair.client.take_batch(batch)) {
                Some(batch) => pair.client.output().share(batch.wire().clone()),
                None => run.iter().for_each(|packet| pair.client.send(packet)),
            }
            given.extend(run.iter().map(|packet| (packet.kind, packet.time)));
        }
        pair.talk();
        for (kind, time) in given {
            let Some(server::Event::Tag(tag)) = pair.server.poll_event() else { panic!("a frame is missing") };
            prop_assert_eq!((tag.kind, i64::from(tag.timestamp)), (kind, (time - 300).max(0)));
        }
    }

    #[test]
    fn hostile_bytes_after_the_handshake_end_in_ok_or_err(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        let mut pair = Pair::new(vec![4_096]);
        pair.publish();
        let _ = pair.server.handle_input(&mut BytesMut::from(&bytes[..]));
        let _ = pair.client.handle_input(&mut BytesMut::from(&bytes[..]));
    }
}

#[test]
fn a_refusal_reaches_the_client_in_words() {
    let mut pair = Pair::new(vec![100]);
    pair.talk();
    assert!(matches!(pair.server.poll_event(), Some(server::Event::Publish { .. })));
    pair.server.reject_publish(&Rejection::bad_key());
    pair.talk();
    assert_eq!(pair.client.poll_event(), Some(client::Event::Rejected(Rejection::bad_key())));
}

#[test]
fn an_error_stays_though_an_event_came_with_it() {
    let mut pair = Pair::new(vec![4_096]);
    pair.publish();
    let audio = Frame { kind: Kind::Audio, time: 0, payload: Bytes::from_static(&[0xaf, 1]) };
    pair.client.send(&Packet::new(&audio, None));
    let mut wire = said(&mut pair.client);
    // Set Chunk Size 0, between two messages.
    wire.extend_from_slice(&[2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    pair.client.send(&Packet::new(&audio, None));
    wire.unsplit(said(&mut pair.client));
    let error = pair.server.handle_input(&mut wire).unwrap_err();
    assert!(matches!(pair.server.poll_event(), Some(server::Event::Tag(_))));
    assert_eq!(pair.server.handle_input(&mut wire), Err(error));
    assert_eq!(pair.server.poll_event(), None);
}

#[test]
fn debug_output_shows_no_key() {
    let url = RtmpUrl::parse("rtmp://host/live?t=CANARY").unwrap();
    let nonce = [7; handshake::BLOCK];
    let mut client = Session::client(url, StreamKey::new("CANARY"), &nonce);
    let mut server = Session::server(Box::new(nonce));
    let mut wire = BytesMut::new();
    for _ in 0..4 {
        let mut input = said(&mut client);
        server.handle_input(&mut input).unwrap();
        wire.unsplit(said(&mut server));
        client.handle_input(&mut wire).unwrap();
        assert!(!format!("{client:?} {server:?}").contains("CANARY"));
    }
    let event = server.poll_event().unwrap();
    assert!(matches!(event, server::Event::Publish { .. }));
    assert!(!format!("{event:?}").contains("CANARY"));
}

#[test]
fn publish_is_answered_on_the_stream_that_it_came_on() {
    let mut pair = Pair::new(vec![4_096]);
    pair.talk();
    assert!(matches!(pair.server.poll_event(), Some(server::Event::Publish { .. })));
    pair.server.accept_publish();
    let mut said = said(&mut pair.server);
    let mut decoder = Decoder::new(Limits::PUBLISHER);
    decoder.set_chunk_size(65_536).unwrap();
    let next = || decoder.decode(&mut said).unwrap().map(|message| (message.type_id, message.stream));
    // StreamBegin on the connection, then the status.
    assert_eq!(std::iter::from_fn(next).collect::<Vec<_>>(), [(4, 0), (20, 1)]);
}

#[test]
fn media_that_comes_before_the_decision_waits_for_it() {
    let mut pair = Pair::new(vec![4_096]);
    pair.talk();
    assert!(matches!(pair.server.poll_event(), Some(server::Event::Publish { .. })));
    let tag = Tag { kind: Kind::VideoKey, timestamp: 7, payload: Bytes::from_static(&[0x17, 1]) };
    pair.client.connection.send(Message::Media { stream: 1, tags: vec![tag.clone()] });
    let mut wire = said(&mut pair.client);
    pair.server.handle_input(&mut wire).unwrap();
    assert_eq!(pair.server.poll_event(), None);
    pair.server.accept_publish();
    pair.server.handle_input(&mut wire).unwrap();
    assert_eq!(pair.server.poll_event(), Some(server::Event::Tag(tag)));
}

#[test]
fn nothing_is_sent_before_the_target_takes_the_stream() {
    let mut pair = Pair::new(vec![100]);
    let key = Frame { kind: Kind::VideoKey, time: 0, payload: Bytes::from_static(&[0x17, 1]) };
    pair.client.send(&Packet::new(&key, None));
    pair.talk();
    assert!(matches!(pair.server.poll_event(), Some(server::Event::Publish { .. })));
    assert_eq!(pair.server.poll_event(), None);
}
