//! Servers that send the stream on to others instead of taking it.

use std::net::{IpAddr, Ipv4Addr};

use splitcast::model::{Endpoint, ErrorKind, TargetState};
use splitcast::net;
use splitcast::relay::probe::{ProbeOutcome, ProbeStep};
use splitcast::rtmp::{RtmpUrl, StreamKey};

use super::world::{Encoder, Script, World, assert_whole};

#[tokio::test(start_paused = true)]
async fn three_servers_may_send_the_stream_on() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Redirect("rtmp://b1/live")]);
        world.script("b1", [Script::Redirect("//b2/live")]);
        world.script("b2", [Script::Redirect("rtmps://b3/live")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        assert_eq!(world.status(1).state, TargetState::Live);
        assert_eq!(world.status(1).totals.failures, vec![]);
        assert_eq!(world.visits("b3")[0].key, "key1");
        assert_whole(&world.visits("b3")[0]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn going_round_in_circles_is_a_failure_like_others() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", vec![Script::Redirect("rtmp://b1/live"); 1_000]);
        world.script("b1", vec![Script::Redirect("rtmp://t1/live"); 1_000]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(120).await;
        let status = world.status(1);
        assert_eq!((status.state, status.kind), (TargetState::Blocked, Some(ErrorKind::ConnectRejected)));
        assert!(status.reason.contains("from one server to the next"), "{}", status.reason);
        // Three tries, of four connections each.
        assert_eq!((world.visits("t1").len(), world.visits("b1").len()), (6, 6));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_elsewhere_is_told_and_does_not_end_it_for_good() {
    let forbidden = || net::Error::Forbidden {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        suggestion: "127.0.0.1".to_owned(),
    };
    World::play(async {
        for (script, kind, words) in [
            (Script::Fail(forbidden), ErrorKind::ConnectRejected, "127.0.0.1 is not allowed"),
            (Script::Fail(|| net::Error::Loop), ErrorKind::ConnectRejected, "this relay itself"),
            (Script::Refuse, ErrorKind::TcpRefused, "nothing answers there"),
            (Script::Reject, ErrorKind::PublishBusy, "already publishing"),
        ] {
            let world = World::running(1);
            world.script("t1", [Script::Redirect("rtmp://b1/live")]);
            world.script("b1", [script]);
            let mut encoder = Encoder::new(world.publish(), 0);
            tokio::select! {
                () = encoder.run(60) => panic!("it does not fail"),
                () = world.until(1, TargetState::BackingOff) => {}
            }
            let status = world.status(1);
            assert_eq!(status.kind, Some(kind));
            assert!(
                status.reason.contains("rtmp://b1") && status.reason.contains(words),
                "{}",
                status.reason
            );
            encoder.run(5).await;
            assert_eq!((world.status(1).state, world.visits("t1").len()), (TargetState::Live, 2));
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_sent_out_of_tls_or_to_what_is_no_address() {
    World::play(async {
        for to in ["rtmp://b1/live", "ftp://b1/live", "rtmps://b1", "\0"] {
            let mut world = World::new(1);
            world.targets()[0].endpoint.url = RtmpUrl::parse("rtmps://t1/live").unwrap();
            world.apply();
            world.script("t1", [Script::Redirect(to)]);
            let mut encoder = Encoder::new(world.publish(), 0);
            tokio::select! {
                () = encoder.run(60) => panic!("it does not fail"),
                () = world.until(1, TargetState::BackingOff) => {}
            }
            assert_eq!(world.status(1).kind, Some(ErrorKind::ConnectRejected));
            assert!(
                world.status(1).reason.contains("sends the stream elsewhere, but"),
                "{}",
                world.status(1).reason
            );
            assert_eq!(world.visits("b1").len(), 0);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_test_of_a_key_goes_with_the_stream_and_tells_where_it_failed() {
    World::play(async {
        let world = World::running(1);
        world.script("t9", vec![Script::Redirect("rtmp://b1/live"); 2]);
        world.script("b1", [Script::Accept, Script::Refuse]);
        let endpoint = Endpoint {
            url: RtmpUrl::parse("rtmp://t9/live").unwrap(),
            key: StreamKey::new("CANARY"),
            login: None,
        };
        let report = world.supervisor.prober().probe(&endpoint, &|_| ()).await;
        assert_eq!(report.outcome, ProbeOutcome::Accepted);
        let connects = report.steps.iter().filter(|step| step.step == ProbeStep::Connect);
        let words: Vec<&str> = connects.map(|step| step.words.as_str()).collect();
        assert_eq!(words, ["The server sends the stream on to rtmp://b1, which answers."]);
        assert_eq!(world.visits("b1")[0].key, "CANARY");

        let report = world.supervisor.prober().probe(&endpoint, &|_| ()).await;
        assert_eq!(report.outcome, ProbeOutcome::PortRefused);
        assert!(report.sentence.contains("rtmp://b1"), "{report:?}");
        assert!(!format!("{report:?}").contains("CANARY"), "{report:?}");
    })
    .await;
}
