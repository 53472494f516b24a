//! Data folders of earlier releases.

use std::path::Path;

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::client::{Relay, timeless};

/// Undoes what the last releases brought.
const TO_BEFORE_FIELDS: [&str; 25] = [
    "alter table targets drop column takes_video",
    "alter table targets drop column takes_audio",
    "alter table targets drop column takes_tracks",
    "alter table targets drop column takes_video_track",
    "alter table targets drop column takes_audio_track",
    "alter table targets drop column takes_tags",
    "drop table platform_servers",
    "drop table used_keys",
    "alter table targets drop column password",
    "alter table targets drop column user",
    "alter table targets drop column backup_password",
    "alter table targets drop column backup_user",
    "alter table streams drop column ingest_password",
    "alter table streams drop column ingest_user",
    "drop trigger streams_version",
    "drop trigger targets_version",
    "alter table streams drop column version",
    "alter table targets drop column version",
    "drop table audit",
    "drop table answers",
    "alter table targets drop column position",
    "alter table targets drop column notes",
    "alter table streams drop column notes",
    "alter table streams drop column allow_from",
    "delete from _sqlx_migrations where version > 6",
];

/// Undoes what releases after the second, but for the last, brought.
const TO_SECOND: [&str; 15] = [
    "drop table tokens",
    "drop table sessions",
    "drop table users",
    "drop table deliveries",
    "drop table outbox",
    "drop table webhooks",
    "create table old_events (
        id integer primary key autoincrement,
        target_id integer not null references targets (id) on delete cascade,
        at_ms integer not null,
        endpoint text not null check (endpoint in ('primary', 'backup')),
        from_state text not null,
        state text not null,
        step text,
        kind text,
        reason text not null,
        attempt integer not null check (attempt >= 0),
        lasted_ms integer not null check (lasted_ms >= 0),
        next_try_at_ms integer
    ) strict",
    "insert into old_events select id, target_id, at_ms, endpoint, from_state, state, step, kind, reason,
        attempt, lasted_ms, next_try_at_ms from events where target_id is not null",
    "drop table events",
    "alter table old_events rename to events",
    "create index events_of_target on events (target_id)",
    "create index events_by_age on events (at_ms)",
    "alter table targets drop column coalesce_ms",
    "alter table streams drop column coalesce_ms",
    "delete from _sqlx_migrations where version > 2",
];

/// Undoes what the second release brought.
const TO_FIRST: [&str; 10] = [
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
];

/// Makes a closed database what an earlier release would have made of the same orders.
async fn make_old(folder: &Path, steps: &[&[&'static str]]) {
    let options = SqliteConnectOptions::new().filename(folder.join("splitcast.db"));
    let mut db: SqliteConnection = options.connect().await.unwrap();
    for statement in steps.concat() {
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
    make_old(dir.path(), &[&TO_BEFORE_FIELDS, &TO_SECOND, &TO_FIRST]).await;
    let relay = Relay::on(dir).await;
    assert_eq!(timeless(relay.get("/status").await.json(200)), status);
    assert_eq!(relay.get("/streams/1/key").await.json(200), key);
    let events = relay.get("/targets/1/events").await.json(200);
    assert_eq!(events, json!({"events": []}));
    relay.send("POST", "/targets/1/stop", None).await.json(200);
    relay.patch("/targets/1", json!({"backup_url": "rtmp://b/app/KEY2"})).await.json(200);
    relay.patch("/streams/1", json!({"hold_seconds": 5})).await.json(200);
}

#[tokio::test]
async fn the_second_releases_data_goes_on_as_it_was() {
    let relay = Relay::new().await;
    let rules = json!({"hold_seconds": 5, "takeover": "refuse", "on_unpublish": "hold"});
    relay.patch("/streams/1", rules).await.json(200);
    let backed = json!({"name": "t", "url": "rtmp://h/app", "key": "k", "backup_url": "rtmp://b/app/k2"});
    relay.post("/streams/1/targets", backed).await.json(201);
    relay.send("POST", "/targets/1/stop", None).await.json(200);
    relay.keep_history().await;
    let status: Value = timeless(relay.get("/status").await.json(200));
    let events = relay.get("/targets/1/events").await.json(200);
    assert!(!events["events"].as_array().unwrap().is_empty());

    let dir = relay.closed().await;
    make_old(dir.path(), &[&TO_BEFORE_FIELDS, &TO_SECOND]).await;
    let relay = Relay::on(dir).await;
    assert_eq!(timeless(relay.get("/status").await.json(200)), status);
    assert_eq!(relay.get("/targets/1/events").await.json(200), events);
    for path in ["/streams/1", "/targets/1"] {
        let changed = relay.patch(path, json!({"coalesce_ms": 25})).await.json(200);
        assert_eq!(changed["coalesce_ms"], 25);
    }
}

#[tokio::test]
async fn targets_keep_the_order_they_were_made_in() {
    let relay = Relay::new().await;
    relay.post("/streams", json!({"name": "other"})).await.json(201);
    let target = |name| json!({"name": name, "url": "rtmp://h/app", "key": "k"});
    for (stream, name) in [(1, "b"), (2, "d"), (1, "a"), (2, "c"), (1, "c")] {
        relay.post(&format!("/streams/{stream}/targets"), target(name)).await.json(201);
    }
    let status: Value = timeless(relay.get("/status").await.json(200));

    let dir = relay.closed().await;
    make_old(dir.path(), &[&TO_BEFORE_FIELDS]).await;
    let relay = Relay::on(dir).await;
    assert_eq!(timeless(relay.get("/status").await.json(200)), status);
    let order =
        relay.send("PUT", "/streams/1/targets/order", Some(json!({"ids": [5, 1, 3]}))).await.json(200);
    let ids: Vec<_> = order["targets"].as_array().unwrap().iter().map(|target| &target["id"]).collect();
    assert_eq!(ids, [5, 1, 3]);
}
