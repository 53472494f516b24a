//! Targets that want the stream on a new connection.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bytes::Bytes;
use splitcast::media::{Kind, Tag};
use splitcast::model::{ErrorKind, TargetId, TargetState};
use splitcast::net;
use splitcast::relay::publication::Publication;
use splitcast::rtmp::RtmpUrl;
use tokio::time::{Instant, sleep};

use super::world::{Encoder, Script, World, assert_whole, pictures};

/// Nothing failed, and the target is fed.
fn assert_well(world: &World) {
    let status = world.status(1);
    assert_eq!((status.state, status.kind), (TargetState::Live, None), "{}", status.reason);
    assert_eq!(status.totals.failures, vec![]);
    assert_eq!(status.totals.failed_attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn the_stream_goes_over_at_a_key_frame_and_no_frame_is_missing_or_doubled() {
    World::play(async {
        for to in ["rtmp://b1/live", "rtmps://b1:444/other?x=1", "//b1/live"] {
            let world = World::running(1);
            world.script("t1", [Script::Move(40, to)]);
            let mut encoder = Encoder::loud(world.publish(), 0);
            encoder.run(10).await;
            let (old, new) = (&world.visits("t1")[0], &world.visits("b1")[0]);
            assert_whole(old);
            assert_whole(new);
            let both: Vec<u32> = [pictures(old), pictures(new)].concat();
            assert_eq!(both, (0..250).collect::<Vec<_>>());
            let sound = |visit: &super::world::Visit| {
                visit.tags.iter().filter(|(kind, ..)| *kind == Kind::Audio).count()
            };
            assert_eq!(sound(old) + sound(new), 250);
            assert_eq!(pictures(new)[0], 25, "it begins with the next key frame");
            assert_eq!(new.key, "key1");
            assert!(old.is_over && !old.said_goodbye && !new.is_over);
            assert_well(&world);
            let status = world.status(1);
            assert_eq!((status.totals.sessions, status.totals.attempts, status.reconnects), (1, 1, 0));
            // Taken once a second.
            assert!((225..=250).contains(&status.sent_video), "{}", status.sent_video);
            assert!(status.connected_for.unwrap() < Duration::from_millis(9_500));
            let events = world.events();
            let told = events.iter().filter(|event| event.reason.contains("new connection and has it"));
            assert_eq!(told.count(), 1, "{events:?}");
            assert!(events.iter().all(|event| event.kind.is_none()));
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn where_no_new_connection_can_be_had_the_old_one_goes_on() {
    let forbidden = || net::Error::Forbidden {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        suggestion: "127.0.0.1".to_owned(),
    };
    World::play(async {
        for (script, words) in [
            (Script::Refuse, "nothing answers there"),
            (Script::Fail(forbidden), "not allowed"),
            (Script::Fail(|| net::Error::Loop), "this relay itself"),
            (Script::Reject, "BadName"),
            (Script::Mute, "no answer"),
            (Script::AcceptAndClose, "closed"),
        ] {
            let world = World::running(1);
            world.script("t1", [Script::Move(40, "rtmp://b1/live")]);
            world.script("b1", [script]);
            let mut encoder = Encoder::new(world.publish(), 0);
            encoder.run(20).await;
            assert_eq!(pictures(&world.visits("t1")[0]), (0..500).collect::<Vec<_>>());
            assert_eq!((world.visits("t1").len(), world.visits("b1").len()), (1, 1));
            assert_well(&world);
            let reason = world.status(1).reason;
            assert!(reason.contains("could not be had") && reason.contains(words), "{reason}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_wait_for_the_new_connection_is_no_failure() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::MoveAndClose(40, "rtmp://b1/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(5).await;
        let (old, new) = (&world.visits("t1")[0], &world.visits("b1")[0]);
        assert_whole(new);
        assert_eq!(pictures(new).last(), Some(&124));
        assert!(pictures(new)[0] <= pictures(old).last().unwrap() + 1, "a picture is missing");
        assert_well(&world);
        let status = world.status(1);
        assert_eq!((status.totals.sessions, status.totals.attempts, status.reconnects), (2, 2, 1), "a break");
        // Nor is it forgotten what to do when the new one cannot be had either.
        let world = World::running(1);
        world.script("t1", [Script::MoveAndClose(40, "rtmp://b1/live")]);
        world.script("b1", [Script::Refuse]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(10).await;
        assert_eq!((world.visits("t1").len(), world.status(1).state), (2, TargetState::Live));
        let failures = world.status(1).totals.failures;
        assert_eq!(failures, [(ErrorKind::ClosedAfterPublish, 1)]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn servers_that_ask_all_the_time_are_obeyed_three_times_a_minute() {
    World::play(async {
        for to in ["/other", "rtmp://b1/live"] {
            let world = World::running(1);
            world.script("t1", vec![Script::Nag(to); 1_000]);
            world.script("b1", vec![Script::Nag("rtmp://t1/live"); 1_000]);
            let mut encoder = Encoder::new(world.publish(), 0);
            encoder.run(300).await;
            let connections = world.visits("t1").len() + world.visits("b1").len();
            assert!((4..=1 + 3 * 5).contains(&connections), "{connections}");
            let (_, seen, fault) = world.audit();
            assert_eq!((seen, fault), (7_500, None), "each picture once, and all of use");
            assert_well(&world);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn requests_that_cannot_be_had_are_tried_three_times_a_minute() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Nag("rtmp://b1/live")]);
        world.script("b1", vec![Script::Refuse; 1_000]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(120).await;
        assert!((3..=7).contains(&world.visits("b1").len()), "{}", world.visits("b1").len());
        assert_eq!(pictures(&world.visits("t1")[0]), (0..3_000).collect::<Vec<_>>());
        assert_well(&world);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_led_out_of_tls_or_to_what_is_no_address() {
    World::play(async {
        for to in ["rtmp://b1/live", "http://b1/live", "rtmps://b1:0/live", "\0\0", "rtmps://b1/a b"] {
            let mut world = World::new(1);
            world.targets()[0].endpoint.url = RtmpUrl::parse("rtmps://t1/live").unwrap();
            world.apply();
            world.script("t1", [Script::Nag(to)]);
            let mut encoder = Encoder::new(world.publish(), 0);
            encoder.run(5).await;
            assert_eq!((world.visits("t1").len(), world.visits("b1").len()), (1, 0), "{to}");
            assert_well(&world);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_frame_is_not_waited_for_all_too_long() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Move(10, "rtmp://b1/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        // A key frame each twenty seconds.
        for _ in 0..20 {
            encoder.picture();
            sleep(Duration::from_millis(800)).await;
        }
        let (old, new) = (&world.visits("t1")[0], &world.visits("b1")[0]);
        assert!(old.is_over, "it is still fed");
        assert_whole(new);
        // What came since the last key frame comes twice; nothing is missing.
        assert_eq!(pictures(new), (0..20).collect::<Vec<_>>());
        assert_well(&world);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sound_alone_goes_over_at_once() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Move(100, "rtmp://b1/live")]);
        let publication = world.publish();
        let send = |publication: &Publication, kind, timestamp, number: u32| {
            let mut payload = vec![0xaf, u8::from(kind == Kind::Audio)];
            payload.extend_from_slice(&number.to_be_bytes());
            assert!(publication.send(Tag { kind, timestamp, payload: payload.into() }));
        };
        send(&publication, Kind::AudioHeader, 0, 0x1210_0000);
        for number in 0..500 {
            send(&publication, Kind::Audio, number * 20, number);
            sleep(Duration::from_millis(20)).await;
        }
        let numbers = |host| -> Vec<u32> {
            let visit = &world.visits(host)[0];
            let sound = visit.tags.iter().filter(|(kind, ..)| *kind == Kind::Audio);
            let number = |payload: &Bytes| u32::from_be_bytes(payload[2..6].try_into().unwrap());
            sound.map(|(_, _, payload)| number(payload)).collect()
        };
        let (old, new) = (numbers("t1"), numbers("b1"));
        let first = old[0];
        assert_eq!([old, new.clone()].concat(), (first..500).collect::<Vec<_>>());
        assert!(new.len() > 200, "{}", new.len());
        assert_eq!(world.visits("b1")[0].tags[0].0, Kind::AudioHeader);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn while_the_encoder_is_away_nothing_is_moved() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Move(30, "rtmp://b1/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        for _ in 0..15 {
            encoder.picture();
        }
        // The encoder is gone before the target has asked.
        drop(encoder);
        sleep(Duration::from_secs(10)).await;
        assert_eq!((world.status(1).state, world.visits("b1").len()), (TargetState::Holding, 0));
        let mut encoder = Encoder::numbered(world.publish(), 50);
        encoder.run(5).await;
        let (old, new) = (&world.visits("t1")[0], &world.visits("b1")[0]);
        assert_whole(new);
        let both: Vec<u32> = [pictures(old), pictures(new)].concat();
        assert_eq!(both, (0..40).chain(50..175).collect::<Vec<_>>());
        assert_well(&world);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_goes_away_in_the_midst_of_it_is_waited_for() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Move(30, "rtmp://b1/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        tokio::select! {
            () = encoder.run(60) => panic!("nothing is moved"),
            () = world.until_true(|world| world.open("b1") == 1) => {}
        }
        let sent = encoder.serial();
        drop(encoder);
        sleep(Duration::from_secs(10)).await;
        assert_eq!((world.open("t1"), world.open("b1")), (1, 1));
        let mut encoder = Encoder::numbered(world.publish(), 100);
        encoder.run(5).await;
        let both: Vec<u32> = [pictures(&world.visits("t1")[0]), pictures(&world.visits("b1")[0])].concat();
        assert_eq!(both, (0..sent).chain(100..225).collect::<Vec<_>>());
        assert_eq!(world.open("t1"), 0);
        assert_well(&world);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_order_in_the_midst_of_it_ends_both_connections() {
    World::play(async {
        for says_goodbye in [false, true] {
            let mut world = World::running(1);
            world.script("t1", [Script::Move(30, "rtmp://b1/live")]);
            let mut encoder = Encoder::new(world.publish(), 0);
            tokio::select! {
                () = encoder.run(60) => panic!("nothing is moved"),
                () = world.until_true(|world| world.visits("b1").first().is_some_and(|b1| b1.began.is_some())) => {}
            }
            let began = Instant::now();
            world.supervisor.leave(says_goodbye);
            world.until_true(|world| world.open("t1") + world.open("b1") == 0).await;
            assert!(began.elapsed() < Duration::from_secs(3));
            assert_eq!(world.visits("t1")[0].said_goodbye, says_goodbye);
            assert_eq!(world.visits("b1")[0].said_goodbye, says_goodbye);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_that_does_not_last_is_followed_by_the_address_that_was_wanted() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Move(25 * 15, "rtmp://b1/live")]);
        world.script("b1", [Script::CloseAfter(3_000)]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(25).await;
        assert_eq!((world.visits("t1").len(), world.visits("b1").len()), (2, 1));
        assert_eq!(world.status(1).state, TargetState::Live);
        // It was fed well for long enough that nobody suspects its key.
        assert_eq!(world.status(1).totals.failures, [(ErrorKind::ClosedMidstream, 1)]);
    })
    .await;
}

/// Bytes of sound and pictures that a host got over all its connections.
fn bytes_got(world: &World, host: &str) -> u64 {
    let visits = world.visits(host);
    let lengths = visits.iter().flat_map(|visit| &visit.tags).map(|(_, _, payload)| payload.len());
    u64::try_from(lengths.sum::<usize>()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_is_counted_over_one_connection_at_a_time() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Move(25 * 60, "rtmp://b1/live")]);
        world.script("b1", [Script::Move(25 * 20, "rtmp://b2/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        let mut before = 0;
        for _ in 0..100 * 25 {
            encoder.picture();
            sleep(Duration::from_millis(40)).await;
            let sent = world.status(1).bytes_sent;
            assert!(sent >= before, "it runs back from {before} to {sent}");
            before = sent;
        }
        let got: u64 = ["t1", "b1", "b2"].map(|host| bytes_got(&world, host)).iter().sum();
        assert!(pictures(&world.visits("b2")[0]).len() > 100);
        // With what RTMP says besides.
        assert!((got..got + got / 50 + 3 * 10_000).contains(&before), "{before} for {got}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_the_old_server_repeats_does_not_move_the_stream_again() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Nag("rtmp://b1/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(20).await;
        assert_eq!((world.visits("t1").len(), world.visits("b1").len()), (1, 1));
        assert_eq!((world.open("t1"), world.open("b1")), (0, 1));
        assert_well(&world);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_old_server_that_takes_its_time_delays_nothing() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Flag(0, "rtmp://b1/live", 500)]);
        world.script("b1", [Script::RejectAfter(5)]);
        let mut encoder = Encoder::new(world.publish(), 0);
        let story = async {
            world.until_true(|world| world.visits("b1").first().is_some_and(|b1| b1.tags.len() >= 5)).await;
            let rejected_at = Instant::now();
            world.until_true(|world| !world.status(1).totals.failures.is_empty()).await;
            assert!(rejected_at.elapsed() < Duration::from_millis(200), "{:?}", rejected_at.elapsed());
            assert_eq!(world.open("t1"), 1, "the old one has not got everything yet");
            world.until_true(|world| world.visits("t1")[0].is_over).await;
        };
        tokio::select! {
            () = encoder.run(60) => panic!("it takes too long"),
            () = story => {}
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_new_connection_alone_can_be_told_to_try_now() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::MoveAndClose(40, "rtmp://b1/live")]);
        world.script("b1", [Script::Mute]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(3).await;
        assert_eq!((world.status(1).state, world.visits("t1").len()), (TargetState::Connecting, 1));
        world.supervisor.retry(TargetId(1));
        encoder.run(1).await;
        assert_eq!((world.status(1).state, world.visits("t1").len()), (TargetState::Live, 2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever_for_his_turn_to_be_moved() {
    World::play(async {
        let world = World::running(800);
        world.roll(Box::new(|| Script::Mute));
        world.script("t1", [Script::MoveAndClose(10, "rtmp://b1/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        assert_eq!((world.status(1).state, world.visits("b1").len()), (TargetState::Connecting, 0));
        encoder.run(51).await;
        let status = world.status(1);
        assert_eq!((status.totals.failures.len(), world.visits("b1").len()), (1, 0), "{status:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_a_slow_target_misses_when_it_is_moved_is_counted() {
    World::play(async {
        // One that takes little, and one that takes nothing.
        for pace in [500, 60_000] {
            let world = World::running(1);
            world.script("t1", [Script::Flag(2_500, "rtmp://b1/live", pace)]);
            let mut encoder = Encoder::new(world.publish(), 0);
            encoder.run(15).await;
            // What is counted is looked at once a second.
            sleep(Duration::from_secs(2)).await;
            let new = &world.visits("b1")[0];
            assert_eq!((pictures(new).last(), &new.watch.fault), (Some(&374), &None));
            let status = world.status(1);
            let counted = status.sent_video + status.skipped_video;
            assert!(counted >= 375, "{} and {}", status.sent_video, status.skipped_video);
            assert!(status.skipped_video > 20, "{}", status.skipped_video);
            assert_well(&world);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_that_has_got_its_part_while_the_encoder_is_away_is_moved_when_that_is_back() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Flag(2_500, "rtmp://b1/live", 500)]);
        let mut encoder = Encoder::new(world.publish(), 0);
        tokio::select! {
            () = encoder.run(60) => panic!("nothing is moved"),
            () = world.until_true(|world| world.visits("b1").first().is_some_and(|b1| b1.began.is_some())) => {}
        }
        encoder.run(1).await;
        drop(encoder);
        sleep(Duration::from_secs(20)).await;
        assert_eq!(world.status(1).state, TargetState::Holding);
        assert_eq!((world.open("t1"), world.open("b1")), (1, 1));
        let mut encoder = Encoder::numbered(world.publish(), 200);
        encoder.run(5).await;
        assert_eq!(pictures(&world.visits("b1")[0]).last(), Some(&324));
        world.until_true(|world| world.open("t1") == 0).await;
        assert_eq!(world.open("b1"), 1);
        assert_eq!(world.status(1).totals.failures, vec![]);
    })
    .await;
}
