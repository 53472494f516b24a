use super::super::hub::Hub;
use super::super::publication::Publication;
use super::super::status::Board;
use super::super::takeover::SILENT;
use super::super::workers::Worker;
use super::*;
use crate::media::Tag;
use crate::model::{Hold, Rules, StreamId};
use futures_util::FutureExt;
use std::net::SocketAddr;
use tokio::time::advance;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// A hub that delivers for as long as this is kept.
struct Running {
    hub: Arc<Hub>,
    _delivering: AbortOnDropHandle<std::convert::Infallible>,
}

fn running() -> Running {
    let rules = Rules { hold: Hold::from_seconds(60).unwrap(), ..Rules::default() };
    let hub = Hub::new(Board::default().open_stream(StreamId(1)), rules, Worker::here());
    let delivering = Arc::clone(&hub);
    let task = TaskTracker::new().spawn(async move { delivering.deliver().await });
    Running { hub, _delivering: AbortOnDropHandle::new(task) }
}

fn peer() -> SocketAddr {
    "127.0.0.1:5000".parse().unwrap()
}

/// Sends, and lets it be delivered.
async fn send(publication: &Publication, kind: Kind, timestamp: u32, payload: &[u8]) {
    assert!(publication.send(Tag { kind, timestamp, payload: Bytes::copy_from_slice(payload) }));
    advance(Duration::from_millis(1)).await;
    tokio::task::yield_now().await;
}

const AVC: &[u8] = &[0x17, 0, 0, 0, 0, 1];
const AAC: &[u8] = &[0xaf, 0, 0x12, 0x10];

async fn begin(publication: &Publication) {
    send(publication, Kind::Metadata, 0, b"\x02\x00\x0d@setDataFrame\x02\x00\x0aonMetaData\x08").await;
    send(publication, Kind::VideoHeader, 0, AVC).await;
    send(publication, Kind::AudioHeader, 0, AAC).await;
}

async fn picture(publication: &Publication, kind: Kind, timestamp: u32, len: usize) {
    let first = if kind == Kind::VideoKey { 0x17 } else { 0x27 };
    send(publication, kind, timestamp, &[&[first, 1, 0, 0, 0][..], &vec![7; len]].concat()).await;
}

/// The tags in FLV: their types, times and bodies.
fn tags(mut flv: &[u8]) -> Vec<(u8, u32, Vec<u8>)> {
    let mut tags = Vec::new();
    while let [kind, a, b, c, d, e, f, g, 0, 0, 0, rest @ ..] = flv {
        let len = u32::from_be_bytes([0, *a, *b, *c]);
        let (body, rest) = rest.split_at(len as usize);
        let (size, rest) = rest.split_at(4);
        assert_eq!(size, (len + 11).to_be_bytes());
        tags.push((*kind, u32::from_be_bytes([*g, *d, *e, *f]), body.to_vec()));
        flv = rest;
    }
    assert!(flv.is_empty());
    tags
}

