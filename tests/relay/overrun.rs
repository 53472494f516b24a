//! An encoder that sends far more than targets can be sent, all at once.

use std::time::Duration;

use bytes::Bytes;
use splitcast::media::{Kind, Tag};
use splitcast::model::TargetState;
use tokio::time::Instant;

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
