//! Encoders that say other things than most do, or in another order.

use std::time::Duration;

use bytes::{Buf, BytesMut};
use splitcast::model::TargetState;
use splitcast::relay::status::SourceState;
use splitcast::rtmp::{Server, Session, handshake};
use tokio::time::Instant;

use super::super::world::{STREAM, World};
use super::caller::{AAC_HEADER, AUDIO, AVC_HEADER, COMMAND_AMF3, Caller, VIDEO, picture};
use crate::wire::{HANDSHAKE, Header, NULL, number, object, string};

/// `_checkbw`, and the stream is created before it is announced.
#[tokio::test(start_paused = true)]
async fn commands_in_the_order_of_haivision_are_answered() {
    World::play(async {
        let world = World::running(1);
        let mut caller = Caller::connect(&world).await;
        caller.command(0, &[string("_checkbw"), number(2.0), NULL.to_vec()]).await;
        caller.command(0, &[string("createStream"), number(3.0), NULL.to_vec()]).await;
        caller.command(0, &[string("FCPublish"), number(4.0), NULL.to_vec(), string("ingest")]).await;
        for answered in [2.0, 3.0, 4.0] {
            let words = [string("_result"), number(answered)].concat();
            caller.hear_bytes(&words).await;
        }
        caller.ask_to_publish(1, "ingest").await;
        caller.hear("NetStream.Publish.Start").await;
        assert_arrives(&world, &mut caller, 1).await;
    })
    .await;
}

