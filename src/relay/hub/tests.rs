use super::super::status::{Board, TargetStatus};
use super::super::takeover::SILENT;
use super::*;
use crate::media::Kind;
use crate::model::{EndpointRole, Hold, OnUnpublish, StreamId, Takeover, TargetId};
use crate::net::Link;
use crate::rtmp::{Packet, RtmpUrl, Session, StreamKey, handshake};
use bytes::Bytes;
use std::time::Duration;
use tokio::io::duplex;
use tokio::time::{advance, timeout};
use tokio_util::task::TaskTracker;

fn hub() -> Arc<Hub> {
    with_rules(Rules::default())
}

fn with_rules(rules: Rules) -> Arc<Hub> {
    Hub::new(Board::default().open_stream(StreamId(1)), rules, Worker::here())
}

/// A target's entry that nobody sees.
fn entry() -> Arc<TargetStatus> {
    Board::default().open_target(StreamId(1), TargetId(1), EndpointRole::Primary)
}

fn peer() -> SocketAddr {
    "127.0.0.1:5000".parse().unwrap()
}

fn next(feed: &mut Feed) -> Packet {
    feed.try_recv().unwrap().unwrap()
}

fn key_frame(timestamp: u32) -> Tag {
    Tag { kind: Kind::VideoKey, timestamp, payload: Bytes::from_static(&[0x17, 1]) }
}

