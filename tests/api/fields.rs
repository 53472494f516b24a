//! What people note, and from where encoders may come.

use serde_json::{Value, json};

use crate::client::{Relay, timeless};

fn target(fields: &Value) -> Value {
    let mut target = json!({"name": "t", "url": "rtmp://h/app", "key": "k"});
    target.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    target
}

#[tokio::test]
async fn nothing_is_noted_and_nobody_kept_out_unless_somebody_says_so() {
    let relay = Relay::new().await;
    let stream = relay.get("/streams/1").await.json(200);
    assert_eq!((&stream["notes"], &stream["allow_from"]), (&json!(""), &json!([])));
    let made = relay.post("/streams/1/targets", target(&json!({}))).await.json(201);
    assert_eq!(made["notes"], "");
}

#[tokio::test]
async fn notes_are_shown_as_they_were_written() {
    let relay = Relay::new().await;
    let hostile = "<script>alert('x')</script>\n\t\"}; drop table streams; -- \u{202e}\\u0000";
    relay.post("/streams", json!({"name": "s", "notes": hostile})).await.json(201);
    relay.post("/streams/1/targets", target(&json!({"notes": hostile}))).await.json(201);
    let relay = relay.restarted().await;
    for path in ["/streams/2", "/targets/1"] {
        assert_eq!(relay.get(path).await.json(200)["notes"], hostile, "{path}");
        for (patch, expected) in [
            (json!({"name": "other"}), hostile),
            (json!({"notes": "a\r\nb\rc"}), "a\nb\nc"),
            (json!({"notes": ""}), ""),
        ] {
            assert_eq!(relay.patch(path, patch).await.json(200)["notes"], expected, "{path}");
        }
    }
}

#[tokio::test]
async fn notes_that_are_too_long_or_drive_a_terminal_are_refused() {
    let relay = Relay::new().await;
    relay.post("/streams/1/targets", target(&json!({}))).await.json(201);
    let longest = "ä".repeat(2_000);
    relay.patch("/streams/1", json!({"notes": longest})).await.json(200);
    for bad in
        [json!("x".repeat(2_001)), json!("\u{1b}[2J"), json!("\u{0}"), json!(5), json!(null), json!(["a"])]
    {
        for answer in [
            relay.post("/streams", json!({"name": "s", "notes": bad})).await,
            relay.patch("/streams/1", json!({"notes": bad})).await,
            relay.post("/streams/1/targets", target(&json!({"name": "u", "notes": bad}))).await,
            relay.patch("/targets/1", json!({"notes": bad})).await,
        ] {
            answer.problem(422, Some("notes"));
        }
    }
    assert_eq!(relay.get("/streams/1").await.json(200)["notes"], longest);
}

#[tokio::test]
async fn a_list_of_places_is_shown_as_what_it_means_and_can_be_cleared() {
    let relay = Relay::new().await;
    let list = json!(["10.1.2.3/8", " 192.0.2.7 ", "::ffff:192.0.2.7", "2001:DB8::/32"]);
    let meant = json!(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);
    let made = relay.post("/streams", json!({"name": "s", "allow_from": list})).await.json(201);
    assert_eq!(made["allow_from"], meant);
    let relay = relay.restarted().await;
    let path = "/streams/2";
    assert_eq!(timeless(relay.get(path).await.json(200)), timeless(made));
    for (patch, expected) in [
        (json!({"name": "other"}), meant.clone()),
        (json!({"allow_from": null}), json!([])),
        (json!({"allow_from": meant}), meant.clone()),
        (json!({"allow_from": []}), json!([])),
    ] {
        assert_eq!(relay.patch(path, patch).await.json(200)["allow_from"], expected);
    }
    let status = relay.get("/status").await.json(200);
    assert_eq!(status["streams"][1]["allow_from"], json!([]));
}

#[tokio::test]
async fn a_list_that_names_no_places_is_refused_and_the_one_before_stays() {
    let relay = Relay::new().await;
    relay.patch("/streams/1", json!({"allow_from": ["192.0.2.7"]})).await.json(200);
    let many: Vec<String> = (0..65).map(|n| format!("10.0.{n}.0/24")).collect();
    for (bad, said) in [
        (json!(["home.example"]), "192.0.2.7 or 2001:db8::1"),
        (json!(["10.0.0.0/33"]), "192.0.2.7 or 2001:db8::1"),
        (json!(["10.0.0.1 10.0.0.2"]), "192.0.2.7 or 2001:db8::1"),
        (json!(many), "64 addresses and networks at most"),
        (json!("192.0.2.7"), "must be a list of texts"),
        (json!([5]), "must be a list of texts"),
        (json!([null]), "must be a list of texts"),
    ] {
        for answer in [
            relay.post("/streams", json!({"name": "s", "allow_from": bad})).await,
            relay.patch("/streams/1", json!({"allow_from": bad})).await,
        ] {
            let problem = answer.problem(422, Some("allow_from"));
            assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
        }
    }
    assert_eq!(relay.get("/streams/1").await.json(200)["allow_from"], json!(["192.0.2.7"]));
}
