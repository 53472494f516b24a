use std::future::poll_fn;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::io::duplex;
use tokio::task::{LocalSet, yield_now};

use super::super::hub::Hub;
use super::super::status::Board;
use super::super::workers::Worker;
use super::*;
use crate::media::{Kind, Tag};
use crate::model::{EndpointRole, Rules, StreamId, TargetId};
use crate::rtmp::{Rejection, RtmpUrl, Server, Session, StreamKey, handshake, server};

fn hub() -> Arc<Hub> {
    Hub::new(Board::default().open_stream(StreamId(1)), Rules::default(), Worker::here())
}

/// A link, not spoken on yet, and its other end.
fn links(size: usize) -> (Link<Client>, Link<Server>) {
    let (near, far) = duplex(size);
    let url = RtmpUrl::parse("rtmp://host/live").unwrap();
    let session = Session::client(url, StreamKey::new("key"), &[7; handshake::BLOCK]);
    (Link::new(near.into(), session), Link::new(far.into(), Session::server(Box::new([7; handshake::BLOCK]))))
}

/// An entry that nobody sees.
fn entry() -> Arc<TargetStatus> {
    Board::default().open_target(StreamId(1), TargetId(1), EndpointRole::Primary)
}

/// The same, past `publish`.
async fn publishing(size: usize) -> (Link<Client>, Link<Server>) {
    let (mut client, mut server) = links(size);
    let serve = async {
        while !matches!(server.next().await.unwrap(), Turn::Event(server::Event::Publish { .. })) {}
        server.with(Session::accept_publish);
        server.flush().await.unwrap();
    };
    let publish = async { while !matches!(client.next().await.unwrap(), Turn::Event(Event::Publishing)) {} };
    tokio::join!(serve, publish);
    (client, server)
}

fn picture(len: usize) -> Tag {
    let mut payload = vec![0x17, 1, 0, 0, 0];
    payload.resize(len, 0x5a);
    Tag { kind: Kind::VideoKey, timestamp: 0, payload: payload.into() }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_delivery_is_that_of_the_targets_own_task() {
    let hub = hub();
    let (link, _far) = links(64 << 10);
    let outlet = Arc::new(Outlet::new(link, hub.subscribe(), entry()));
    let feeding = Arc::clone(&outlet);
    let task = LocalSet::new();
    let own = task.spawn_local(async move { poll_fn(|cx| feeding.poll(cx)).await });
    task.run_until(async {
        yield_now().await;
        outlet.guarded(|_| panic!("on purpose"));
        // Nobody goes on with what the panic has left.
        let publication = hub.publish("127.0.0.1:1".parse().unwrap()).unwrap();
        assert!(publication.send(picture(100)));
        outlet.deliver(&mut Round::new(&hub, 1, None));
        assert_eq!(outlet.place(), None);
        assert!(own.await.unwrap_err().is_panic());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn why_a_target_closed_is_heard_though_the_delivery_was_first_to_notice() {
    let hub = hub();
    let (link, mut target) = publishing(64 << 10).await;
    let outlet = Outlet::new(link, hub.subscribe(), entry());
    target.with(|session| session.reject_publish(&Rejection::busy()));
    target.flush().await.unwrap();
    drop(target);
    let publication = hub.publish("127.0.0.1:1".parse().unwrap()).unwrap();
    assert!(publication.send(picture(100)));
    outlet.deliver(&mut Round::new(&hub, 1, None));
    let end = poll_fn(|cx| outlet.poll(cx)).await;
    assert!(matches!(end, Err(End::Failed(Why::Rejected(_)))), "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn the_targets_task_is_told_each_time_it_falls_behind_and_has_caught_up() {
    let hub = hub();
    let (link, mut target) = publishing(300).await;
    let outlet = Outlet::new(link, hub.subscribe(), entry());
    let publication = hub.publish("127.0.0.1:1".parse().unwrap()).unwrap();
    for _ in 0..2 {
        assert!(publication.send(picture(5_000)));
        outlet.deliver(&mut Round::new(&hub, 1, None));
        assert!(poll_fn(|cx| outlet.poll(cx)).now_or_never().unwrap().is_ok());
        let standing = outlet.standing().unwrap();
        assert!(standing.unsent > 4_000 && standing.stalls_at.is_some(), "{standing:?}");
        assert!(poll_fn(|cx| outlet.poll(cx)).now_or_never().is_none(), "once is enough");
        let told = tokio::select! {
            told = poll_fn(|cx| outlet.poll(cx)) => told,
            () = async { while target.next().await.is_ok() {} } => panic!("the target ended"),
        };
        assert!(told.is_ok());
        let standing = outlet.standing().unwrap();
        assert!(standing.unsent == 0 && standing.stalls_at.is_none(), "{standing:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_the_kernel_knows_is_shown_while_there_is_a_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (_far, _) = listener.accept().await.unwrap();
    let session = Session::client(
        RtmpUrl::parse("rtmp://host/live").unwrap(),
        StreamKey::new("key"),
        &[7; handshake::BLOCK],
    );
    let (hub, status) = (hub(), entry());
    let outlet = Outlet::new(Link::new(near.into(), session), hub.subscribe(), Arc::clone(&status));
    outlet.sample(None);
    assert_eq!(status.snapshot().connection, None);
    let mut kernel = SockDiag::open().unwrap();
    outlet.sample(Some(&mut kernel));
    assert!(status.snapshot().connection.is_some_and(|tcp| tcp.unsent == 0));
    assert!(outlet.take().is_some());
    assert_eq!(status.snapshot().connection, None);
    // One that comes too late is of nobody any more.
    outlet.sample(Some(&mut kernel));
    assert_eq!(status.snapshot().connection, None);
}
