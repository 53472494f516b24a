//! What the relay knows of platforms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::Relay;

#[tokio::test]
async fn platforms_are_told_with_all_that_is_known_of_them() {
    let relay = Relay::new().await;
    let answer = relay.get("/platforms").await.json(200);
    let platforms = answer["platforms"].as_array().unwrap();
    assert!(platforms.len() >= 22, "{}", platforms.len());
    let by_id: BTreeMap<&str, &Value> =
        platforms.iter().map(|platform| (platform["id"].as_str().unwrap(), platform)).collect();
    let youtube = by_id["youtube"];
    assert_eq!(
        youtube["servers"][0],
        json!({
            "id": "auto",
            "name": "Nearest",
            "url": "rtmps://a.rtmps.youtube.com:443/live2",
            "backup": {"url": "rtmps://b.rtmps.youtube.com:443/live2?backup=1", "policy": "both"},
        })
    );
    assert_eq!(youtube["limits"]["video_kbps"], 51_000);
    assert_eq!(youtube["codecs"], json!(["h264", "hevc", "av1"]));
    assert_eq!(by_id["linkedin"]["server_from"], "broadcast");
    assert_eq!(by_id["vk"]["key_life"], "broadcast");
    assert_eq!(by_id["x"]["on_air"], "by_hand");
    assert_eq!(by_id["dacast"]["needs_login"], true);
    assert_eq!(by_id["kick"]["sources"][0]["word"], "others");
    for custom in ["rtmp", "rtmps"] {
        assert_eq!(by_id[custom]["servers"], json!([]));
    }
}

#[tokio::test]
async fn every_listed_server_makes_a_target() {
    let relay = Relay::new().await;
    let answer = relay.get("/platforms").await.json(200);
    for platform in answer["platforms"].as_array().unwrap() {
        for server in platform["servers"].as_array().unwrap() {
            let name = format!("{} {}", platform["id"].as_str().unwrap(), server["id"].as_str().unwrap());
            let mut target = json!({"name": name, "url": server["url"], "key": "k?a=1&b=2/c:d"});
            if server["backup"].is_object() {
                target["backup_url"] = server["backup"]["url"].clone();
                target["backup_key"] = json!("k");
                target["backup_policy"] = server["backup"]["policy"].clone();
            }
            let made = relay.post("/streams/1/targets", target).await.json(201);
            assert_eq!(made["url"], server["url"], "{name}");
            assert_eq!(made["backup_url"], server["backup"]["url"], "{name}");
        }
    }
}
