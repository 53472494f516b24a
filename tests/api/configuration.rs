//! The whole configuration, taken from one relay to another.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::{AUTHORIZED, JSON, Relay};

const CANARY: &str = "CANARYcanary0123456789";
const PASSPHRASE: &str = "CANARY passphrase";

/// A relay with one of everything.
async fn furnished() -> Relay {
    let relay = Relay::new().await;
    let stage = json!({"name": "Stage", "key": CANARY, "app": "stage", "ingest_user": "encoder",
        "ingest_password": CANARY, "hold_seconds": 5, "takeover": "refuse",
        "on_unpublish": "hold", "coalesce_ms": 7});
    relay.post("/streams", stage).await.json(201);
    for target in [
        json!({"name": "a", "url": format!("rtmps://h:4443/app?token={CANARY}"), "key": CANARY,
            "backup_url": format!("rtmp://b/live2?backup=1&t={CANARY}"), "backup_key": CANARY, "user": "ann",
            "password": CANARY, "backup_user": "bob", "backup_password": CANARY, "backup_policy": "both", "coalesce_ms": 3,
            "takes": {"video_codecs": ["h264", "av1"], "audio_codecs": [], "tracks": "all", "video_track": 1,
            "audio_track": 2, "tags": "as_sent"}}),
        json!({"name": "b", "url": "rtmp://h/app/instance", "key": "k", "enabled": false}),
        json!({"name": "c", "url": "rtmp://h/app", "key": "k", "start_mode": "manual"}),
        json!({"name": "d", "url": "rtmp://h/app", "key": "k"}),
    ] {
        relay.post("/streams/2/targets", target).await.json(201);
    }
    relay.post("/targets/4/stop", json!({})).await.json(200);
    for (name, stream) in [("w", json!(2)), ("v", json!(null))] {
        let webhook = json!({"name": name, "url": format!("https://h/{CANARY}/abcdefghijklmnopqrstuvwxyz"),
            "kinds": ["stream.live", "test"], "stream_id": stream, "enabled": name == "w", "format": "slack"});
        relay.post("/webhooks", webhook).await.json(201);
    }
    relay
}

/// A relay with nothing in it.
async fn empty() -> Relay {
    let relay = Relay::new().await;
    assert_eq!(relay.delete("/streams/1").await.status, 204);
    relay
}

async fn export(relay: &Relay) -> Value {
    relay.post("/export", json!({"passphrase": PASSPHRASE})).await.json(200)
}

/// Every secret of a relay, in the order of what they belong to.
async fn secrets(relay: &Relay) -> Vec<String> {
    let all = relay.control().configuration().await.unwrap();
    let mut secrets = Vec::new();
    for stream in all.streams {
        secrets.push(stream.stream.key.as_stream_key().expose().to_owned());
        secrets.extend(stream.stream.settings.ingest_login.map(|login| login.password.expose().to_owned()));
        for target in stream.targets {
            for endpoint in [Some(target.target.endpoint), target.target.backup].into_iter().flatten() {
                secrets.push(endpoint.url.tc_url().expose().to_owned());
                secrets.push(endpoint.key.expose().to_owned());
                secrets.extend(endpoint.login.map(|login| login.password.expose().to_owned()));
            }
        }
    }
    for webhook in all.webhooks {
        secrets.push(webhook.webhook.url.whole().expose().to_owned());
        secrets.push(webhook.secret.text().expose().to_owned());
    }
    secrets
}

