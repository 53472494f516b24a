//! Headers of messages that leave out what they may, and some that leave out more.

use splitcast::media::Kind;

use super::super::world::World;
use super::caller::{AVC_HEADER, Caller, VIDEO, from_zero, picture};
use crate::wire::Header;

/// Times at the target of pictures whose headers are `headers`, each written before the same picture;
/// the first is of a key frame.
async fn times(headers: &[&[u8]]) -> Vec<u32> {
    let world = World::running(1);
    let mut caller = Caller::publish(&world).await;
    caller.message(Header { channel: 9, kind: VIDEO, stream: 1, time: 0 }, &AVC_HEADER).await;
    for (number, header) in headers.iter().enumerate() {
        let payload = picture(number == 0, 0, 1);
        assert_eq!(payload.len(), 11);
        caller.write(&[header, &payload[..]].concat()).await;
        tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    }
    caller.end().await;
    world.until_true(|world| world.visits("t1").first().is_some_and(|visit| visit.said_goodbye)).await;
    let tags = from_zero(world.visits("t1").remove(0).tags);
    let pictures = tags.iter().filter(|(kind, ..)| matches!(kind, Kind::VideoKey | Kind::VideoInter));
    pictures.map(|(_, time, _)| *time).collect()
}

const FULL: &[u8] = &[6, 0, 0, 100, 0, 0, 11, 9, 1, 0, 0, 0];
const BY_40: &[u8] = &[0x46, 0, 0, 40, 0, 0, 11, 9];

/// As of FMLE and ffmpeg: a header of nothing but its channel begins a message, as much later as the one
/// before it was.
#[tokio::test(start_paused = true)]
async fn a_header_of_nothing_goes_on_as_before() {
    World::play(async {
        assert_eq!(
            times(&[FULL, BY_40, &[0xc6], &[0xc6], &[0x86, 0, 0, 20], &[0xc6]]).await,
            [0, 40, 80, 120, 140, 160]
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_may_begin_without_a_full_header() {
    World::play(async {
        assert_eq!(times(&[BY_40, BY_40, &[0xc6]]).await, [0, 40, 80]);
    })
    .await;
}

/// As of GStreamer, which writes a step back as one of nearly 2^32. It must be none of 49 days.
#[tokio::test(start_paused = true)]
async fn a_step_back_is_no_leap_ahead() {
    World::play(async {
        let back_20 = [0x46, 0xff, 0xff, 0xff, 0, 0, 11, 9, 0xff, 0xff, 0xff, 0xec];
        let times = times(&[FULL, BY_40, &back_20, BY_40, BY_40]).await;
        assert_eq!(times.len(), 5);
        assert!(times.is_sorted() && times[4] <= 160, "{times:?}");
    })
    .await;
}

/// As of ffmpeg when it publishes what began long ago: its headers come at 0.
#[tokio::test(start_paused = true)]
async fn a_first_step_of_hours_is_the_beginning() {
    World::play(async {
        let by_20_000_s = [0x46, 0xff, 0xff, 0xff, 0, 0, 11, 9, 1, 0x31, 0x2d, 0];
        assert_eq!(times(&[&by_20_000_s, BY_40, &[0xc6]]).await, [0, 40, 80]);
    })
    .await;
}

/// Those of nginx-rtmp and others may be three bytes long.
#[tokio::test(start_paused = true)]
async fn channels_of_any_number_are_taken() {
    World::play(async {
        let full = |channel: &[u8]| [channel, &FULL[1..]].concat();
        let low = full(&[0, 10]);
        let high = full(&[1, 10, 200]);
        assert_eq!(times(&[&low, &[0x40, 10, 0, 0, 40, 0, 0, 11, 9]]).await, [0, 40]);
        assert_eq!(times(&[&high, &[0x41, 10, 200, 0, 0, 40, 0, 0, 11, 9]]).await, [0, 40]);
    })
    .await;
}
