//! An encoder that sends far more than targets can be sent, all at once.

use std::time::Duration;

use bytes::Bytes;
use splitcast::media::{Kind, Tag};
use splitcast::model::TargetState;
use tokio::time::{Instant, sleep};

use super::world::{Script, World};

const FRAME: usize = 16 << 10;
const FLOOD: usize = 12 << 20;

/// Floods targets that play these scripts, and gives way as the ingest does. Returns how long that took,
/// and how many bytes each target has then.
async fn flood(scripts: &[Script]) -> (Duration, Vec<usize>) {
    let world = World::running(i64::try_from(scripts.len()).unwrap());
    let hosts: Vec<String> = (1..=scripts.len()).map(|number| format!("t{number}")).collect();
    for (host, script) in hosts.iter().zip(scripts) {
        world.script(host, [*script]);
    }
    let publication = world.publish();
    for id in 1..=scripts.len() {
        world.until(i64::try_from(id).unwrap(), TargetState::Live).await;
    }
    let began = Instant::now();
    for serial in 0..FLOOD / FRAME {
        let kind = if serial == 0 { Kind::VideoKey } else { Kind::VideoInter };
        let payload = Bytes::from(vec![if serial == 0 { 0x17 } else { 0x27 }; FRAME]);
        let timestamp = u32::try_from(serial).unwrap();
        assert!(publication.send(Tag { kind, timestamp, payload }));
        if serial % 4 == 3 {
            publication.give_way().await;
        }
    }
    let took = began.elapsed();
    let bytes = |host: &String| world.visits(host)[0].tags.iter().map(|(_, _, payload)| payload.len()).sum();
    (took, hosts.iter().map(bytes).collect())
}

#[tokio::test(start_paused = true)]
async fn one_that_sends_more_than_this_machine_can_send_out_is_read_no_faster() {
    World::play(async {
        let (took, received) = flood(&[Script::Accept; 3]).await;
        assert!(took < Duration::from_millis(100), "{took:?}");
        assert!(received.iter().all(|bytes| *bytes > FLOOD - (5 << 20)), "{received:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_few_who_take_nothing() {
    World::play(async {
        let (took, received) = flood(&[Script::Freeze, Script::Accept, Script::Accept]).await;
        assert!(took < Duration::from_millis(100), "{took:?}");
        assert!(received[1..].iter().all(|bytes| *bytes > FLOOD - (5 << 20)), "{received:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn where_most_take_nothing_an_encoder_waits_only_until_that_is_plain() {
    World::play(async {
        for scripts in [vec![Script::Freeze], vec![Script::Accept, Script::Freeze, Script::Freeze]] {
            let (took, _) = flood(&scripts).await;
            assert!(took >= Duration::from_millis(200) && took < Duration::from_millis(500), "{took:?}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_one_who_takes_nothing_for_so_long_that_what_it_lacks_is_gone() {
    World::play(async {
        let world = World::running(2);
        world.script("t1", [Script::Freeze]);
        let publication = world.publish();
        for id in [1, 2] {
            world.until(id, TargetState::Live).await;
        }
        // Eight megabits a second, until shortly before the first is given up.
        for serial in 0..240_u32 {
            let (kind, first) =
                if serial % 25 == 0 { (Kind::VideoKey, 0x17) } else { (Kind::VideoInter, 0x27) };
            let payload = Bytes::from(vec![first; 40_000]);
            assert!(publication.send(Tag { kind, timestamp: serial * 40, payload }));
            let began = Instant::now();
            publication.give_way().await;
            assert_eq!(began.elapsed(), Duration::ZERO, "at picture {serial}");
            sleep(Duration::from_millis(40)).await;
        }
        assert_eq!(world.visits("t1").len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_waits_for_targets_far_behind_until_they_are_only_half_as_far() {
    World::play(async {
        let world = World::running(1);
        // 64 KiB each 2 ms.
        world.script("t1", [Script::ReadSlowly(32_768_000)]);
        let publication = world.publish();
        world.until(1, TargetState::Live).await;
        let send = |frames, (kind, first)| {
            for _ in 0..frames {
                let payload = Bytes::from(vec![first; 64 << 10]);
                assert!(publication.send(Tag { kind, timestamp: 0, payload }));
            }
        };
        let waited = async || {
            let began = Instant::now();
            publication.give_way().await;
            began.elapsed()
        };
        send(1, (Kind::VideoKey, 0x17));
        assert_eq!(waited().await, Duration::ZERO);
        send(60, (Kind::VideoInter, 0x27));
        assert_eq!(waited().await, Duration::ZERO);
        send(10, (Kind::VideoInter, 0x27));
        let waited = waited().await;
        assert!((Duration::from_millis(60)..Duration::from_millis(95)).contains(&waited), "{waited:?}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_without_targets_waits_for_nobody() {
    World::play(async {
        let (took, _) = flood(&[]).await;
        assert_eq!(took, Duration::ZERO);
    })
    .await;
}