/// The types and times of what comes next.
async fn seen(viewer: &mut Viewer) -> Vec<(u8, u32)> {
    let flv = viewer.next().await.unwrap();
    tags(&flv).into_iter().map(|(kind, time, _)| (kind, time)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_viewer_begins_with_the_newest_key_frame_at_time_0() {
    let running = running();
    let publication = running.hub.publish(peer()).unwrap();
    begin(&publication).await;
    for (key, inter) in [(5_000, 5_040), (5_080, 5_120)] {
        picture(&publication, Kind::VideoKey, key, 9).await;
        picture(&publication, Kind::VideoInter, inter, 9).await;
    }
    // Of the time before the key frame.
    send(&publication, Kind::Audio, 5_060, &[0xaf, 1, 1]).await;
    send(&publication, Kind::Audio, 5_090, &[0xaf, 1, 2]).await;
    let mut viewer = running.hub.watch().unwrap();
    let flv = viewer.next().await.unwrap();
    assert_eq!(&flv[..13], b"FLV\x01\x05\0\0\0\x09\0\0\0\0");
    let tags = tags(&flv[13..]);
    let order: Vec<_> = tags.iter().map(|(kind, time, _)| (*kind, *time)).collect();
    assert_eq!(order, [(18, 0), (9, 0), (8, 0), (9, 0), (9, 40), (8, 10)]);
    assert_eq!(tags[0].2, b"\x02\x00\x0aonMetaData\x08");
    assert_eq!((&tags[1].2[..], &tags[2].2[..]), (AVC, AAC));
    assert_eq!(tags[3].2[0], 0x17);
    picture(&publication, Kind::VideoInter, 5_160, 9).await;
    assert_eq!(seen(&mut viewer).await, [(9, 80)]);
}

#[tokio::test(start_paused = true)]
async fn who_keeps_up_misses_nothing_though_nothing_is_kept_for_them() {
    let running = running();
    let publication = running.hub.publish(peer()).unwrap();
    begin(&publication).await;
    picture(&publication, Kind::VideoKey, 0, 9).await;
    let mut viewer = running.hub.watch().unwrap();
    viewer.next().await.unwrap();
    let mut times = Vec::new();
    for number in 1..100 {
        if number % 10 == 9 {
            // It comes together with the key frame.
            let payload = Bytes::from_static(&[0x27, 1, 0, 0, 0]);
            assert!(publication.send(Tag { kind: Kind::VideoInter, timestamp: number * 40, payload }));
            continue;
        }
        let kind = if number % 10 == 0 { Kind::VideoKey } else { Kind::VideoInter };
        picture(&publication, kind, number * 40, 9).await;
        if number % 10 == 0 {
            // What is before it is let go at once.
            assert_eq!(running.hub.lock().renditions.original().bytes_from(0), 14);
        }
        // They look only now and then, and not between those two.
        if number % 10 == 5 {
            times.extend(seen(&mut viewer).await.into_iter().map(|(_, time)| time));
        }
    }
    times.extend(seen(&mut viewer).await.into_iter().map(|(_, time)| time));
    assert_eq!(times, (1..100).map(|number| number * 40).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_holds_little_and_goes_on_with_a_key_frame() {
    const PICTURE: usize = 100 << 10;
    let running = running();
    let publication = running.hub.publish(peer()).unwrap();
    begin(&publication).await;
    picture(&publication, Kind::VideoKey, 0, PICTURE).await;
    let mut viewer = running.hub.watch().unwrap();
    viewer.next().await.unwrap();
    let mut held = 0;
    for number in 1..=200 {
        let kind = if number % 10 == 0 { Kind::VideoKey } else { Kind::VideoInter };
        picture(&publication, kind, number * 40, PICTURE).await;
        advance(Duration::from_millis(40)).await;
        let inside = viewer.basket.lock();
        held = held.max(inside.load.packets.iter().map(Packet::len).sum());
        drop(inside);
        assert!(running.hub.lock().renditions.original().bytes_from(0) < 11 << 20, "it is kept for them");
    }
    assert!((MOST..MOST + 2 * PICTURE).contains(&held), "{held}");
    // What waited, then the headers and the newest key frame.
    let waited = seen(&mut viewer).await;
    let times: Vec<_> = waited.iter().map(|(_, time)| *time).collect();
    assert_eq!(times[..5], [40, 80, 120, 160, 200]);
    picture(&publication, Kind::VideoInter, 8_040, PICTURE).await;
    assert_eq!(seen(&mut viewer).await, [(18, 8_000), (9, 8_000), (8, 8_000), (9, 8_000), (9, 8_040)]);
}

#[tokio::test(start_paused = true)]
async fn it_is_over_when_the_encoder_ends_goes_or_is_replaced() {
    let running = running();
    let hub = &running.hub;
    assert!(hub.watch().is_none());
    for end in [
        |_: &Hub, publication: Publication| publication.end(),
        |_: &Hub, publication: Publication| drop(publication),
        |hub: &Hub, _: Publication| hub.evict(),
    ] {
        let publication = hub.publish(peer()).unwrap();
        begin(&publication).await;
        picture(&publication, Kind::VideoKey, 0, 9).await;
        let mut viewer = hub.watch().unwrap();
        viewer.next().await.unwrap();
        assert_eq!(viewer.next().now_or_never(), None, "it is over too soon");
        end(hub, publication);
        assert_eq!(viewer.next().await, None);
        assert_eq!(viewer.next().await, None);
        assert!(hub.watch().is_none());
    }
    let publication = hub.publish(peer()).unwrap();
    begin(&publication).await;
    picture(&publication, Kind::VideoKey, 0, 9).await;
    let mut viewer = hub.watch().unwrap();
    viewer.next().await.unwrap();
    advance(SILENT).await;
    let _second = hub.publish(peer()).unwrap();
    assert_eq!(viewer.next().await, None);
    assert!(hub.watch().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_change_of_rules_is_no_end() {
    let running = running();
    let publication = running.hub.publish(peer()).unwrap();
    begin(&publication).await;
    picture(&publication, Kind::VideoKey, 0, 9).await;
    let mut viewer = running.hub.watch().unwrap();
    viewer.next().await.unwrap();
    running.hub.set_rules(Rules { hold: Hold::from_seconds(5).unwrap(), ..Rules::default() });
    picture(&publication, Kind::VideoInter, 40, 9).await;
    assert_eq!(seen(&mut viewer).await, [(9, 40)]);
    drop(viewer);
    picture(&publication, Kind::VideoInter, 80, 9).await;
    assert_eq!(Arc::strong_count(&running.hub), 3, "hub, delivery and publication have it, no viewer");
}
