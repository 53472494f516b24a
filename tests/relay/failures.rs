//! Each kind of failure: what it is called, what it says, and what becomes of the target.

use std::net::IpAddr;
use std::time::Duration;

use splitcast::model::{ErrorKind, Step, TargetId, TargetState};
use splitcast::net;
use tokio::time::{Instant, sleep};

use super::world::{Codec, Encoder, Script, World, assert_whole, pictures};

fn forbidden() -> net::Error {
    net::Error::Forbidden { address: IpAddr::from([127, 0, 0, 1]), suggestion: "127.0.0.1".to_owned() }
}

fn unreachable() -> net::Error {
    net::Error::Unreachable
}

fn slow_to_connect() -> net::Error {
    net::Error::Timeout { step: net::Step::Connecting, limit: Duration::from_secs(10) }
}

fn slow_tls() -> net::Error {
    net::Error::Timeout { step: net::Step::Tls, limit: Duration::from_secs(10) }
}

fn expired() -> net::Error {
    net::Error::Certificate(rustls::CertificateError::Expired)
}

const DENIED: Script = Script::RejectWith("NetStream.Publish.Denied", "no such stream");

/// Lets one target suffer the same again and again for some minutes of a broadcast.
async fn suffer(script: Script, seconds: u32) -> World {
    let world = World::running(1);
    world.script("t1", vec![script; 10_000]);
    let mut encoder = Encoder::new(world.publish(), 0);
    encoder.run(seconds).await;
    world
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_by_itself_is_tried_for_ever_but_never_hot() {
    World::play(async {
        for (script, kind, step) in [
            (Script::Refuse, ErrorKind::TcpRefused, Step::Resolving),
            (Script::Fail(unreachable), ErrorKind::Unreachable, Step::Resolving),
            (Script::Fail(slow_to_connect), ErrorKind::TcpTimeout, Step::Resolving),
            (Script::Fail(slow_tls), ErrorKind::TlsIo, Step::Resolving),
            (Script::Hang, ErrorKind::ClosedBeforePublish, Step::Handshake),
            (Script::Mute, ErrorKind::HandshakeTimeout, Step::Handshake),
        ] {
            let world = suffer(script, 600).await;
            let last = world.events().into_iter().rfind(|event| event.kind.is_some()).unwrap();
            assert_eq!((last.kind, last.step, last.state), (Some(kind), Some(step), TargetState::BackingOff));
            assert!(last.next_try_at_ms.unwrap() > last.at_ms, "{last:?}");
            let tries = world.visits("t1").len();
            assert!((20..80).contains(&tries), "{kind:?}: {tries} tries in ten minutes");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_needs_a_person_is_blocked_and_probed_once_in_a_while() {
    World::play(async {
        for (script, kind, step, tries, words) in [
            (Script::Fail(expired), ErrorKind::TlsVerify, Some(Step::Resolving), 2..=4, "certificate"),
            (Script::Fail(forbidden), ErrorKind::Policy, Some(Step::Resolving), 1..=1, "--allow-targets"),
            (DENIED, ErrorKind::PublishRejected, Some(Step::Publish), 4..=6, "for the"),
            (Script::Babble, ErrorKind::Protocol, Some(Step::Handshake), 4..=6, "RTMP"),
            (
                Script::CloseAtPublish,
                ErrorKind::ClosedAfterPublish,
                Some(Step::Publish),
                5..=9,
                "the stream key is probably wrong",
            ),
            (
                Script::CloseAfter(1_200),
                ErrorKind::ClosedAfterPublish,
                None,
                5..=9,
                "1.2 s after publish for the",
            ),
        ] {
            let world = suffer(script, 600).await;
            let status = world.status(1);
            assert_eq!((status.kind, status.step), (Some(kind), step), "{script:?}");
            assert_eq!(status.state, TargetState::Blocked, "{script:?}");
            assert_eq!(usize::try_from(status.attempts).unwrap(), world.visits("t1").len(), "{script:?}");
            assert!(status.reason.contains(words), "{script:?}: {}", status.reason);
            assert_eq!(status.next_try_in.is_none(), kind == ErrorKind::Policy);
            let visits = world.visits("t1").len();
            assert!(tries.contains(&visits), "{script:?}: {visits} tries in ten minutes");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_blocked_target_goes_on_when_its_owner_has_seen_to_it() {
    World::play(async {
        let world = World::running(2);
        for host in ["t1", "t2"] {
            world.script(host, [DENIED; 3]);
        }
        let mut encoder = Encoder::new(world.publish(), 0);
        tokio::select! {
            () = encoder.run(60) => panic!("it is not blocked"),
            () = world.until_true(|world| (1..=2).all(|id| world.status(id).state == TargetState::Blocked)) => {}
        }
        // Asked to, it tries at once.
        assert!(world.supervisor.retry(TargetId(1)));
        encoder.run(1).await;
        assert_eq!(world.status(1).state, TargetState::Live);
        assert_eq!(world.status(2).state, TargetState::Blocked);
        // And by itself after five minutes at most.
        encoder.run(300).await;
        assert_eq!(world.status(2).state, TargetState::Live);
        assert_whole(&world.visits("t2")[3]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_that_ends_ends_every_wait() {
    World::play(async {
        let world = World::running(2);
        world.script("t1", [Script::Fail(expired); 10]);
        world.script("t2", [Script::Refuse; 10]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(20).await;
        assert_eq!(world.status(1).state, TargetState::Blocked);
        encoder.end();
        sleep(Duration::from_millis(100)).await;
        for id in 1..=2 {
            assert_eq!(world.status(id).state, TargetState::WaitingForSource);
        }
        // And the next one begins at once.
        world.script("t1", []);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        assert_eq!(world.status(1).state, TargetState::Live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_person_need_not_wait_for_a_server_that_rests() {
    World::play(async {
        let mut world = World::new(0);
        for id in 1..=20 {
            let endpoint = super::world::endpoint("down", "key");
            world.targets().push(splitcast::model::WantedTarget { endpoint, ..super::world::target(id) });
        }
        world.script("down", [Script::Refuse; 1_000]);
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(8).await;
        let tried = world.visits("down").len();
        encoder.run(2).await;
        assert_eq!(world.visits("down").len(), tried, "it rests");
        for id in 1..=20 {
            world.supervisor.retry(TargetId(id));
        }
        encoder.run(1).await;
        assert_eq!(world.visits("down").len(), tried + 20);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_in_use_is_waited_for_a_minute_and_then_asked_for_each_minute() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::CloseAfter(90_000)].into_iter().chain([Script::Reject; 100]));
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(91).await;
        let lost = Instant::now();
        tokio::select! {
            () = encoder.run(600) => panic!("it is not blocked"),
            () = world.until(1, TargetState::Blocked) => {}
        }
        let minute = lost.elapsed();
        // A moment after it was lost it is refused for the first time.
        assert!((58..95).contains(&minute.as_secs()), "{minute:?}");
        assert_eq!(world.status(1).kind, Some(ErrorKind::PublishBusy));
        assert!(world.visits("t1").len() >= 5, "it was tried again and again");
        // The old session ends at last.
        world.script("t1", []);
        encoder.run(61).await;
        assert_eq!(world.status(1).state, TargetState::Live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_went_well_and_broke_is_back_within_half_a_second() {
    World::play(async {
        let world = World::running(40);
        for id in 1..=40 {
            world.script(
                &format!("t{id}"),
                [Script::CloseAfter(if id % 2 == 0 { 30_000 } else { 90_000 }); 3],
            );
        }
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(92).await;
        for id in 1..=40 {
            let visits = world.visits(&format!("t{id}"));
            let gap = visits[1].began.unwrap() - visits[0].began.unwrap();
            let wait = gap - Duration::from_secs(if id % 2 == 0 { 30 } else { 90 });
            // The pipe is closed politely, and forty of them start at a pace.
            assert!(wait < Duration::from_millis(1_600), "{id}: {wait:?}");
            assert_whole(&visits[1]);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn every_change_is_an_event_with_its_cause_and_duration() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Refuse]);
        assert_eq!(world.events().len(), 1, "it waits for the encoder");
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(5).await;
        drop(encoder);
        sleep(Duration::from_secs(1)).await;
        let events = world.events();
        let story: Vec<_> = events.iter().map(|event| (event.state, event.step)).collect();
        let dialled = [
            (TargetState::Connecting, Some(Step::Connecting)),
            (TargetState::Publishing, Some(Step::Handshake)),
            (TargetState::Publishing, Some(Step::Connect)),
            (TargetState::Publishing, Some(Step::Publish)),
            (TargetState::Live, None),
            (TargetState::Holding, None),
        ];
        assert_eq!(
            story[..2],
            [
                (TargetState::Resolving, Some(Step::Resolving)),
                (TargetState::BackingOff, Some(Step::Resolving)),
            ]
        );
        assert_eq!(story[2], (TargetState::Resolving, Some(Step::Resolving)));
        assert_eq!(story[3..], dialled);
        assert_eq!((events[1].kind, events[1].attempts), (Some(ErrorKind::TcpRefused), 1));
        assert_eq!(events[2].attempts, 2);
        let live = events.last().unwrap();
        assert_eq!(live.from, TargetState::Live);
        assert!((3..=5).contains(&live.lasted.as_secs()), "{:?}", live.lasted);
        for pair in events.windows(2) {
            assert_eq!(pair[0].state, pair[1].from);
        }
        let status = world.status(1);
        assert!(status.connected_for.unwrap() >= Duration::from_secs(3) && status.attempts == 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_too_slow_keeps_the_sound_and_loses_pictures_that_are_counted() {
    World::play(async {
        for codec in [Codec::Avc, Codec::Hevc, Codec::Av1] {
            loses_pictures_of(codec).await;
        }
    })
    .await;
}

async fn loses_pictures_of(codec: Codec) {
    let world = World::running(2);
    // Half of what the stream has.
    world.script("t1", [Script::ReadSlowly(25_000)]);
    let mut encoder = Encoder::of(codec, world.publish());
    encoder.run(60).await;
    let visit = &world.visits("t1")[0];
    assert_eq!(visit.watch.fault, None);
    let sound = visit.tags.iter().filter(|(kind, ..)| *kind == splitcast::media::Kind::Audio).count();
    // All but what is still on its way to it.
    assert!(sound > 50 * 25, "{sound} of 1500 frames of sound");
    let status = world.status(1);
    assert_eq!(status.state, TargetState::Live);
    assert_eq!(status.skipped_audio, 0);
    let missing = 1_500 - u64::try_from(pictures(visit).len()).unwrap();
    // What it has not been given yet is missing, too.
    assert!(status.skipped_video > 400 && status.skipped_video <= missing, "{codec:?}: {status:?}");
    assert!(status.lag_ms < 4_000, "{}", status.lag_ms);
    assert_eq!(pictures(&world.visits("t2")[0]).len(), 1_500);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_hardly_reads_is_dialled_anew() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::ReadSlowly(200)]);
        let mut encoder = Encoder::loud(world.publish(), 0);
        tokio::select! {
            () = encoder.run(180) => panic!("{:?}", world.status(1)),
            () = world.until(1, TargetState::BackingOff) => {}
        }
        assert_eq!(world.status(1).kind, Some(ErrorKind::WriteStall));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_that_takes_a_trickle_is_dialled_anew() {
    World::play(async {
        for bytes_per_second in [200, 500, 1_000, 2_000] {
            let world = World::running(1);
            world.script("t1", [Script::Trickle(bytes_per_second)]);
            let mut encoder = Encoder::loud(world.publish(), 0);
            encoder.run(90).await;
            let failure = world.events().into_iter().find(|event| event.kind.is_some());
            let failure = failure.unwrap_or_else(|| panic!("{bytes_per_second}: {:?}", world.status(1)));
            assert_eq!(failure.kind, Some(ErrorKind::WriteStall));
            assert!(failure.reason.contains("far too slow"), "{}", failure.reason);
            assert_eq!(world.visits("t1").len(), 2);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_good_is_not_suspected_after_a_session_lost_while_it_was_held() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::CloseAfter(30_000)].into_iter().chain([Script::CloseAtPublish; 4]));
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(25).await;
        drop(encoder);
        sleep(Duration::from_secs(10)).await;
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(45).await;
        assert_eq!(world.status(1).state, TargetState::Live);
        assert!(world.events().iter().all(|event| event.state != TargetState::Blocked));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_good_is_not_suspected_after_a_change_of_codecs() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Accept].into_iter().chain([Script::CloseAtPublish; 4]));
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(25).await;
        drop(encoder);
        let mut encoder = Encoder::hevc(world.publish());
        encoder.run(45).await;
        assert_eq!(world.status(1).state, TargetState::Live);
        assert!(world.events().iter().all(|event| event.state != TargetState::Blocked));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn targets_of_a_server_that_is_down_do_not_storm_it() {
    World::play(async {
        let mut world = World::new(0);
        for id in 1..=100 {
            let mut target = super::world::target(id);
            target.endpoint = super::world::endpoint("down", &format!("key{id}"));
            world.targets().push(target);
        }
        world.targets().push(super::world::target(101));
        world.script("down", vec![Script::Refuse; 1_000_000]);
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(300).await;
        let tries = world.visits("down").len();
        // Without the rests they would make some two thousand.
        assert!((20..500).contains(&tries), "{tries} tries by a hundred targets in five minutes");
        for status in (1..=100).map(|id| world.status(id)) {
            assert_eq!(status.kind, Some(ErrorKind::TcpRefused), "one that waits for its turn tells no less");
            assert!(status.state == TargetState::BackingOff && status.reason.contains("nothing answers"));
        }
        // All of them begin at a pace, so that it may have come a group of pictures late.
        assert!(pictures(&world.visits("t101")[0]).len() >= 7_450);
        world.script("down", []);
        encoder.run(60).await;
        assert_eq!(world.open("down"), 100);
    })
    .await;
}