#[tokio::test(start_paused = true)]
async fn a_feed_gets_what_is_sent() {
    let hub = hub();
    let publication = hub.publish(peer()).unwrap();
    let mut feed = hub.subscribe();
    assert_eq!(feed.try_recv(), Ok(None));
    assert!(publication.send(key_frame(500)));
    assert_eq!(next(&mut feed).kind, Kind::VideoKey);
    assert_eq!(feed.try_recv(), Ok(None));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_needs_any_more_is_let_go_with_the_next_key_frame() {
    let hub = hub();
    let delivering = Arc::clone(&hub);
    let delivering = TaskTracker::new().spawn(async move { delivering.deliver().await });
    let publication = hub.publish(peer()).unwrap();
    let mut kept = Vec::new();
    for timestamp in (0..320).step_by(40) {
        let kind = if timestamp % 160 == 0 { Kind::VideoKey } else { Kind::VideoInter };
        assert!(publication.send(Tag { kind, ..key_frame(timestamp) }));
        // It comes together with the picture.
        assert!(publication.send(Tag { kind: Kind::Audio, ..key_frame(timestamp) }));
        advance(Duration::from_millis(40)).await;
        kept.push(hub.lock().renditions.original().bytes_from(0));
    }
    assert_eq!(kept, [4, 8, 12, 16, 4, 8, 12, 16]);
    delivering.abort();
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_delivered_to_for_as_long_as_it_is_attached() {
    let hub = hub();
    let attach = || {
        let (near, far) = duplex(1_000);
        let url = RtmpUrl::parse("rtmp://host/live").unwrap();
        let session = Session::client(url, StreamKey::new("key"), &[7; handshake::BLOCK]);
        (hub.attach(Link::new(near.into(), session), entry(), Form::ORIGINAL, Place::Newest), far)
    };
    let (first, _first_far) = attach();
    let (second, _second_far) = attach();
    assert_eq!(hub.delivery.places().len(), 2);
    // Its task has taken the line before that.
    assert!(first.take().is_some());
    drop(first);
    assert_eq!(hub.delivery.places().len(), 1);
    assert!(second.standing().is_some());
    drop(second);
    assert_eq!(hub.delivery.places().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_publisher_is_refused_unless_the_first_is_silent() {
    let hub = hub();
    let first = hub.publish(peer()).unwrap();
    assert!(first.send(key_frame(0)));
    let busy = hub.publish(peer()).unwrap_err();
    assert_eq!(busy, Busy { silent_at: Some(Instant::now() + SILENT) });
    advance(SILENT).await;
    // Data is not media.
    assert!(first.send(Tag { kind: Kind::Metadata, timestamp: 0, payload: Bytes::new() }));
    let second = hub.publish(peer()).unwrap();
    timeout(Duration::from_secs(1), first.taken_over()).await.unwrap();
    assert!(!first.send(key_frame(40)));
    assert!(second.send(key_frame(0)));
    drop(first);
    assert_eq!(*hub.source().borrow(), Source::Live);
}

#[tokio::test(start_paused = true)]
async fn vanishing_and_ending_are_told_apart() {
    let hub = hub();
    drop(hub.publish(peer()).unwrap());
    assert!(matches!(*hub.source().borrow(), Source::Gone(_)));
    hub.publish(peer()).unwrap().end();
    assert_eq!(*hub.source().borrow(), Source::Ended);
}

#[tokio::test(start_paused = true)]
async fn time_goes_on_from_one_publisher_to_the_next() {
    let hub = hub();
    let mut feed = hub.subscribe();
    let mut times = Vec::new();
    for start in [70_000, 0] {
        let publication = hub.publish(peer()).unwrap();
        for step in [0, 40] {
            assert!(publication.send(key_frame(start + step)));
            times.push(next(&mut feed).time);
        }
    }
    assert_eq!(times, [0, 40, 73, 113]);
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_is_not_given_pictures_of_an_earlier_publisher() {
    let hub = hub();
    assert!(hub.publish(peer()).unwrap().send(key_frame(0)));
    let _publication = hub.publish(peer()).unwrap();
    assert_eq!(hub.subscribe().try_recv(), Ok(None));
}

#[tokio::test(start_paused = true)]
async fn an_evicted_publisher_is_told_and_leaves_nothing_held() {
    let hub = hub();
    let publication = hub.publish(peer()).unwrap();
    hub.evict();
    timeout(Duration::from_secs(1), publication.taken_over()).await.unwrap();
    assert!(!publication.send(key_frame(0)));
    drop(publication);
    assert_eq!(*hub.source().borrow(), Source::Ended);
}

fn is_live(hub: &Hub) -> bool {
    *hub.source().borrow() == Source::Live
}

#[tokio::test(start_paused = true)]
async fn the_newest_wins_where_it_should_but_not_for_ever() {
    let hub = with_rules(Rules { takeover: Takeover::NewestWins, ..Rules::default() });
    let mut publication = hub.publish(peer()).unwrap();
    for _ in 0..6 {
        assert!(publication.send(key_frame(0)));
        let newer = hub.publish(peer()).unwrap();
        assert!(!publication.send(key_frame(40)));
        publication = newer;
    }
    assert!(publication.send(key_frame(0)));
    assert!(hub.publish(peer()).is_err());
    advance(Duration::from_secs(60)).await;
    assert!(publication.send(key_frame(40)));
    assert!(hub.publish(peer()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_first_is_kept_where_it_should_be() {
    let hub = with_rules(Rules { takeover: Takeover::Refuse, ..Rules::default() });
    let first = hub.publish(peer()).unwrap();
    advance(SILENT * 2).await;
    assert_eq!(hub.publish(peer()).unwrap_err(), Busy { silent_at: None });
    drop(first);
    assert!(hub.publish(peer()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_encoders_goodbye_can_count_as_a_lost_network() {
    let hub = with_rules(Rules { on_unpublish: OnUnpublish::Hold, ..Rules::default() });
    hub.publish(peer()).unwrap().end();
    assert!(matches!(*hub.source().borrow(), Source::Gone(_)));
}

#[tokio::test(start_paused = true)]
async fn a_hold_ends_in_its_time_even_if_that_is_changed_meanwhile() {
    let hub = hub();
    let kept = Arc::clone(&hub);
    let keeping = TaskTracker::new().spawn(async move { kept.keep().await });
    drop(hub.publish(peer()).unwrap());
    advance(Duration::from_secs(59)).await;
    assert!(matches!(*hub.source().borrow(), Source::Gone(_)));
    hub.set_rules(Rules { hold: Hold::from_seconds(120).unwrap(), ..Rules::default() });
    let shown = hub.status.snapshot();
    assert_eq!((shown.in_state_for.as_secs(), shown.held_for.unwrap().as_secs()), (59, 61));
    advance(Duration::from_secs(60)).await;
    assert!(matches!(*hub.source().borrow(), Source::Gone(_)));
    hub.set_rules(Rules { hold: Hold::from_seconds(90).unwrap(), ..Rules::default() });
    let mut source = hub.source();
    timeout(Duration::from_secs(1), source.wait_for(|source| *source == Source::Ended))
        .await
        .unwrap()
        .unwrap();
    hub.set_rules(Rules { hold: Hold::from_seconds(0).unwrap(), ..Rules::default() });
    drop(hub.publish(peer()).unwrap());
    assert_eq!(*hub.source().borrow(), Source::Ended);
    assert!(!is_live(&hub));
    keeping.abort();
}

#[test]
fn encoders_that_come_and_go_fast_never_wait_for_the_end_of_a_hold() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let _inside = runtime.enter();
    let hub = hub();
    let kept = Arc::clone(&hub);
    runtime.spawn(async move { kept.keep().await });
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for _ in 0..50_000 {
            drop(hub.publish(peer()).unwrap());
        }
        done.send(()).unwrap();
    });
    let result = is_done.recv_timeout(Duration::from_secs(60));
    runtime.shutdown_background();
    result.expect("it hangs");
}

#[tokio::test(start_paused = true)]
async fn one_who_reads_is_told_when_the_next_publisher_has_other_codecs() {
    let hub = hub();
    let tag = |kind, bytes: &'static [u8]| Tag { kind, timestamp: 0, payload: Bytes::from_static(bytes) };
    let avc = || [tag(Kind::VideoHeader, &[0x17, 0, 0, 0, 0, 1]), tag(Kind::VideoKey, &[0x17, 1, 0, 0, 0])];
    let hevc = || [tag(Kind::VideoHeader, b"\x90hvc1\x01"), tag(Kind::VideoKey, b"\x91hvc1\x00\x00\x00")];
    let mut feed = hub.subscribe();
    for turn in 0..2 {
        // One that shows nothing changes nothing.
        drop(hub.publish(peer()).unwrap());
        let publication = hub.publish(peer()).unwrap();
        assert!(avc().into_iter().all(|tag| publication.send(tag)));
        assert!(feed.try_recv().is_ok_and(|packet| packet.is_some()));
        // The second publisher's header is the first one's again.
        assert_eq!(feed.try_recv().unwrap().is_some(), turn == 0);
    }
    let publication = hub.publish(peer()).unwrap();
    assert!(hevc().into_iter().all(|tag| publication.send(tag)));
    assert!(feed.try_recv().is_err());
    let mut newcomer = hub.subscribe();
    assert_eq!(next(&mut newcomer).kind, Kind::VideoHeader);
    drop(publication);
    // The same codecs again are no change for one who came with them.
    let publication = hub.publish(peer()).unwrap();
    assert!(hevc().into_iter().all(|tag| publication.send(tag)));
    next(&mut newcomer);
    assert_eq!(next(&mut newcomer).kind, Kind::VideoKey);
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_broadcast_ends_where_the_next_one_begins() {
    let hub = hub();
    let mut feeds = [hub.subscribe(), hub.subscribe()];
    let first = hub.publish(peer()).unwrap();
    let [begun, waiting] = &mut feeds;
    assert!(first.send(key_frame(0)));
    next(begun);
    for timestamp in [40, 80] {
        assert!(first.send(key_frame(timestamp)));
    }
    first.end();
    let mut late = hub.subscribe();
    let second = hub.publish(peer()).unwrap();
    assert!(second.send(key_frame(0)));
    let rest = |feed: &mut Feed| {
        feed.end_with_broadcast();
        std::iter::from_fn(|| feed.try_recv().unwrap()).count()
    };
    assert_eq!(rest(begun), 2);
    // It had not begun, and would begin with the newest key frame.
    assert_eq!(rest(waiting), 0);
    assert_eq!(rest(&mut late), 0);
}