#[tokio::test]
async fn what_is_exported_is_the_same_elsewhere() {
    let (one, two) = (furnished().await, empty().await);
    let document = export(&one).await;
    let order = json!({"document": document, "passphrase": PASSPHRASE, "dry_run": true});
    let tried = two.post("/import", order.clone()).await.json(200);
    assert_eq!(two.get("/streams").await.json(200), json!({"streams": []}));
    let mut order = order;
    order["dry_run"] = false.into();
    let made = two.post("/import", order).await.json(200);
    assert_eq!(
        made,
        json!({"dry_run": false, "left_out": [],
            "streams": [{"id": 2, "name": "Main", "target_count": 0, "has_new_key": false},
                {"id": 3, "name": "Stage", "target_count": 4, "has_new_key": false}],
            "webhooks": [{"id": 1, "name": "w", "has_new_secret": false},
                {"id": 2, "name": "v", "has_new_secret": false}]})
    );
    assert_eq!((&tried["dry_run"], &tried["streams"][0]["id"]), (&json!(true), &json!(null)));
    assert_eq!(two.get("/export").await.json(200), one.get("/export").await.json(200));
    let kept = secrets(&one).await;
    assert_eq!((kept.len(), &kept), (1 + 2 + 6 + 2 + 2 + 2 + 4, &secrets(&two).await));
    // It runs at once, and after a restart.
    let runs = two.get("/streams/3/targets").await.json(200);
    let states: Vec<_> = runs["targets"].as_array().unwrap().iter().map(|target| &target["state"]).collect();
    assert_eq!(states, ["waiting_for_source", "disabled", "stopped", "stopped"]);
    assert_eq!(two.get("/webhooks/1").await.json(200)["stream_id"], 3);
    let two = two.restarted().await;
    assert_eq!(two.get("/export").await.json(200), one.get("/export").await.json(200));
}

#[tokio::test]
async fn a_document_tells_no_secret_without_its_passphrase() {
    let relay = furnished().await;
    let open = relay.get("/export").await;
    let sealed = relay.post("/export", json!({"passphrase": PASSPHRASE})).await;
    for answer in [&open, &sealed] {
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains("CANARY"), "{}", answer.text);
        assert!(!answer.text.contains("whsec_"), "{}", answer.text);
    }
    let (open, sealed) = (open.json(200), sealed.json(200));
    assert_eq!(open["sealed"], json!(null));
    let data = sealed["sealed"]["data"].as_str().unwrap();
    let data = data_encoding::BASE64.decode(data.as_bytes()).unwrap();
    assert!(!data.windows(6).any(|window| window == b"CANARY"));
    let again = export(&relay).await;
    for part in ["salt", "nonce", "data"] {
        assert_ne!(again["sealed"][part], sealed["sealed"][part], "{part}");
    }
}

#[tokio::test]
async fn a_passphrase_is_needed_and_must_be_the_right_one() {
    let (one, two) = (furnished().await, empty().await);
    for bad in [json!("too short"), json!(5), json!(null), json!("x".repeat(1025))] {
        one.post("/export", json!({"passphrase": bad})).await.problem(422, Some("passphrase"));
    }
    one.post("/export", json!({})).await.problem(422, Some("passphrase"));
    let document = export(&one).await;
    for order in [
        json!({"document": document, "passphrase": "CANARY passphrasf"}),
        json!({"document": document, "passphrase": ""}),
        json!({"document": document}),
        json!({"document": one.get("/export").await.json(200), "passphrase": PASSPHRASE}),
    ] {
        let answer = two.post("/import", order).await;
        assert!(!answer.text.contains("CANARY"));
        answer.problem(422, Some("passphrase"));
    }
    for (part, value, field) in [
        ("memory_kib", json!(4_000_000), "document.sealed"),
        ("memory_kib", json!(8), "document.sealed"),
        ("passes", json!(1_000_000), "document.sealed"),
        ("lanes", json!(2), "document.sealed"),
        ("passes", json!(1), "passphrase"),
        ("data", json!(""), "passphrase"),
        ("data", json!("AAAA"), "passphrase"),
        ("data", json!("?"), "document.sealed.data"),
        ("salt", json!("AAAA"), "document.sealed.salt"),
        ("nonce", json!(null), "document.sealed.nonce"),
        ("cipher", json!("rot13"), "document.sealed.cipher"),
        ("key", json!("md5"), "document.sealed.key"),
    ] {
        let mut document = document.clone();
        document["sealed"][part] = value;
        let order = json!({"document": document, "passphrase": PASSPHRASE});
        two.post("/import", order).await.problem(422, Some(field));
    }
    assert_eq!(two.get("/streams").await.json(200), json!({"streams": []}));
}