/// Other relays announce nothing before they publish.
#[tokio::test(start_paused = true)]
async fn commands_without_numbers_as_of_gstreamer_are_answered_where_they_must_be() {
    World::play(async {
        let world = World::running(1);
        let mut caller = Caller::connect(&world).await;
        caller.command(0, &[string("releaseStream"), number(0.0), NULL.to_vec(), string("ingest")]).await;
        caller.command(0, &[string("FCPublish"), number(0.0), NULL.to_vec(), string("ingest")]).await;
        caller.command(0, &[string("createStream"), number(2.0), NULL.to_vec()]).await;
        let publish = [string("publish"), number(0.0), NULL.to_vec(), string("ingest"), string("live")];
        caller.command(1, &publish).await;
        let said = caller.hear("NetStream.Publish.Start").await;
        let results = said.windows(10).filter(|window| *window == &string("_result")[..]).count();
        assert_eq!(results, 1, "that of createStream");
        // It sets its chunk size again, and names its stream by its key at the end.
        caller.control(1, &4_096_u32.to_be_bytes()).await;
        assert_arrives(&world, &mut caller, 1).await;
        caller.command(1, &[string("FCUnpublish"), number(0.0), NULL.to_vec(), string("ingest")]).await;
        caller.command(0, &[string("deleteStream"), number(0.0), NULL.to_vec(), string("ingest")]).await;
        world.until(1, TargetState::WaitingForSource).await;
        assert!(world.visits("t1")[0].said_goodbye);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_by_its_name_alone_and_not_by_the_end_of_another() {
    World::play(async {
        let world = World::running(1);
        let mut caller = Caller::publish(&world).await;
        caller.command(0, &[string("createStream"), number(7.0), NULL.to_vec()]).await;
        assert_arrives(&world, &mut caller, 1).await;
        caller.command(0, &[string("deleteStream"), number(8.0), NULL.to_vec(), number(2.0)]).await;
        caller.send(AUDIO, 1_000, &[0xaf, 1, 0x21]).await;
        world.until_true(|world| world.visits("t1")[0].tags.len() == 4).await;
        assert_eq!(world.board.stream(STREAM).unwrap().state, SourceState::Live);
        caller.command(0, &[string("deleteStream"), number(9.0), NULL.to_vec(), string("ingest")]).await;
        world.until(1, TargetState::WaitingForSource).await;
    })
    .await;
}

/// nginx-rtmp's push is one: it sends on message stream 1 whatever it was given.
#[tokio::test(start_paused = true)]
async fn media_on_another_message_stream_than_the_one_published_on_is_taken() {
    World::play(async {
        let world = World::running(1);
        let mut caller = Caller::connect(&world).await;
        for transaction in [2.0, 3.0] {
            caller.command(0, &[string("createStream"), number(transaction), NULL.to_vec()]).await;
        }
        caller.ask_to_publish(2, "ingest").await;
        caller.hear("NetStream.Publish.Start").await;
        assert_arrives(&world, &mut caller, 1).await;
    })
    .await;
}

/// Little is required of `connect`, and much may be in it.
#[tokio::test(start_paused = true)]
async fn whatever_else_connect_says_the_application_counts() {
    World::play(async {
        let app = ("app", "live");
        let bool_and_null = b"\x00\x04fpad\x01\x00\x00\x05other\x05".to_vec();
        let ecma = |object: Vec<u8>| [&[8, 0, 0, 0, 20][..], &object[1..]].concat();
        for (name, properties, more) in [
            ("nothing else", object(&[app]), vec![]),
            ("a lower-case tcurl", object(&[app, ("tcurl", "rtmp://relay/live")]), vec![]),
            ("a quoted one", object(&[app, ("tcUrl", "\"rtmp://relay:1935/live\"")]), vec![]),
            ("one with a query", object(&[app, ("tcUrl", "rtmp://relay/live?vhost=a...vhost...b")]), vec![]),
            ("one that is none", object(&[app, ("tcUrl", "?://")]), vec![]),
            ("an array", ecma(object(&[app, ("flashVer", "FMLE/3.0")])), vec![]),
            ("other values", [&[3][..], &bool_and_null, &object(&[app])[1..]].concat(), vec![]),
            ("no end", object(&[app]).split_last_chunk::<3>().unwrap().0.to_vec(), vec![]),
            (
                "more after it",
                object(&[app]),
                [string("one"), object(&[("two", "2")]), NULL.to_vec()].concat(),
            ),
        ] {
            let world = World::running(0);
            let mut caller = Caller::greet(&world).await;
            caller.control(1, &4_096_u32.to_be_bytes()).await;
            caller.command(0, &[string("connect"), number(1.0), properties, more]).await;
            caller.hear("NetConnection.Connect.Success").await;
            caller.ask_to_publish(1, "ingest").await;
            caller.hear("NetStream.Publish.Start").await;
            assert_eq!(world.board.stream(STREAM).unwrap().state, SourceState::Live, "{name}");
        }
    })
    .await;
}

/// Encoders cut an address at other places than one thinks, and some have one field for all of it.
#[tokio::test(start_paused = true)]
async fn the_key_is_found_wherever_the_encoder_put_it() {
    World::play(async {
        for (app, name) in [
            ("live", "ingest"),
            ("live/", "ingest"),
            ("/live", "ingest"),
            ("live/_definst_", "ingest"),
            ("live?vhost=relay", "ingest"),
            ("live", "ingest?token=a%20b&x=1"),
            ("live/ingest?token=a", "b"),
            ("live/ingest", ""),
            ("ingest", ""),
            ("ingest/", ""),
        ] {
            let world = World::running(0);
            let mut caller = Caller::greet(&world).await;
            caller.command(0, &[string("connect"), number(1.0), object(&[("app", app)])]).await;
            caller.hear("NetConnection.Connect.Success").await;
            caller.ask_to_publish(1, name).await;
            caller.hear("NetStream.Publish.").await;
            caller.hear("Start").await;
            assert_eq!(world.board.stream(STREAM).unwrap().state, SourceState::Live, "{app} and {name}");
        }
    })
    .await;
}

/// As of programs on Flash's library: commands have a byte before them that says so.
#[tokio::test(start_paused = true)]
async fn commands_in_the_framing_of_amf3_are_answered() {
    World::play(async {
        let world = World::running(1);
        let mut caller = Caller::greet(&world).await;
        caller.control(1, &4_096_u32.to_be_bytes()).await;
        let encoding = [&b"\x00\x0eobjectEncoding"[..], &number(3.0)].concat();
        let properties = [&[3][..], &encoding, &object(&[("app", "live")])[1..]].concat();
        caller.command(0, &[string("connect"), number(1.0), properties]).await;
        let said = caller.hear_bytes(&encoding).await;
        assert!(said.windows(7).any(|window| window == b"Success"));
        let framed = |values: &[Vec<u8>]| [&[0][..], &values.concat()].concat();
        let header = |stream| Header { channel: 3, kind: COMMAND_AMF3, stream, time: 0 };
        let create = framed(&[string("createStream"), number(2.0), NULL.to_vec()]);
        caller.message(header(0), &create).await;
        let publish =
            framed(&[string("publish"), number(3.0), NULL.to_vec(), string("ingest"), string("live")]);
        caller.message(header(1), &publish).await;
        caller.hear("NetStream.Publish.Start").await;
        assert_arrives(&world, &mut caller, 1).await;
    })
    .await;
}

/// As of OBS, GStreamer and ffmpeg.
#[tokio::test(start_paused = true)]
async fn publish_is_taken_on_any_channel() {
    World::play(async {
        for channel in [3, 4, 8] {
            let world = World::running(0);
            let mut caller = Caller::connect(&world).await;
            let publish = [string("publish"), number(5.0), NULL.to_vec(), string("ingest")].concat();
            caller.message(Header { channel, kind: 20, stream: 1, time: 0 }, &publish).await;
            caller.hear("NetStream.Publish.Start").await;
        }
    })
    .await;
}

/// OBS listens to nothing else by then, and some stop for want of it.
#[tokio::test(start_paused = true)]
async fn who_publishes_is_told_what_came_and_nothing_else() {
    World::play(async {
        let world = World::running(1);
        let mut caller = Caller::publish(&world).await;
        caller.hear_all().await;
        let sound = [&[0xaf, 1][..], &[0x21; 3_998]].concat();
        for _ in 0..1_000 {
            caller.send(AUDIO, 0, &sound).await;
        }
        let said = caller.hear_all().await;
        let (acknowledgements, rest) = said.as_chunks::<12>();
        assert!(!acknowledgements.is_empty() && rest.is_empty(), "{said:02x?}");
        for told in acknowledgements {
            assert_eq!(told[..8], [0x42, 0, 0, 0, 0, 0, 4, 3]);
        }
    })
    .await;
}

/// A close without a word makes some encoders come again at once, for ever.
#[tokio::test(start_paused = true)]
async fn who_is_refused_is_told_why_before_the_connection_ends() {
    World::play(async {
        let world = World::running(0);
        let mut caller = Caller::connect(&world).await;
        caller.ask_to_publish(1, "wrong").await;
        let asked = Instant::now();
        let said = caller.hear("NetStream.Publish.BadName").await;
        assert!(said.windows(5).any(|window| window == b"error"));
        let told = asked.elapsed();
        caller.hear_all().await;
        assert!(asked.elapsed() - told >= Duration::from_secs(1), "it hung up at once");
    })
    .await;
}

/// An Elemental encoder reads no further when the answer comes in two.
#[test]
fn the_answer_to_a_handshake_is_one_piece() {
    let mut session = Session::<Server>::server(Box::new([9; handshake::BLOCK]));
    let mut input = BytesMut::from(&[&[3][..], &[0; HANDSHAKE]].concat()[..]);
    session.handle_input(&mut input).unwrap();
    assert_eq!(session.output().chunk().len(), 1 + 2 * HANDSHAKE);
}

/// All at once, as it comes through a tunnel: what is behind the handshake belongs to the stream.
#[tokio::test(start_paused = true)]
async fn what_comes_together_with_the_handshake_is_not_lost() {
    World::play(async {
        let world = World::running(0);
        let mut caller = Caller::knock(&world);
        let header = |stream| Header { channel: 3, kind: 20, stream, time: 0 };
        let connect = [string("connect"), number(1.0), object(&[("app", "live")])].concat();
        let publish = [string("publish"), number(5.0), NULL.to_vec(), string("ingest")].concat();
        let commands = [header(0).message(&connect, 128), header(1).message(&publish, 128)].concat();
        caller.write(&[&[3][..], &[0; 2 * HANDSHAKE], &commands].concat()).await;
        caller.hear("NetStream.Publish.Start").await;
    })
    .await;
}

/// Sends a header of each kind and a key frame on a message stream, and waits for them at the target.
async fn assert_arrives(world: &World, caller: &mut Caller, stream: u32) {
    let sent = [(VIDEO, AVC_HEADER.to_vec()), (AUDIO, AAC_HEADER.to_vec()), (VIDEO, picture(true, 0, 1))];
    for (kind, payload) in &sent {
        caller.message(Header { channel: 6, kind: *kind, stream, time: 0 }, payload).await;
    }
    world.until_true(|world| world.visits("t1").first().is_some_and(|visit| visit.tags.len() >= 3)).await;
    let visit = world.visits("t1").remove(0);
    for ((_, sent), (_, _, got)) in sent.iter().zip(&visit.tags) {
        assert_eq!(got, sent);
    }
}
