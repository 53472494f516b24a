//! Targets: made, shown, changed, retried, removed; and the answer that shows everything.

use serde_json::{Value, json};
use splitcast::model::{EndpointRole, StreamId, TargetId, TargetState};

use crate::client::{Relay, timeless};

async fn with_target(relay: &Relay) -> Value {
    let target =
        json!({"name": "YouTube", "url": "rtmps://a.example:443/live2?backup=1&t=TOKEN", "key": "KEY"});
    relay.post("/streams/1/targets", target).await.json(201)
}

#[tokio::test]
async fn a_target_is_shown_without_its_secrets() {
    let relay = Relay::new().await;
    let made = with_target(&relay).await;
    assert_eq!(made["url"], "rtmps://a.example:443/live2?backup=1&t=…");
    assert_eq!(made["has_key"], true);
    assert_eq!(made["enabled"], true);
    assert_eq!((&made["id"], &made["stream_id"]), (&json!(1), &json!(1)));
    assert_eq!(made["created_at"], made["updated_at"]);
    assert_eq!(made["state"], "waiting_for_source");
    for field in ["bytes_sent", "skipped_frames", "lag_ms", "reconnects"] {
        assert_eq!(made[field], 0, "{field}");
    }
    assert_eq!((&made["start_mode"], &made["started"]), (&json!("with_source"), &json!(true)));
    assert_eq!((&made["backup_url"], &made["has_backup_key"]), (&json!(null), &json!(false)));
    assert_eq!((&made["backup_policy"], &made["backup"]), (&json!("failover"), &json!(null)));
    assert_eq!(made["next_try_in_seconds"], json!(null));
    assert!(made["state_for_seconds"].is_f64() && made["reason"].is_string());
    let made = timeless(made);
    assert_eq!(timeless(relay.get("/targets/1").await.json(200)), made);
    let list = relay.get("/streams/1/targets").await.json(200);
    assert_eq!(timeless(list), json!({"targets": [made]}));
}

#[tokio::test]
async fn one_whole_url_brings_its_key() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://h/app/KEY?x=1"});
    let made = relay.post("/streams/1/targets", target).await.json(201);
    assert_eq!((&made["url"], &made["has_key"]), (&json!("rtmp://h/app"), &json!(true)));
}

#[tokio::test]
async fn bad_values_are_refused_with_the_field() {
    let relay = Relay::new().await;
    for (body, field) in [
        (json!({"url": "rtmp://h/a", "key": "k"}), "name"),
        (json!({"name": "t", "key": "k"}), "url"),
        (json!({"name": "t"}), "url"),
        (json!({"name": "t", "url": "http://h/a", "key": "k"}), "url"),
        (json!({"name": "t", "url": "rtmp://h", "key": "k"}), "url"),
        (json!({"name": "t", "url": "rtmp://h/a?t=…", "key": "k"}), "url"),
        (json!({"name": "t", "url": "rtmp://h/a"}), "key"),
        (json!({"name": "t", "url": "rtmp://h/a", "key": null}), "key"),
        (json!({"name": "t", "url": "rtmp://h/a", "key": ""}), "key"),
        (json!({"name": "t", "url": "rtmp://h/a", "key": 5}), "key"),
        (json!({"name": "t", "url": "rtmp://h/a", "key": "k", "enabled": "yes"}), "enabled"),
        (json!({"name": "t", "url": "rtmp://h/a", "key": "k", "has_key": true}), "has_key"),
        (json!({"name": "t", "url": "rtmp://h/a", "key": "k", "started": true}), "started"),
        (json!({"name": "t", "url": "rtmp://h/a", "key": "k", "start_mode": "now"}), "start_mode"),
    ] {
        let answer = relay.post("/streams/1/targets", body.clone()).await;
        answer.problem(422, Some(field));
    }
    with_target(&relay).await;
    for (body, field) in [
        (json!({"key": null}), "key"),
        (json!({"url": null}), "url"),
        (json!({"url": "rtmps://a.example:443/live2?backup=1&t=…"}), "url"),
        (json!({"enabled": null}), "enabled"),
        (json!({"start_mode": null}), "start_mode"),
        (json!({"started": false}), "started"),
        (json!({"id": 2}), "id"),
    ] {
        relay.patch("/targets/1", body).await.problem(422, Some(field));
    }
}

