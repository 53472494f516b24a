//! Data folders of earlier releases.

use std::path::Path;

use serde_json::{Value, json};
use splitcast::api::Access;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::client::{Relay, timeless};

/// Makes a closed database what the first release would have made of the same orders.
async fn make_old(folder: &Path) {
    let options = SqliteConnectOptions::new().filename(folder.join("splitcast.db"));
    let mut db: SqliteConnection = options.connect().await.unwrap();
    for statement in [
        "drop table events",
        "alter table targets drop column backup_policy",
        "alter table targets drop column backup_key",
        "alter table targets drop column backup_url",
        "alter table targets drop column started",
        "alter table targets drop column start_mode",
        "alter table streams drop column on_unpublish",
        "alter table streams drop column takeover",
        "alter table streams drop column hold_seconds",
        "delete from _sqlx_migrations where version > 1",
    ] {
        sqlx::query(statement).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn the_first_releases_data_goes_on_as_it_was() {
    let relay = Relay::new().await;
    let target = |name| json!({"name": name, "url": "rtmp://h/app?t=1", "key": "KEY"});
    relay.post("/streams/1/targets", target("on")).await.json(201);
    relay.post("/streams/1/targets", target("off")).await.json(201);
    relay.patch("/targets/2", json!({"enabled": false})).await.json(200);
    let key = relay.get("/streams/1/key").await.json(200);
    let status: Value = timeless(relay.get("/status").await.json(200));

    let dir = relay.closed().await;
    make_old(dir.path()).await;
    let relay = Relay::on(dir, Access::Local).await;
    assert_eq!(timeless(relay.get("/status").await.json(200)), status);
    assert_eq!(relay.get("/streams/1/key").await.json(200), key);
    let events = relay.get("/targets/1/events").await.json(200);
    assert_eq!(events, json!({"events": []}));
    relay.send("POST", "/targets/1/stop", None).await.json(200);
    relay.patch("/targets/1", json!({"backup_url": "rtmp://b/app/KEY2"})).await.json(200);
    relay.patch("/streams/1", json!({"hold_seconds": 5})).await.json(200);
}