#[tokio::test]
async fn without_secrets_what_cannot_do_without_them_is_left_out() {
    let (one, two) = (furnished().await, empty().await);
    let mut document = one.get("/export").await.json(200);
    // What was written in by hand is taken.
    document["streams"][1]["targets"][1]["key"] = "by-hand".into();
    document["webhooks"][1]["url"] = "https://h/by-hand".into();
    let made = two.post("/import", json!({"document": document})).await.json(200);
    assert_eq!(made["streams"][1], json!({"id": 3, "name": "Stage", "target_count": 1, "has_new_key": true}));
    let left_out: Vec<_> = made["left_out"].as_array().unwrap().iter().map(|left| &left["name"]).collect();
    assert_eq!(left_out, ["Stage", "a", "c", "d", "w"]);
    assert_eq!(made["left_out"][0]["what"], "login");
    assert!(made["left_out"][1]["reason"].as_str().unwrap().contains("stream key"));
    assert_eq!(two.get("/streams/3").await.json(200)["ingest_user"], json!(null));
    let target = &two.get("/streams/3/targets").await.json(200)["targets"][0];
    assert_eq!((&target["name"], &target["url"]), (&json!("b"), &json!("rtmp://h/app/instance")));
    assert_ne!(two.get("/streams/3/key").await.json(200)["key"], CANARY);
    assert_eq!(made["webhooks"], json!([{"id": 1, "name": "v", "has_new_secret": true}]));

    let mut masked = one.get("/export").await.json(200);
    masked["streams"] = json!([{"name": "m", "targets":
        [{"name": "t", "url": "rtmp://h/app?t=…", "key": "k"},
         {"name": "u", "url": "rtmp://h/app", "key": "k", "backup_url": "rtmp://b/app/x"},
         {"name": "v", "url": "rtmp://h/app", "key": "k", "user": "ann"}]}]);
    masked["webhooks"] = json!([]);
    let made = two.post("/import", json!({"document": masked})).await.json(200);
    assert_eq!(
        (&made["streams"][0]["target_count"], made["left_out"].as_array().unwrap().len()),
        (&json!(0), 3)
    );
}

#[tokio::test]
async fn what_is_there_already_is_not_touched() {
    let relay = furnished().await;
    let document = export(&relay).await;
    let before = relay.get("/export").await.json(200);
    let order = json!({"document": document, "passphrase": PASSPHRASE});
    let problem = relay.post("/import", order).await.problem(409, None);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("\"Main\", \"Stage\", \"w\", \"v\""), "{detail}");

    let with = |streams: Value| {
        json!({"document":
        {"format": "splitcast-configuration", "version": 1, "streams": streams, "webhooks": []}})
    };
    let target = |name: &str| json!({"name": name, "url": "rtmp://h/app", "key": "k"});
    let many: Vec<_> = (0..1000).map(|n| json!({"name": format!("s{n}")})).collect();
    for streams in [
        json!([{"name": "new"}, {"name": "other", "key": CANARY}]),
        json!([{"name": "new"}, {"name": "new"}]),
        json!([{"name": "new", "targets": [target("t"), target("t")]}]),
        json!(many),
    ] {
        let answer = relay.post("/import", with(streams)).await;
        assert!(answer.status == 409 && !answer.text.contains(CANARY), "{}", answer.text);
    }
    assert_eq!(relay.get("/export").await.json(200), before);
}