#[tokio::test]
async fn a_patch_changes_only_what_it_names() {
    let relay = Relay::new().await;
    let made = with_target(&relay).await;
    let patch = json!({"url": "rtmp://other/app"});
    let changed = relay.patch("/targets/1", patch).await.json(200);
    assert_eq!(changed["url"], "rtmp://other/app");
    for kept in ["id", "stream_id", "name", "has_key", "enabled", "created_at"] {
        assert_eq!(changed[kept], made[kept], "{kept}");
    }
    let changed = relay.patch("/targets/1", json!({"name": "Twitch"})).await.json(200);
    assert_eq!((&changed["name"], &changed["url"]), (&json!("Twitch"), &json!("rtmp://other/app")));
}

#[tokio::test]
async fn a_target_that_is_switched_off_says_so_and_cannot_retry() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    let retried = relay.send("POST", "/targets/1/retry", None).await.json(200);
    assert_eq!(retried["id"], 1);
    let off = relay.patch("/targets/1", json!({"enabled": false})).await.json(200);
    assert_eq!((&off["enabled"], &off["state"]), (&json!(false), &json!("disabled")));
    let retried = relay.send("POST", "/targets/1/retry", None).await;
    retried.problem(409, None);
}

#[tokio::test]
async fn names_are_unique_within_a_stream_only() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    relay.post("/streams", json!({"name": "two"})).await.json(201);
    let target = json!({"name": "YouTube", "url": "rtmp://h/a", "key": "k"});
    let again = relay.post("/streams/1/targets", target.clone()).await;
    again.problem(409, Some("name"));
    relay.post("/streams/2/targets", target).await.json(201);
    let third = json!({"name": "third", "url": "rtmp://h/a", "key": "k"});
    relay.post("/streams/1/targets", third).await.json(201);
    let rename = relay.patch("/targets/1", json!({"name": "third"})).await;
    rename.problem(409, Some("name"));
}

#[tokio::test]
async fn a_removed_target_is_gone() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    assert_eq!(relay.delete("/targets/1").await.status, 204);
    for answer in [
        relay.get("/targets/1").await,
        relay.delete("/targets/1").await,
        relay.patch("/targets/1", json!({"name": "a"})).await,
        relay.send("POST", "/targets/1/retry", None).await,
    ] {
        answer.problem(404, None);
    }
    let list = relay.get("/streams/1/targets").await.json(200);
    assert_eq!(list, json!({"targets": []}));
}

#[tokio::test]
async fn the_status_shows_everything_at_once() {
    let relay = Relay::new().await;
    let target = with_target(&relay).await;
    relay.post("/streams", json!({"name": "two"})).await.json(201);
    let status = relay.get("/status").await.json(200);
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["rtmp_port"], 1935);
    let mut main = relay.get("/streams/1").await.json(200);
    main["targets"] = json!([target]);
    assert_eq!(timeless(status["streams"][0].clone()), timeless(main));
    assert_eq!(status["streams"][1]["targets"], json!([]));
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    relay.patch("/targets/1", json!({"enabled": false})).await.json(200);
    relay.post("/streams", json!({"name": "two", "key": "abc"})).await.json(201);
    let status = timeless(relay.get("/status").await.json(200));
    let key = relay.get("/streams/1/key").await.json(200);
    let relay = relay.restarted().await;
    assert_eq!(timeless(relay.get("/status").await.json(200)), status);
    assert_eq!(relay.get("/streams/1/key").await.json(200), key);
}

