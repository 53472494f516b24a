//! What encoders do, and what targets see of it.

use std::time::Duration;

use splitcast::media::Kind;
use splitcast::model::{Hold, OnUnpublish, Rules, StreamChange, TargetState};
use splitcast::relay::status::SourceState;
use tokio::time::sleep;

use super::world::{Encoder, STREAM, Script, World, assert_whole, pictures};

#[tokio::test(start_paused = true)]
async fn targets_wait_for_the_encoder() {
    World::play(async {
        let world = World::running(1);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(world.status(1).state, TargetState::WaitingForSource);
        assert!(world.visits("t1").is_empty());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_returns_in_time_finds_the_same_sessions() {
    World::play(async {
        let world = World::running(2);
        let mut encoder = Encoder::new(world.publish(), 1_000_000);
        encoder.run(3).await;
        drop(encoder);
        sleep(Duration::from_secs(40)).await;
        assert_eq!(world.status(1).state, TargetState::Holding);
        assert_eq!(world.board.stream(STREAM).unwrap().state, SourceState::Held);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(3).await;
        for host in ["t1", "t2"] {
            let visits = world.visits(host);
            assert_eq!(visits.len(), 1);
            assert_whole(&visits[0]);
            assert_eq!(pictures(&visits[0]).len(), 150);
            // The gap is closed: six seconds of stream take six seconds of time.
            let last = visits[0].tags.last().unwrap().1;
            assert!((6_000..6_200).contains(&last), "{last}");
        }
        assert_eq!(world.status(1).state, TargetState::Live);
        assert_eq!(world.status(1).reconnects, 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_does_not_return_is_said_goodbye_for() {
    World::play(async {
        let world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        drop(encoder);
        sleep(Duration::from_secs(59)).await;
        assert!(!world.visits("t1")[0].said_goodbye);
        sleep(Duration::from_secs(2)).await;
        assert!(world.visits("t1")[0].said_goodbye);
        assert_eq!(world.status(1).state, TargetState::WaitingForSource);
        assert_eq!(world.board.stream(STREAM).unwrap().state, SourceState::Offline);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_ends_is_said_goodbye_for_at_once() {
    World::play(async {
        let world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        encoder.end();
        sleep(Duration::from_secs(1)).await;
        assert!(world.visits("t1")[0].said_goodbye);
        assert_eq!(world.status(1).state, TargetState::WaitingForSource);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        assert_whole(&world.visits("t1")[1]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_before_the_end_arrives_before_the_goodbye() {
    World::play(async {
        let world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        // More than the pipe to the target takes at once, and the end with it.
        for _ in 0..100 {
            encoder.picture();
        }
        encoder.end();
        sleep(Duration::from_secs(1)).await;
        let visit = &world.visits("t1")[0];
        assert_eq!(pictures(visit).len(), 125);
        assert!(visit.said_goodbye);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_changed_ingest_key_sends_the_publisher_away() {
    World::play(async {
        let mut world = World::running(1);
        let publication = world.publish();
        world.change_key("another");
        tokio::time::timeout(Duration::from_secs(1), publication.taken_over()).await.unwrap();
        assert!(world.registry.find("live", &[splitcast::rtmp::StreamKey::new("ingest")]).is_none());
        let another = [splitcast::rtmp::StreamKey::new("another")];
        let hub = world.registry.find("live", &another).unwrap().hub;
        // Only the change does: who comes with the new key stays, whatever else is changed.
        let publication = hub.publish("127.0.0.1:5000".parse().unwrap()).unwrap();
        world.targets().clear();
        world.apply();
        assert!(tokio::time::timeout(Duration::from_secs(1), publication.taken_over()).await.is_err());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_ends_while_a_target_is_dialled_ends_the_dialling() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Mute]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        assert_eq!(world.status(1).state, TargetState::Publishing);
        encoder.end();
        sleep(Duration::from_secs(1)).await;
        assert_eq!(world.status(1).state, TargetState::WaitingForSource);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_removed_stream_sends_its_publisher_away_and_leaves_nothing() {
    World::play(async {
        let mut world = World::running(1);
        let publication = world.publish();
        world.wanted.streams.clear();
        world.apply();
        tokio::time::timeout(Duration::from_secs(1), publication.taken_over()).await.unwrap();
        assert!(world.board.stream(STREAM).is_none());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_happens_to_a_stream_is_written_down() {
    World::play(async {
        let world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        drop(encoder);
        sleep(Duration::from_secs(10)).await;
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        encoder.end();
        assert_eq!(
            world.stream_changes(),
            [StreamChange::Live, StreamChange::Held, StreamChange::Live, StreamChange::Ended]
        );
        drop(world.publish());
        sleep(Duration::from_secs(120)).await;
        assert_eq!(world.stream_changes(), [StreamChange::Live, StreamChange::Held, StreamChange::Ended]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_says_how_long_its_targets_are_held() {
    World::play(async {
        let mut world = World::running(1);
        let hold = |seconds| Rules { hold: Hold::from_seconds(seconds).unwrap(), ..Rules::default() };
        world.set_rules(hold(300));
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        drop(encoder);
        sleep(Duration::from_secs(290)).await;
        assert_eq!(world.status(1).state, TargetState::Holding);
        assert!(world.board.stream(STREAM).unwrap().held_for.unwrap() <= Duration::from_secs(10));
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        assert_eq!(world.visits("t1").len(), 1);
        world.set_rules(hold(0));
        drop(encoder);
        sleep(Duration::from_secs(1)).await;
        assert!(world.visits("t1")[0].said_goodbye);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_stops_does_not_take_its_encoders_going_for_the_end() {
    World::play(async {
        let mut world = World::running(1);
        world.set_rules(Rules { hold: Hold::from_seconds(0).unwrap(), ..Rules::default() });
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        world.supervisor.leave(false);
        drop(encoder);
        sleep(Duration::from_secs(5)).await;
        assert!(!world.visits("t1")[0].said_goodbye);
        assert!(world.board.journal().take().await.over.is_empty());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_counts_as_a_lost_network_holds_the_targets() {
    World::play(async {
        let mut world = World::running(1);
        world.set_rules(Rules { on_unpublish: OnUnpublish::Hold, ..Rules::default() });
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        encoder.end();
        sleep(Duration::from_secs(30)).await;
        assert_eq!(world.status(1).state, TargetState::Holding);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        assert_eq!(world.visits("t1").len(), 1);
        drop(encoder);
        sleep(Duration::from_secs(61)).await;
        assert!(world.visits("t1")[0].said_goodbye);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn headers_are_given_again_only_if_they_changed() {
    World::play(async {
        let world = World::running(1);
        for _ in 0..3 {
            let mut encoder = Encoder::new(world.publish(), 0);
            encoder.run(1).await;
            drop(encoder);
            sleep(Duration::from_secs(5)).await;
        }
        let headers = |world: &World| {
            let visit = &world.visits("t1")[0];
            visit.tags.iter().filter(|(kind, ..)| kind.is_header()).count()
        };
        assert_eq!(headers(&world), 2);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.header(Kind::VideoHeader, &[0x17, 0, 0, 0, 0, 2]);
        encoder.run(1).await;
        assert_eq!(headers(&world), 3);
        assert_eq!(world.visits("t1")[0].watch.fault, None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_returns_with_other_codecs_makes_targets_connect_anew() {
    World::play(async {
        let world = World::running(2);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        drop(encoder);
        sleep(Duration::from_secs(5)).await;
        let publication = world.publish();
        // Its targets have nothing to do any more when its first frame comes.
        sleep(Duration::from_millis(50)).await;
        let mut encoder = Encoder::hevc(publication);
        encoder.run(3).await;
        for host in ["t1", "t2"] {
            let visits = world.visits(host);
            assert_eq!(visits.len(), 2);
            assert!(visits[0].is_over && !visits[0].said_goodbye, "its platform waits for it");
            assert!(
                visits[0].tags.iter().all(|(_, _, payload)| payload[0] & 0x80 == 0 || payload[0] >> 4 == 0xa)
            );
            assert_eq!(visits[1].tags[0].2[..5], *b"\x90hvc1");
            assert_eq!(visits[1].watch.pictures, 75);
        }
        assert_eq!(world.status(1).state, TargetState::Live);
        assert!(world.events().iter().all(|event| event.kind.is_none()), "it is no failure");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sound_that_begins_late_reaches_all_wherever_they_began() {
    World::play(async {
        let mut world = World::running(2);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        world.targets().push(super::world::target(3));
        world.apply();
        encoder.run(2).await;
        for frame in 0..50 {
            encoder.header(Kind::Audio, &[0xaf, 1, frame]);
            encoder.picture();
            sleep(Duration::from_millis(40)).await;
        }
        for host in ["t1", "t2", "t3"] {
            let visits = world.visits(host);
            let sound = visits[0].tags.iter().filter(|(kind, ..)| *kind == Kind::Audio);
            let sound: Vec<u8> = sound.map(|(_, _, payload)| payload[2]).collect();
            assert_eq!(sound, (0..50).collect::<Vec<_>>(), "{host}");
            assert_whole(&visits[0]);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_that_closes_while_it_is_held_is_no_failure() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", vec![Script::CloseAfter(6_000); 5]);
        for _ in 0..4 {
            let mut encoder = Encoder::new(world.publish(), 0);
            encoder.run(5).await;
            drop(encoder);
            sleep(Duration::from_secs(10)).await;
            assert_eq!(world.status(1).state, TargetState::WaitingForSource);
            let reason = world.status(1).reason;
            assert!(reason.contains("while the encoder was away"), "{reason}");
        }
        assert_eq!(world.visits("t1").len(), 4);
        assert!(world.events().iter().all(|event| event.kind.is_none()));
    })
    .await;
}
