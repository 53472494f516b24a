//! Encoders at the door: pipes into the ingest, under paused time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use splitcast::media::{Frame, Kind};
use splitcast::model::{Hold, Rules, StreamChange};
use splitcast::net::{Link, Turn};
use splitcast::relay::Ingest;
use splitcast::relay::gate::Gate;
use splitcast::relay::ingest::{ONE_MORE, TRIES};
use splitcast::relay::status::{Refused, SourceState};
use splitcast::relay::takeover::SILENT;
use splitcast::rtmp::{Client, Packet, RtmpUrl, Session, StreamKey, client, handshake};
use tokio::io::duplex;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::world::{STREAM, World};

fn ingest(world: &World, stop: &CancellationToken) -> Arc<Ingest> {
    let refusals = Arc::clone(world.board.refusals());
    Arc::new(Ingest::new(world.registry.clone(), world.tracker.clone(), stop.clone()).counting(refusals))
}

/// Comes to an ingest of a world; the answer to `publish`, and the connection.
async fn publish(world: &World, key: &str, stop: &CancellationToken) -> (client::Event, Link<Client>) {
    publish_from("127.0.0.1:5000", world, &ingest(world, stop), key).await
}

/// The same from an address to an ingest that knows who came before.
async fn publish_from(
    peer: &str,
    world: &World,
    ingest: &Arc<Ingest>,
    key: &str,
) -> (client::Event, Link<Client>) {
    let (near, far) = duplex(64 << 10);
    let (ingest, peer) = (Arc::clone(ingest), peer.parse::<SocketAddr>().unwrap());
    let pass = Arc::new(Gate::default()).enter(peer.ip()).unwrap();
    world.tracker.spawn(async move { ingest.serve_connection(far.into(), peer, pass).await });
    let url = RtmpUrl::parse("rtmp://relay/live").unwrap();
    let session = Session::client(url, StreamKey::new(key), &[7; handshake::BLOCK]);
    let mut link = Link::new(near.into(), session);
    loop {
        if let Turn::Event(event) = link.next().await.unwrap() {
            return (event, link);
        }
    }
}

async fn send(link: &mut Link<Client>, kind: Kind, payload: &'static [u8]) {
    let frame = Frame { kind, time: 0, payload: Bytes::from_static(payload) };
    link.with(|session| session.send(&Packet::new(&frame, None)));
    link.flush().await.unwrap();
}

fn source(world: &World) -> SourceState {
    world.board.stream(STREAM).unwrap().state
}

