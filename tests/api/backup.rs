//! Second addresses of targets.

use serde_json::{Value, json};

use crate::client::{Relay, timeless};

async fn make(relay: &Relay, name: &str, backup: Value) -> Value {
    let mut target = json!({"name": name, "url": "rtmp://h/app", "key": "KEY"});
    for (field, value) in backup.as_object().unwrap() {
        target[field] = value.clone();
    }
    relay.post("/streams/1/targets", target).await.json(201)
}

fn shown(target: &Value) -> (&Value, &Value) {
    (&target["backup_url"], &target["has_backup_key"])
}

#[tokio::test]
async fn a_second_address_is_shown_without_its_secrets() {
    let relay = Relay::new().await;
    let backup = json!({"backup_url": "rtmps://b/live2?backup=1&t=TOKEN", "backup_key": "KEY2"});
    let made = make(&relay, "a", backup).await;
    assert_eq!(shown(&made), (&json!("rtmps://b/live2?backup=1&t=…"), &json!(true)));
    assert_eq!(made["backup_policy"], "failover");
    assert!(made.get("backup_key").is_none());
    let whole = make(&relay, "b", json!({"backup_url": "rtmp://b/app/KEY2", "backup_policy": "both"})).await;
    assert_eq!(shown(&whole), (&json!("rtmp://b/app"), &json!(true)));
    assert_eq!(whole["backup_policy"], "both");
    let none = make(&relay, "c", json!({"backup_url": null, "backup_key": null})).await;
    assert_eq!(shown(&none), (&json!(null), &json!(false)));
    let list = timeless(relay.get("/streams/1/targets").await.json(200));
    let relay = relay.restarted().await;
    assert_eq!(timeless(relay.get("/streams/1/targets").await.json(200)), list);
}

#[tokio::test]
async fn a_target_fed_at_both_addresses_tells_of_both() {
    let relay = Relay::new().await;
    let backup = json!({"backup_url": "rtmp://b/app/KEY2", "backup_policy": "both"});
    make(&relay, "a", backup).await;
    let target = relay.get("/targets/1").await.json(200);
    assert_eq!((&target["endpoint"], &target["state"]), (&json!("primary"), &json!("waiting_for_source")));
    let second = target["backup"].as_object().unwrap();
    assert_eq!(second["endpoint"], "backup");
    assert_eq!(second["state"], "waiting_for_source");
    assert!(!second.contains_key("backup") && second.contains_key("next_try_at"));
    let changed = relay.patch("/targets/1", json!({"backup_policy": "failover"})).await.json(200);
    assert_eq!(changed["backup"], json!(null));
}

#[tokio::test]
async fn a_second_address_needs_a_key() {
    let relay = Relay::new().await;
    for (backup, field) in [
        (json!({"backup_url": "rtmp://b/app"}), "backup_key"),
        (json!({"backup_url": "rtmp://b/app", "backup_key": null}), "backup_key"),
        (json!({"backup_url": "rtmp://b/app", "backup_key": "a b"}), "backup_key"),
        (json!({"backup_key": "KEY2"}), "backup_url"),
        (json!({"backup_url": null, "backup_key": "KEY2"}), "backup_url"),
        (json!({"backup_url": "http://b/app", "backup_key": "KEY2"}), "backup_url"),
        (json!({"backup_url": "rtmp://b", "backup_key": "KEY2"}), "backup_url"),
        (json!({"backup_url": "rtmp://b/app?t=…", "backup_key": "KEY2"}), "backup_url"),
        (json!({"backup_url": 5}), "backup_url"),
        (json!({"backup_policy": "neither"}), "backup_policy"),
    ] {
        let mut target = json!({"name": "t", "url": "rtmp://h/app", "key": "KEY"});
        for (name, value) in backup.as_object().unwrap() {
            target[name] = value.clone();
        }
        let answer = relay.post("/streams/1/targets", target).await;
        answer.problem(422, Some(field));
    }
    make(&relay, "t", json!({})).await;
    for (patch, field) in [
        (json!({"backup_url": "rtmp://b/app"}), "backup_key"),
        (json!({"backup_key": "KEY2"}), "backup_url"),
        (json!({"backup_policy": "neither"}), "backup_policy"),
    ] {
        relay.patch("/targets/1", patch).await.problem(422, Some(field));
    }
}

#[tokio::test]
async fn a_second_address_is_set_changed_and_removed() {
    let relay = Relay::new().await;
    make(&relay, "t", json!({})).await;
    let patch = async |body| relay.patch("/targets/1", body).await;
    let set = patch(json!({"backup_url": "rtmp://b/app/KEY2"})).await.json(200);
    assert_eq!(shown(&set), (&json!("rtmp://b/app"), &json!(true)));
    // The key is known by now and stays, as with the first address.
    let changed = patch(json!({"backup_url": "rtmp://c/app"})).await.json(200);
    assert_eq!(shown(&changed), (&json!("rtmp://c/app"), &json!(true)));
    let other = patch(json!({"backup_key": "KEY3"})).await.json(200);
    assert_eq!(shown(&other), (&json!("rtmp://c/app"), &json!(true)));
    let other = patch(json!({"name": "u"})).await.json(200);
    assert_eq!(shown(&other), (&json!("rtmp://c/app"), &json!(true)));
    patch(json!({"backup_key": null})).await.problem(422, Some("backup_key"));
    patch(json!({"backup_url": null, "backup_key": "KEY3"})).await.problem(422, Some("backup_url"));

    let removed = patch(json!({"backup_url": null, "backup_key": null})).await.json(200);
    assert_eq!(shown(&removed), (&json!(null), &json!(false)));
    // Its key went with it.
    patch(json!({"backup_url": "rtmp://b/app"})).await.problem(422, Some("backup_key"));
    let again = patch(json!({"backup_url": null})).await.json(200);
    assert_eq!(shown(&again), (&json!(null), &json!(false)));
}
