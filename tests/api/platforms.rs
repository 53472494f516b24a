//! What the relay knows of platforms.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use splitcast::net::{Dialer, Fetch, FetchError, Guard, Page, tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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

/// Asks a server of this machine instead of the one that is meant.
struct Here(Dialer, u16);

impl Fetch for Here {
    fn fetch<'a>(&'a self, page: &'a Page) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        assert_eq!((page.host.as_str(), page.port, page.secure), ("ingest.twitch.tv", 443, true));
        let page = Page { host: "127.0.0.1".to_owned(), port: self.1, ..page.clone() };
        Box::pin(async move { self.0.fetch(&page).await })
    }
}

/// A relay for which a server of this machine, with a certificate that it trusts or not, is Twitch's.
async fn with_twitch(answer: String, is_trusted: bool) -> Relay {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    let mut authority = tempfile::NamedTempFile::new().unwrap();
    authority.write_all(certificate.pem().as_bytes()).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "a test's server")]
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let guard = Guard::new("127.0.0.0/8".parse().unwrap(), Vec::new());
    let trusted = tls::trust(is_trusted.then_some(authority.path())).unwrap();
    Relay::asking(Arc::new(Here(Dialer::new(guard, trusted), port))).await
}

fn told(list: &Value) -> String {
    let list = list.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{list}",
        list.len()
    )
}

async fn twitch(relay: &Relay) -> Value {
    let answer = relay.get("/platforms").await.json(200);
    let platforms = answer["platforms"].as_array().unwrap();
    platforms.iter().find(|platform| platform["id"] == "twitch").unwrap().clone()
}

#[tokio::test]
async fn a_platform_is_asked_for_the_servers_that_it_has_now() {
    let list = json!({"ingests": [
        {"_id": 1, "name": "Europe: Vienna", "availability": 1.0, "default": false, "priority": 2,
         "url_template": "rtmp://vie.contribute.live-video.net/app/{stream_key}",
         "url_template_secure": "rtmps://vie.contribute.live-video.net/app/{stream_key}"},
        {"_id": 2, "name": "Evil", "url_template_secure": "rtmps://evil.example/app/{stream_key}"},
    ]});
    let relay = with_twitch(told(&list), true).await;
    let before = twitch(&relay).await;
    assert_eq!((&before["has_list"], &before["servers_at"]), (&json!(true), &json!(null)));
    assert!(before["servers"].as_array().unwrap().len() > 10);

    let after = relay.send("POST", "/platforms/twitch/servers", None).await.json(200);
    assert!(after["servers_at"].as_i64().unwrap() > 1_700_000_000);
    let ids: Vec<_> =
        after["servers"].as_array().unwrap().iter().map(|server| server["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["auto", "plain", "europe-vienna"]);
    assert_eq!(after["servers"][2]["url"], "rtmps://vie.contribute.live-video.net:443/app");
    assert_eq!(twitch(&relay).await, after);
    let target = json!({"name": "t", "url": after["servers"][2]["url"], "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
    let relay = relay.restarted().await;
    assert_eq!(twitch(&relay).await, after, "it is kept");
}

#[tokio::test]
async fn a_platform_that_cannot_be_asked_leaves_the_built_in_servers() {
    let list = told(&json!({"ingests": []}));
    let gone = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_owned();
    for (answer, is_trusted, words) in [
        (list.clone(), true, "is not one of its lists"),
        (list, false, "certificate is not valid"),
        (gone, true, "HTTP status 503"),
    ] {
        let relay = with_twitch(answer, is_trusted).await;
        let before = twitch(&relay).await;
        let problem = relay.send("POST", "/platforms/twitch/servers", None).await.problem(502, None);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words) && detail.contains("Twitch"), "{detail}");
        assert_eq!(twitch(&relay).await, before);
    }
    let relay = Relay::new().await;
    for path in ["/platforms/youtube/servers", "/platforms/nothing/servers"] {
        relay.send("POST", path, None).await.problem(404, None);
    }
}

#[tokio::test]
async fn what_kick_and_ivs_do_not_show_of_their_address_is_added() {
    let relay = Relay::new().await;
    let whole = "rtmps://0123456789ab.global-contribute.live-video.net:443/app";
    let bare = "rtmps://0123456789ab.global-contribute.live-video.net";
    for (name, target) in [
        ("apart", json!({"url": bare, "key": "sk_1"})),
        ("slash", json!({"url": format!("{bare}/"), "key": "sk_1"})),
        ("one", json!({"url": format!("{bare}/sk_1")})),
        ("host", json!({"url": "0123456789ab.global-contribute.live-video.net", "key": "sk_1"})),
        ("web", json!({"url": "https://0123456789ab.global-contribute.live-video.net", "key": "sk_1"})),
        ("both", json!({"url": bare, "key": "sk_1", "backup_url": bare, "backup_key": "sk_1"})),
    ] {
        let mut target = target;
        target["name"] = json!(name);
        let made = relay.post("/streams/1/targets", target.clone()).await.json(201);
        assert_eq!(made["url"], whole, "{name}");
        if name == "both" {
            assert_eq!(made["backup_url"], whole);
        }
    }
    let target = json!({"name": "n", "url": bare});
    relay.post("/streams/1/targets", target).await.problem(422, Some("key"));
    relay.patch("/targets/1", json!({"url": "rtmp://other/live"})).await.json(200);
    assert_eq!(relay.patch("/targets/1", json!({"url": bare})).await.json(200)["url"], whole);
    relay.patch("/targets/1", json!({"url": "rtmps://kick.example"})).await.problem(422, Some("url"));
}