#[tokio::test]
async fn a_key_for_one_broadcast_is_told_of_when_one_is_over() {
    let relay = Relay::new().await;
    let made = [
        json!({"name": "VK", "url": "rtmp://ovsu.okcdn.ru/input", "key": "k"}),
        json!({"name": "YouTube", "url": "rtmp://a.rtmp.youtube.com/live2", "key": "k"}),
    ];
    for target in made {
        let made = relay.post("/streams/1/targets", target).await.json(201);
        assert_eq!(made["key_used"], false);
    }
    let broadcast = async || {
        for id in [1, 2] {
            let status = relay.board().open_target(StreamId(1), TargetId(id), EndpointRole::Primary);
            status.enter(TargetState::Live, "Live.");
        }
        relay.board().journal().record_over(StreamId(1));
        relay.keep_history().await;
    };
    broadcast().await;
    let vk = relay.get("/targets/1").await.json(200);
    assert_eq!(vk["key_used"], true);
    assert_eq!(relay.get("/targets/2").await.json(200)["key_used"], false, "its keys last");
    let copy = relay.post("/targets/1/duplicate", json!({})).await.json(201);
    assert_eq!(copy["key_used"], true, "it has the same key");

    let kept = relay.patch("/targets/1", json!({"notes": "n", "enabled": false})).await.json(200);
    assert_eq!(kept["key_used"], true);
    let changed = relay.patch("/targets/1", json!({"key": "another", "enabled": true})).await.json(200);
    assert_eq!(changed["key_used"], false);
    broadcast().await;
    assert_eq!(relay.get("/targets/1").await.json(200)["key_used"], true);
    let reused = relay.send("POST", "/targets/1/reuse-key", None).await.json(200);
    assert_eq!((&reused["key_used"], &reused["version"]), (&json!(false), &changed["version"]));
    relay.send("POST", "/targets/99/reuse-key", None).await.problem(404, None);
}

#[tokio::test]
async fn what_a_target_takes_is_as_its_platform_has_it_or_as_is_said() {
    let relay = Relay::new().await;
    let nothing = json!({"video_codecs": null, "audio_codecs": null, "tracks": null, "video_track": null,
        "audio_track": null, "tags": null});
    let twitch = json!({"name": "Twitch", "url": "rtmp://live.twitch.tv/app", "key": "k"});
    let made = relay.post("/streams/1/targets", twitch).await.json(201);
    assert_eq!(made["takes"], nothing);
    let usual = json!({"video_codecs": ["h264"], "audio_codecs": ["aac"], "tracks": "all_audio",
        "video_track": 0, "audio_track": 0, "tags": "common"});
    assert_eq!(made["intake"], usual);
    let anything = json!({"video_codecs": null, "audio_codecs": null, "tracks": "all", "video_track": 0,
        "audio_track": 0, "tags": "as_sent"});
    let own = json!({"name": "own", "url": "rtmp://10.0.0.1/live", "key": "k",
        "takes": {"audio_codecs": [], "tracks": null}});
    let made = relay.post("/streams/1/targets", own).await.json(201);
    assert_eq!(made["takes"]["audio_codecs"], json!([]));
    let mut mute = anything.clone();
    mute["audio_codecs"] = json!([]);
    assert_eq!(made["intake"], mute);

    let takes =
        json!({"takes": {"video_codecs": ["hevc", "h264", "hevc"], "tracks": "one", "audio_track": 1}});
    let changed = relay.patch("/targets/1", takes).await.json(200);
    assert_eq!(changed["takes"]["video_codecs"], json!(["hevc", "h264"]));
    assert_eq!(changed["intake"]["video_codecs"], json!(["h264", "hevc"]));
    assert_eq!((&changed["intake"]["tracks"], &changed["intake"]["audio_track"]), (&json!("one"), &json!(1)));
    assert_eq!(changed["intake"]["tags"], "common");
    let partly = relay.patch("/targets/1", json!({"takes": {"tracks": null}})).await.json(200);
    assert_eq!(partly["takes"]["audio_track"], 1, "what is left out stays");
    assert_eq!(partly["intake"]["tracks"], "all_audio");
    let copy = relay.post("/targets/1/duplicate", json!({})).await.json(201);
    assert_eq!(copy["takes"], partly["takes"]);
    let back = relay.patch("/targets/1", json!({"takes": null})).await.json(200);
    assert_eq!((&back["takes"], &back["intake"]), (&nothing, &usual));
    for (takes, field) in [
        (json!(5), "takes"),
        (json!({"codecs": []}), "takes.codecs"),
        (json!({"video_codecs": "h264"}), "takes.video_codecs"),
        (json!({"video_codecs": ["mpeg2"]}), "takes.video_codecs"),
        (json!({"audio_codecs": [null]}), "takes.audio_codecs"),
        (json!({"tracks": "two"}), "takes.tracks"),
        (json!({"video_track": 256}), "takes.video_track"),
        (json!({"audio_track": -1}), "takes.audio_track"),
        (json!({"tags": true}), "takes.tags"),
    ] {
        relay.patch("/targets/1", json!({"takes": takes})).await.problem(422, Some(field));
    }
}