#[tokio::test]
async fn a_document_that_is_none_is_told_what_it_lacks() {
    let relay = empty().await;
    let document = |change: &dyn Fn(&mut Value)| {
        let mut document =
            json!({"format": "splitcast-configuration", "version": 1, "streams": [], "webhooks": []});
        change(&mut document);
        json!({"document": document})
    };
    relay.post("/import", json!({})).await.problem(422, Some("document"));
    relay.post("/import", json!({"document": "x"})).await.problem(422, Some("document"));
    relay.post("/import", json!({"document": {}})).await.problem(422, Some("document.format"));
    let stream = |stream: Value| document(&move |document| document["streams"] = json!([stream]));
    let target = |target: Value| stream(json!({"name": "s", "targets": [target]}));
    let webhook = |webhook: Value| document(&move |document| document["webhooks"] = json!([webhook]));
    let whole = json!({"name": "w", "url": "http://h/", "kinds": ["test"]});
    let whole = |field: &str, value: Value| {
        let mut whole = whole.clone();
        whole[field] = value;
        whole
    };
    for (order, field) in [
        (document(&|document| document["format"] = "other".into()), "document.format"),
        (document(&|document| document["version"] = 2.into()), "document.version"),
        (document(&|document| document["version"] = "1".into()), "document.version"),
        (document(&|document| document["sealed"] = "x".into()), "document.sealed"),
        (document(&|document| document["streams"] = json!({})), "document.streams"),
        (document(&|document| document["streams"] = json!([1])), "document.streams"),
        (document(&|document| document["users"] = json!([])), "document.users"),
        (stream(json!({})), "document.streams[0].name"),
        (stream(json!({"name": "s", "hold_seconds": 601})), "document.streams[0].hold_seconds"),
        (target(json!({"name": "t", "url": "http://h", "key": "k"})), "document.streams[0].targets[0].url"),
        (target(json!({"key": "k", "url": "rtmp://h/a"})), "document.streams[0].targets[0].name"),
        (webhook(whole("secret", json!("short"))), "document.webhooks[0].secret"),
        (webhook(whole("stream", json!("unknown"))), "document.webhooks[0].stream"),
        (webhook(whole("stream_id", json!(1))), "document.webhooks[0].stream_id"),
    ] {
        relay.post("/import", order).await.problem(422, Some(field));
    }
    let deep = format!("{{\"document\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    relay.ask("POST", "/import", &[AUTHORIZED, JSON], deep).await.problem(400, None);
    assert_eq!(relay.get("/streams").await.json(200), json!({"streams": []}));
}

#[tokio::test]
async fn a_document_may_be_larger_than_other_bodies_but_not_endless() {
    let relay = empty().await;
    let key = "k".repeat(1000);
    let targets: Vec<_> =
        (0..500).map(|n| json!({"name": n.to_string(), "url": "rtmp://h/app", "key": key})).collect();
    let document = json!({"format": "splitcast-configuration", "version": 1,
        "streams": [{"name": "s", "targets": targets}]});
    let made = relay.post("/import", json!({"document": document, "dry_run": true})).await.json(200);
    assert_eq!(made["streams"][0]["target_count"], 500);
    let once = ("idempotency-key", "k");
    let again = json!({"document": document, "dry_run": true}).to_string();
    relay.ask("POST", "/import", &[AUTHORIZED, JSON, once], again).await.json(200);
    let padding = " ".repeat(4 << 20);
    relay.ask("POST", "/import", &[AUTHORIZED, JSON], padding.clone()).await.problem(400, None);
    relay.ask("POST", "/import", &[AUTHORIZED, JSON], format!("{padding} ")).await.problem(413, None);
    relay.ask("POST", "/export", &[AUTHORIZED, JSON], " ".repeat(70_000)).await.problem(413, None);
}

/// Any JSON, with names that mean something now and then.
fn hostile() -> impl Strategy<Value = Value> {
    let words =
        ["name", "key", "url", "targets", "stream", "kinds", "secret", "test", "started", "rtmp://h/a", "…"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let name = prop_oneof![proptest::sample::select(words.to_vec()).prop_map(str::to_owned), ".{0,8}"];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(name, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn no_document_makes_it_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let relay = runtime.block_on(empty());
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(streams in hostile(), webhooks in hostile(), sealed in hostile())| {
        let document = json!({"format": "splitcast-configuration", "version": 1, "streams": [streams],
            "webhooks": [webhooks], "sealed": sealed});
        let order = json!({"document": document, "dry_run": true});
        let answer = runtime.block_on(relay.post("/import", order));
        prop_assert!(matches!(answer.status.as_u16(), 200 | 409 | 422), "{}", answer.text);
    });
}
