//! The relay stops while encoders publish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use splitcast::relay::Ingest;
use splitcast::relay::gate::Gate;
use splitcast::rtmp::amf0::Value;
use splitcast::rtmp::command::Command;
use tokio::io::duplex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::script::Peer;
use super::world::World;

/// A publisher with some properties in `connect`, and what stops the relay.
async fn publish(world: &World, properties: &[(&str, Value)]) -> (Peer, CancellationToken) {
    let stop = CancellationToken::new();
    let ingest = Arc::new(Ingest::new(world.registry.clone(), world.tracker.clone(), stop.clone()));
    let peer: SocketAddr = "127.0.0.1:5000".parse().unwrap();
    let pass = Arc::new(Gate::default()).enter(peer.ip()).unwrap();
    let (near, far) = duplex(64 << 10);
    world.tracker.spawn(async move { ingest.serve_connection(far.into(), peer, pass).await });
    (Peer::publish(near.into(), "ingest", properties).await, stop)
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_understands_it_is_asked_to_come_back_and_may_end() {
    World::play(async {
        let mut world = World::running(0);
        let (mut encoder, stop) = publish(&world, &[("capsEx", Value::Number(3.0))]).await;
        let began = Instant::now();
        world.supervisor.leave(false);
        stop.cancel();
        let request = encoder.hear("onStatus").await.expect("it is told");
        assert_eq!(request.info("code"), Some("NetConnection.Connect.ReconnectRequest"));
        assert_eq!((request.info("level"), request.info("tcUrl")), (Some("status"), None));
        assert!(request.info("description").unwrap().contains("stops"));
        encoder.say(0, Command::new("deleteStream", 4.0).with(Value::Number(1.0))).await;
        assert!(encoder.hear("onStatus").await.is_some(), "its end is answered");
        assert!(encoder.hear("more").await.is_none(), "and it is let go");
        assert!(began.elapsed() < Duration::from_millis(100));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_does_not_go_is_cut_off_in_time() {
    World::play(async {
        let world = World::running(0);
        let (mut encoder, stop) = publish(&world, &[("capsEx", Value::Number(1.0))]).await;
        let began = Instant::now();
        stop.cancel();
        assert!(encoder.hear("onStatus").await.is_some());
        assert!(encoder.hear("more").await.is_none());
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_does_not_understand_it_is_let_go_without_a_word() {
    World::play(async {
        for properties in [&[][..], &[("capsEx", Value::Number(6.0))], &[("capsEx", Value::string("1"))]] {
            let world = World::running(0);
            let (mut encoder, stop) = publish(&world, properties).await;
            let began = Instant::now();
            stop.cancel();
            assert_eq!(encoder.hear("onStatus").await, None);
            assert!(began.elapsed() < Duration::from_millis(10));
        }
    })
    .await;
}
