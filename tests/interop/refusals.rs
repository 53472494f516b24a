//! Who is turned away is told why, in words that reach the person at the encoder.

use crate::clip::Clip;
use crate::ffmpeg;
use crate::program::Running;
use crate::relay_process::Relay;

#[test]
fn a_publisher_with_a_wrong_key_is_told_so() {
    let relay = Relay::start();
    relay.api().create_stream("Studio", "right-key");
    let publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("wrong-key"), relay.folder());
    let sentence = server_error(publisher);
    assert!(sentence.contains("key"), "{sentence}");
    assert!(!sentence.contains("wrong-key"), "{sentence}");
}

#[test]
fn a_publisher_in_a_wrong_application_is_refused() {
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Studio", "source");
    let answer =
        api.call("PATCH", &format!("/streams/{stream}"), Some(&serde_json::json!({ "app": "studio" })));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    server_error(publisher);
    let right = format!("rtmp://127.0.0.1:{}/studio/source", relay.rtmp_port());
    let _publisher = ffmpeg::publish(Clip::Plain, &right, relay.folder());
    api.wait_for_source(stream, "live");
}

#[test]
fn a_publisher_from_a_wrong_address_is_told_which_and_let_in_when_it_is_allowed() {
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Studio", "source");
    let allow = |list: &[&str]| {
        let list = serde_json::json!({ "allow_from": list });
        let answer = api.call("PATCH", &format!("/streams/{stream}"), Some(&list));
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    allow(&["192.0.2.0/24"]);
    let publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    let sentence = server_error(publisher);
    assert!(sentence.contains("127.0.0.1"), "{sentence}");
    allow(&["192.0.2.0/24", "127.0.0.0/8"]);
    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    api.wait_for_source(stream, "live");
    allow(&["192.0.2.0/24"]);
    api.wait_for_source(stream, "held");
}

#[test]
fn a_player_is_told_that_nothing_is_played_here() {
    let relay = Relay::start();
    relay.api().create_stream("Studio", "source");
    let player = ffmpeg::play(&relay.ingest_url("source"), relay.folder());
    let sentence = server_error(player);
    assert!(sentence.contains("play"), "{sentence}");
}

/// What ffmpeg says that the server said, when it has ended with a failure.
fn server_error(mut ffmpeg: Running) -> String {
    let status = ffmpeg.wait();
    let output = ffmpeg.output();
    assert!(!status.success(), "{output}");
    let sentence = output.lines().find_map(|line| line.split_once("Server error: "));
    let (_, sentence) = sentence.unwrap_or_else(|| panic!("no reason was given:\n{output}"));
    assert!(sentence.split_whitespace().count() > 3, "{sentence:?} is no sentence");
    sentence.to_owned()
}
