//! User names and passwords of targets and of streams: set, changed in halves, forgotten, never shown.

use serde_json::{Value, json};

use crate::client::Relay;

const CANARY: &str = "CANARY pass/word";

fn shown(target: &Value) -> Value {
    json!([target["user"], target["has_password"], target["backup_user"], target["has_backup_password"]])
}

#[tokio::test]
async fn a_targets_login_is_kept_and_its_password_never_shown() {
    let relay = Relay::new().await;
    let bare = json!({"name": "bare", "url": "rtmp://h/app", "key": "k"});
    assert_eq!(
        shown(&relay.post("/streams/1/targets", bare).await.json(201)),
        json!([null, false, null, false])
    );
    let target = json!({"name": "t", "url": "rtmp://h/app", "key": "k", "user": "ann", "password": CANARY,
        "backup_url": "rtmp://b/app", "backup_key": "k", "backup_user": "bob", "backup_password": CANARY});
    let made = relay.post("/streams/1/targets", target).await;
    assert!(!made.text.contains("CANARY"));
    assert_eq!(shown(&made.json(201)), json!(["ann", true, "bob", true]));
    for (change, expected) in [
        (json!({"user": "eve"}), json!(["eve", true, "bob", true])),
        (json!({"password": "other"}), json!(["eve", true, "bob", true])),
        (json!({"url": "rtmp://other/app"}), json!(["eve", true, "bob", true])),
        (json!({"backup_password": null}), json!(["eve", true, null, false])),
        (json!({"user": null, "password": null}), json!([null, false, null, false])),
        (json!({"user": null}), json!([null, false, null, false])),
        (json!({"user": "ann", "password": "p"}), json!(["ann", true, null, false])),
        (json!({"backup_user": "b", "backup_password": "p"}), json!(["ann", true, "b", true])),
        (json!({"backup_url": null}), json!(["ann", true, null, false])),
        (
            json!({"backup_url": "rtmp://b/app/k2", "backup_user": "b", "backup_password": "p"}),
            json!(["ann", true, "b", true]),
        ),
    ] {
        let answer = relay.patch("/targets/2", change.clone()).await.json(200);
        assert_eq!(shown(&answer), expected, "{change}");
    }
    let copy = relay.post("/targets/2/duplicate", json!({})).await;
    if copy.status == 201 {
        assert_eq!(shown(&copy.json(201)), json!(["ann", true, "b", true]));
    }
}

#[tokio::test]
async fn a_login_in_an_address_is_taken_out_of_it() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://ann:CANARY%2F@h:1936/app/KEY",
        "backup_url": "rtmp://bob:CANARY@b/app", "backup_key": "k"});
    let made = relay.post("/streams/1/targets", target).await;
    assert!(!made.text.contains("CANARY"), "{}", made.text);
    let made = made.json(201);
    assert_eq!((&made["url"], &made["backup_url"]), (&json!("rtmp://h:1936/app"), &json!("rtmp://b/app")));
    assert_eq!(shown(&made), json!(["ann", true, "bob", true]));
    let secrets = relay.control().configuration().await.unwrap().streams.remove(0).targets.remove(0).target;
    assert_eq!(secrets.endpoint.login.unwrap().password.expose(), "CANARY/");
    assert_eq!(secrets.endpoint.url.tc_url().expose(), "rtmp://h:1936/app");

    // A field of its own counts more than a part of the address.
    let changed =
        relay.patch("/targets/1", json!({"url": "rtmps://x:y@h/app", "user": "eve"})).await.json(200);
    assert_eq!((&changed["url"], &changed["user"]), (&json!("rtmps://h/app"), &json!("eve")));
    let changed = relay.patch("/targets/1", json!({"url": "rtmps://zoe@h/app"})).await.json(200);
    assert_eq!(shown(&changed), json!(["zoe", true, "bob", true]));
}

