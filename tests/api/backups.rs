//! Backups that are made, listed and fetched while the relay runs.

use serde_json::{Value, json};
use splitcast::store::restore;

use crate::client::Relay;

#[tokio::test]
async fn a_backup_is_made_listed_and_fetched() {
    let relay = Relay::new().await;
    assert_eq!(relay.get("/backups").await.json(200), json!({"backups": []}));
    relay.post("/streams", json!({"name": "Before", "key": "CANARYcanary0123456789"})).await.json(201);
    let made = relay.post("/backup", json!({})).await.json(201);
    let name = made["name"].as_str().unwrap().to_owned();
    assert!(made["made_at"].as_u64().unwrap() > 1_700_000_000, "{made}");
    assert_eq!(relay.get("/backups").await.json(200), json!({"backups": [made]}));

    let file = relay.get(&format!("/backups/{name}")).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/vnd.sqlite3"));
    assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    assert_eq!(file.header("content-length"), made["size"].to_string());
    assert!(file.text.starts_with("SQLite format 3") && !file.text.contains("CANARY"));

    relay.post("/streams", json!({"name": "After"})).await.json(201);
    let dir = relay.closed().await;
    restore(dir.path(), &dir.path().join("backups").join(&name)).await.unwrap();
    let relay = Relay::on(dir).await;
    let streams = relay.get("/streams").await.json(200);
    let names: Vec<_> = streams["streams"].as_array().unwrap().iter().map(|stream| &stream["name"]).collect();
    assert_eq!(names, ["Main", "Before"]);
}

#[tokio::test]
async fn nothing_but_backups_can_be_fetched() {
    let relay = Relay::new().await;
    let name = relay.post("/backup", Value::Null).await.json(201)["name"].as_str().unwrap().to_owned();
    std::fs::write(relay.dir().join("backups/other.db"), "secret").unwrap();
    for path in [
        "other.db",
        "splitcast.key",
        "..%2Fsplitcast.key",
        "..%2fsplitcast.db",
        "%2e%2e%2fsplitcast.db",
        "splitcast-20261123-025817.db",
        "splitcast-..%2F..%2F..%2F.db",
        "%00",
        "%ff",
        &format!("{name}%00"),
        &format!(".%2F{name}"),
        &format!("..%2Fbackups%2F{name}"),
    ] {
        let answer = relay.get(&format!("/backups/{path}")).await;
        assert!(answer.status == 404, "{path}: {}", answer.text);
        answer.problem(404, None);
    }
    assert_eq!(relay.get(&format!("/backups/{name}")).await.status, 200);
}
