//! A target that is added while the encoder is already sending.

use crate::clip::Clip;
use crate::compare::Comparison;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::recorded_target::RecordedTarget;
use crate::relay_process::Relay;

/// The clip has key frames at 0 and 3 seconds. A target that joins between them can only begin with the
/// first of them if the relay has kept it, and one that joins after the second must not begin with
/// the first.
#[test]
fn a_late_target_begins_at_the_newest_key_frame_kept_and_no_other_target_notices() {
    let nginx = Nginx::start();
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Late", "source");
    let there_before = RecordedTarget::add(&api, stream, &nginx, "before");
    let mut publisher = ffmpeg::publish(Clip::LongGop, &relay.ingest_url("source"), relay.folder());
    there_before.wait_for_packet(|packet| packet.time > 1000);
    let in_first_group = RecordedTarget::add(&api, stream, &nginx, "in-first-group");
    there_before.wait_for_packet(|packet| packet.time > 4000);
    let in_second_group = RecordedTarget::add(&api, stream, &nginx, "in-second-group");
    assert!(publisher.wait().success(), "{}", publisher.output());

    let sent = Clip::LongGop.packets();
    let media: Vec<_> = sent.iter().filter(|packet| packet.is_media()).collect();
    let key_frames: Vec<usize> = (0..media.len()).filter(|at| media[*at].is_key_frame()).collect();
    let anywhere = Comparison::with(&sent).starting_at_any_key_frame();
    assert_eq!(in_first_group.finish(&anywhere).first, key_frames[0]);
    assert_eq!(in_second_group.finish(&anywhere).first, key_frames[1]);
    assert_eq!(api.target(there_before.id())["reconnects"], 0);
    there_before.finish(&Comparison::with(&sent));
}
