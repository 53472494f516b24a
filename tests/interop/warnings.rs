//! What platforms would mind in what ffmpeg sends, until it is corrected.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::patience;
use crate::program::Running;
use crate::relay_process::Relay;
use crate::rest::Api;

/// Publishes what ffmpeg makes of a test picture with these options, until it is dropped.
fn publish(options: &str, url: &str, folder: &Path) -> Running {
    let mut command = ffmpeg::command();
    command
        .args(["-loglevel", "warning", "-re"])
        .args(
            "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000"
                .split(' '),
        )
        .args("-c:v libx264 -preset ultrafast -pix_fmt yuv420p -sc_threshold 0".split(' '))
        .args(options.split_whitespace())
        .args(["-f", "flv", url]);
    Running::spawn(&mut command, &folder.join("publisher.log"))
}

fn minded(api: &Api, target: i64) -> BTreeSet<String> {
    let target = api.target(target);
    let warnings = target["warnings"].as_array().unwrap();
    warnings.iter().map(|warning| warning["kind"].as_str().unwrap().to_owned()).collect()
}

/// A key frame every ten seconds, more bits than Twitch takes, B-frames and no sound; then none of it. Two of the
/// targets have names that do not exist, below those of platforms: nobody is called, and what is sent is held
/// against what they take all the same.
#[test]
fn a_bad_encoder_is_told_what_to_correct_until_it_is_corrected() {
    let (relay, nginx) = (Relay::start(), Nginx::start());
    let api = relay.api();
    let stream = api.create_stream("Minded", "source");
    let twitch = api.add_target(stream, "Twitch", "rtmp://no-such-server.twitch.tv/app", "k");
    let chzzk = api.add_target(stream, "CHZZK", "rtmp://no-such-server.lip2.navercorp.com/relay", "k");
    let own = api.add_target(stream, "Own", &nginx.url(), "own");
    let bad = "-g 250 -keyint_min 250 -bf 2 -b:v 9M -minrate 9M -maxrate 9M -bufsize 9M \
               -x264-params nal-hrd=cbr -map 0:v";
    let publisher = publish(bad, &relay.ingest_url("source"), relay.folder());
    let expected = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect::<BTreeSet<_>>();
    let of_twitch = expected(&["bitrate_high", "gop_size_over", "no_audio_stream"]);
    let of_chzzk = expected(&["b_frames", "bitrate_high", "gop_size_over", "no_audio_stream"]);
    let of_own = expected(&["gop_size_over", "no_audio_stream"]);
    patience::wait_until("all of it to be minded", || {
        minded(&api, twitch) == of_twitch && minded(&api, chzzk) == of_chzzk && minded(&api, own) == of_own
    });
    let source = api.get(&format!("/streams/{stream}"))["source"].clone();
    let video =
        ["video_codec", "video_profile", "width", "height", "has_b_frames"].map(|fact| source[fact].clone());
    assert_eq!(video, [Value::from("avc"), "Main".into(), 320.into(), 180.into(), true.into()], "{source:#}");
    drop(publisher);

    let good = "-g 25 -keyint_min 25 -bf 0 -b:v 500k -c:a aac -b:a 96k -ac 2";
    let _publisher = publish(good, &relay.ingest_url("source"), relay.folder());
    patience::wait_until("nothing to be minded any more", || {
        [twitch, chzzk, own].iter().all(|target| minded(&api, *target).is_empty())
    });
    let source = api.get(&format!("/streams/{stream}"))["source"].clone();
    let sound = ["audio_codec", "audio_profile", "audio_sample_rate", "audio_channels"]
        .map(|fact| source[fact].clone());
    assert_eq!(sound, [Value::from("aac"), "LC".into(), 48_000.into(), 2.into()], "{source:#}");
    let history = api.get(&format!("/history?target={twitch}&limit=500"));
    let told: Vec<_> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .filter_map(|event| event["warning"].as_str())
        .collect();
    let last = |kind: &str| told.iter().filter(|told| **told == kind).count();
    assert_eq!((last("bitrate_high"), last("no_audio_stream")), (2, 2), "{told:?}");
}