#[tokio::test]
async fn half_a_login_is_refused_with_the_half_that_lacks() {
    let relay = Relay::new().await;
    let with = |more: Value| {
        let mut body = json!({"name": "t", "url": "rtmp://h/app", "key": "k"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, field) in [
        (json!({"user": "ann"}), "password"),
        (json!({"user": "ann", "password": null}), "password"),
        (json!({"password": "p"}), "user"),
        (json!({"user": "a b", "password": "p"}), "user"),
        (json!({"user": "", "password": "p"}), "user"),
        (json!({"user": "ann", "password": ""}), "password"),
        (json!({"user": "ann", "password": "a\nb"}), "password"),
        (json!({"user": 5, "password": "p"}), "user"),
        (json!({"url": "rtmp://ann@h/app"}), "password"),
        (json!({"url": "rtmp://ann%26:p@h/app"}), "url"),
        (json!({"backup_user": "b", "backup_password": "p"}), "backup_url"),
        (json!({"backup_url": "rtmp://b/app/k", "backup_user": "b"}), "backup_password"),
    ] {
        relay.post("/streams/1/targets", with(more)).await.problem(422, Some(field));
    }
    relay.post("/streams/1/targets", with(json!({}))).await.json(201);
    for (change, field) in [
        (json!({"user": "ann"}), "password"),
        (json!({"password": "p"}), "user"),
        (json!({"user": null, "password": "p"}), "user"),
        (json!({"user": "ann", "password": null}), "password"),
        (json!({"backup_user": "b", "backup_password": "p"}), "backup_url"),
        (json!({"has_password": true}), "has_password"),
    ] {
        relay.patch("/targets/1", change).await.problem(422, Some(field));
    }
}

#[tokio::test]
async fn a_stream_asks_its_encoder_for_a_login_at_an_application_of_its_own() {
    let relay = Relay::new().await;
    let stream = |more: Value| {
        let mut body = json!({"name": "Studio"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, field) in [
        (json!({"app": "studio", "ingest_user": "ann"}), "ingest_password"),
        (json!({"app": "studio", "ingest_password": "p"}), "ingest_user"),
        (json!({"ingest_user": "ann", "ingest_password": "p"}), "app"),
        (json!({"app": "live", "ingest_user": "ann", "ingest_password": "p"}), "app"),
        (json!({"app": "studio", "ingest_user": "a/b", "ingest_password": "p"}), "ingest_user"),
    ] {
        relay.post("/streams", stream(more)).await.problem(422, Some(field));
    }
    let login = json!({"app": "studio", "ingest_user": "ann", "ingest_password": CANARY});
    let made = relay.post("/streams", stream(login)).await;
    assert!(!made.text.contains("CANARY"));
    let made = made.json(201);
    assert_eq!((&made["ingest_user"], &made["has_ingest_password"]), (&json!("ann"), &json!(true)));
    let studio = format!("/streams/{}", made["id"]);
    // Neither may the application become another stream's, nor everybody's.
    relay.patch("/streams/1", json!({"app": "studio"})).await.problem(409, Some("app"));
    relay.post("/streams", json!({"name": "x", "app": "studio"})).await.problem(409, Some("app"));
    relay.patch(&studio, json!({"app": null})).await.problem(422, Some("app"));
    relay.patch(&studio, json!({"app": "live"})).await.problem(422, Some("app"));
    relay
        .patch(&studio, json!({"ingest_user": null, "ingest_password": "p"}))
        .await
        .problem(422, Some("ingest_user"));
    let answer = relay.patch(&studio, json!({"ingest_user": "eve", "app": "stage"})).await.json(200);
    assert_eq!((&answer["ingest_user"], &answer["app"]), (&json!("eve"), &json!("stage")));
    let answer = relay.patch(&studio, json!({"ingest_user": null, "app": null})).await.json(200);
    assert_eq!((&answer["ingest_user"], &answer["has_ingest_password"]), (&json!(null), &json!(false)));
    assert_eq!(relay.get("/streams/1").await.json(200)["ingest_user"], json!(null));
}