#[tokio::test(start_paused = true)]
async fn a_good_key_is_let_in_and_a_bad_one_is_told_why_not() {
    World::play(async {
        let (world, stop) = (World::running(0), CancellationToken::new());
        let (answer, _link) = publish(&world, "wrong", &stop).await;
        assert!(matches!(answer, client::Event::Rejected(why) if why.description.contains("not known")));
        let (answer, mut first) = publish(&world, "ingest", &stop).await;
        assert_eq!(answer, client::Event::Publishing);
        let sending = async {
            loop {
                send(&mut first, Kind::VideoKey, &[0x17, 1, 0, 0, 0]).await;
                sleep(Duration::from_secs(1)).await;
            }
        };
        let (answer, _second) = tokio::select! {
            () = sending => unreachable!("it goes on"),
            second = publish(&world, "ingest", &stop) => second,
        };
        assert!(
            matches!(answer, client::Event::Rejected(why) if why.description.contains("Another encoder"))
        );
        assert_eq!(source(&world), SourceState::Live);
        let counted = world.board.refusals().totals();
        let expected = Refused::ALL.map(|why| (why, u64::from(matches!(why, Refused::Key | Refused::Busy))));
        assert_eq!(counted, expected);
        assert_eq!(world.stream_changes(), [StreamChange::Live, StreamChange::Refused]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_that_comes_back_from_a_machine_that_vanished_is_let_in_at_its_first_try() {
    World::play(async {
        let (world, stop) = (World::running(0), CancellationToken::new());
        let (_, mut ghost) = publish(&world, "ingest", &stop).await;
        send(&mut ghost, Kind::VideoKey, &[0x17, 1, 0, 0, 0]).await;
        sleep(Duration::from_millis(300)).await;
        // Nobody told the relay that the first connection is dead.
        let began = Instant::now();
        let (answer, _back) = publish(&world, "ingest", &stop).await;
        assert_eq!(answer, client::Event::Publishing);
        assert!(began.elapsed() <= Duration::from_secs(2), "{:?}", began.elapsed());
        assert_eq!(world.stream_changes(), [StreamChange::Live, StreamChange::Takeover]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_sends_only_data_is_let_go_after_ten_seconds() {
    World::play(async {
        let (world, stop) = (World::running(0), CancellationToken::new());
        let (_, mut link) = publish(&world, "ingest", &stop).await;
        let began = Instant::now();
        while source(&world) == SourceState::Live {
            assert!(began.elapsed() < Duration::from_secs(12), "it is still taken for alive");
            send(&mut link, Kind::Data, b"\x02\x00\x05onCue").await;
            sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(source(&world), SourceState::Held);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn encoders_and_strangers_are_let_go_when_the_relay_stops() {
    World::play(async {
        let (mut world, stop) = (World::running(0), CancellationToken::new());
        let (_, mut link) = publish(&world, "ingest", &stop).await;
        send(&mut link, Kind::VideoKey, &[0x17, 1, 0, 0, 0]).await;
        sleep(Duration::from_millis(10)).await;
        assert!(world.board.stream(STREAM).unwrap().bytes_received > 0, "its bytes are counted");
        stop.cancel();
        world.supervisor.leave(false);
        world.tracker.close();
        timeout(Duration::from_secs(2), world.tracker.wait()).await.expect("no task is left");
        assert!(link.next().await.is_err(), "its connection is closed");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_guesses_is_made_to_wait_and_nobody_else() {
    World::play(async {
        let (world, stop) = (World::running(0), CancellationToken::new());
        let ingest = ingest(&world, &stop);
        let answer = async |peer: &str, key: &str| publish_from(peer, &world, &ingest, key).await.0;
        let says = |answer: client::Event, words: &str| match answer {
            client::Event::Rejected(why) => assert!(why.description.contains(words), "{why:?}"),
            other => panic!("{other:?}"),
        };
        for _ in 0..TRIES {
            says(answer("192.0.2.1:1", "wrong").await, "not known");
        }
        // The right one, too: else who guesses would know it by its answer.
        says(answer("192.0.2.1:2", "ingest").await, "try again in 6 s");
        // Nor does it help to make it longer, though the key before the query is what counts.
        says(answer("192.0.2.1:2", "ingest?abcdefghijklmnopqrstuvwxyz").await, "try again in 6 s");
        // A wrong one costs nothing then, and so does not keep the place closed.
        says(answer("192.0.2.1:3", "abcdefghijklmnopqrstuvwxyz").await, "try again in 6 s");
        assert_eq!(answer("192.0.2.2:1", "ingest").await, client::Event::Publishing);
        sleep(ONE_MORE + SILENT).await;
        assert_eq!(answer("192.0.2.1:4", "ingest").await, client::Event::Publishing);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_guessed_is_let_in_beside_guesses_from_its_address() {
    World::play(async {
        let (mut world, stop) = (World::running(0), CancellationToken::new());
        let key = "k7d2m4q9x1w8r5t3b6n0v2c4z8";
        world.change_key(key);
        let ingest = ingest(&world, &stop);
        for _ in 0..2 * TRIES {
            publish_from("192.0.2.1:1", &world, &ingest, "wrong").await;
        }
        let (answer, _link) = publish_from("192.0.2.1:2", &world, &ingest, key).await;
        assert_eq!(answer, client::Event::Publishing);
    })
    .await;
}

fn says(answer: client::Event, words: &str) {
    match answer {
        client::Event::Rejected(why) => assert!(why.description.contains(words), "{why:?}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_good_key_from_elsewhere_is_refused_and_told_from_where() {
    World::play(async {
        let (mut world, stop) = (World::running(0), CancellationToken::new());
        world.allow_from(&["192.0.2.0/24", "2001:db8::/32"]);
        let ingest = ingest(&world, &stop);
        let answer = async |peer: &str, key: &str| publish_from(peer, &world, &ingest, key).await.0;
        // As often as one likes: it is no guess.
        for _ in 0..2 * TRIES {
            says(answer("198.51.100.7:1", "ingest").await, "your address, 198.51.100.7:");
        }
        says(answer("[::ffff:198.51.100.7]:1", "ingest").await, "your address, 198.51.100.7:");
        says(answer("[2001:db9::1]:1", "ingest").await, "your address, 2001:db9::1:");
        // Who has no good key learns nothing of the list.
        says(answer("198.51.100.7:1", "wrong").await, "not known");
        assert_eq!(source(&world), SourceState::Offline);
        let refused = u64::from(2 * TRIES + 2);
        let expected = Refused::ALL.map(|why| match why {
            Refused::Address => (why, refused),
            Refused::Key => (why, 1),
            _ => (why, 0),
        });
        assert_eq!(world.board.refusals().totals(), expected);
        let told = world.stream_changes();
        assert!(told.iter().all(|change| *change == StreamChange::Refused));
        assert_eq!(told.len() as u64, refused);

        assert_eq!(answer("[::ffff:192.0.2.9]:1", "ingest").await, client::Event::Publishing);
        sleep(SILENT).await;
        assert_eq!(answer("[2001:db8::7]:1", "ingest").await, client::Event::Publishing);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_publishes_from_where_nobody_may_any_more_is_let_go_and_targets_are_held() {
    World::play(async {
        let (mut world, stop) = (World::running(1), CancellationToken::new());
        let at_once = Rules { hold: Hold::from_seconds(0).unwrap(), ..Rules::default() };
        for (rules, left) in [(Rules::default(), SourceState::Held), (at_once, SourceState::Offline)] {
            world.allow_from(&[]);
            world.set_rules(rules);
            let (answer, mut link) = publish(&world, "ingest", &stop).await;
            assert_eq!(answer, client::Event::Publishing);
            world.allow_from(&["127.0.0.0/8"]);
            assert_eq!(source(&world), SourceState::Live, "it may come from there");
            world.allow_from(&["192.0.2.1"]);
            assert_eq!(source(&world), left);
            let said = loop {
                match link.next().await.unwrap() {
                    Turn::Event(event) => break event,
                    Turn::Room => {}
                }
            };
            says(said, "no longer accepted");
            let (answer, _back) = publish(&world, "ingest", &stop).await;
            says(answer, "takes no encoder from your address");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_list_of_places_harms_nobody_who_is_not_there() {
    World::play(async {
        let (mut world, stop) = (World::running(0), CancellationToken::new());
        let (_, link) = publish(&world, "ingest", &stop).await;
        drop(link);
        world.until_true(|world| source(world) == SourceState::Held).await;
        let before = world.board.stream(STREAM).unwrap().held_for;
        world.allow_from(&["192.0.2.1"]);
        assert_eq!(source(&world), SourceState::Held, "the broadcast goes on, for who may come");
        assert_eq!(world.board.stream(STREAM).unwrap().held_for, before);
    })
    .await;
}
