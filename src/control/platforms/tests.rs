use std::sync::Mutex as Guarded;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::*;
use crate::control::tests::desk;
use crate::net::FetchError;

/// Gives its answers one after the other, and notes what was asked for.
#[derive(Default)]
struct Script {
    answers: Guarded<Vec<Result<Bytes, FetchError>>>,
    asked: Guarded<Vec<Page>>,
}

impl Fetch for Script {
    fn fetch<'a>(&'a self, page: &'a Page) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        self.asked.lock().unwrap().push(page.clone());
        let answer = self.answers.lock().unwrap().remove(0);
        Box::pin(async { answer })
    }
}

async fn asking(
    dir: &tempfile::TempDir,
    answers: Vec<Result<&'static str, FetchError>>,
) -> (Control, Arc<Script>) {
    let answers = answers.into_iter().map(|answer| answer.map(|body| Bytes::from_static(body.as_bytes())));
    let script = Arc::new(Script { answers: Guarded::new(answers.collect()), ..Script::default() });
    let (control, _) = desk(dir).await;
    (control.with_fetch(Arc::clone(&script) as Arc<dyn Fetch>), script)
}

const LIST: &str = r#"{"ingests": [
    {"_id": 1, "availability": 1.0, "default": true, "name": "Default", "priority": 1,
     "url_template": "rtmp://ingest.global-contribute.live-video.net/app/{stream_key}",
     "url_template_secure": "rtmps://ingest.global-contribute.live-video.net/app/{stream_key}"},
    {"_id": "x", "name": "Seoul", "url_template": "rtmp://apn20.contribute.live-video.net/app/{stream_key}",
     "url_template_secure": null, "new": [1]},
    {"_id": 2, "availability": 0, "name": "Out", "url_template": "rtmp://out.contribute.live-video.net/app"},
    {"_id": 3, "name": "Evil", "url_template": "rtmp://evil.example/app/{stream_key}",
     "url_template_secure": "rtmps://evil.example/app/{stream_key}"},
    {"_id": 4, "name": 5, "url_template": "rtmp://a.contribute.live-video.net/app"},
    "nonsense", null, 7, {},
    {"_id": 5, "name": "Berlin", "url_template": "rtmp://ber.contribute.live-video.net/app/{stream_key}",
     "url_template_secure": "rtmps://ber.contribute.live-video.net/app/{stream_key}"}
]}"#;

#[tokio::test]
async fn what_a_platform_tells_is_kept_and_only_what_can_be_its() {
    let dir = tempfile::tempdir().unwrap();
    let (control, script) = asking(&dir, vec![Ok(LIST)]).await;
    assert!(control.platform_servers().await.unwrap().is_empty());
    assert_eq!(control.fetch_servers("twitch").await.unwrap().name, "Twitch");
    let kept = control.platform_servers().await.unwrap().remove("twitch").unwrap();
    let urls: Vec<_> =
        kept.servers.iter().map(|server| (server.name.as_str(), server.url.as_str())).collect();
    assert_eq!(
        urls,
        [
            ("Berlin", "rtmps://ber.contribute.live-video.net:443/app"),
            ("Seoul", "rtmp://apn20.contribute.live-video.net/app"),
        ]
    );
    assert!(kept.at > 1_700_000_000);
    let asked = script.asked.lock().unwrap().clone();
    assert_eq!(asked, [Page::at("https://ingest.twitch.tv/ingests").unwrap()]);
    control.close().await;
    drop(control);
    let (control, _) = desk(&dir).await;
    assert_eq!(control.platform_servers().await.unwrap().remove("twitch"), Some(kept), "after a restart");
}

#[tokio::test]
async fn a_list_is_replaced_by_the_next_and_not_asked_for_twice_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let other =
        r#"{"ingests": [{"name": "Tokyo", "url_template": "rtmp://tyo.contribute.live-video.net/app"}]}"#;
    let (control, script) = asking(&dir, vec![Ok(LIST), Ok(other)]).await;
    let count = || script.asked.lock().unwrap().len();
    control.fetch_servers("twitch").await.unwrap();
    control.fetch_servers("twitch").await.unwrap();
    assert_eq!(count(), 1);
    tokio::time::pause();
    tokio::time::advance(FRESH).await;
    tokio::time::resume();
    control.fetch_servers("twitch").await.unwrap();
    assert_eq!(count(), 2);
    let kept = control.platform_servers().await.unwrap().remove("twitch").unwrap();
    let names: Vec<_> = kept.servers.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["Tokyo"]);
}

#[tokio::test]
async fn what_was_known_stays_when_a_platform_cannot_be_asked() {
    let dir = tempfile::tempdir().unwrap();
    for (answer, told) in [
        (Err(FetchError::Status(503)), "HTTP status 503"),
        (Err(FetchError::Timeout), "not complete within 10 s"),
        (Ok("<html>sign in to the hotel's network</html>"), "is not one"),
        (Ok(r#"{"ingests": {}}"#), "is not one"),
        (Ok("[]"), "is not one"),
    ] {
        let (control, script) = asking(&dir, vec![Ok(LIST), answer]).await;
        control.fetch_servers("twitch").await.unwrap();
        control.lists.asked.lock().await.clear();
        let error = control.fetch_servers("twitch").await.unwrap_err().to_string();
        assert!(error.contains(told) && error.contains("Twitch"), "{error}");
        assert_eq!(control.platform_servers().await.unwrap()["twitch"].servers.len(), 2);
        assert_eq!(script.asked.lock().unwrap().len(), 2);
        control.close().await;
    }
}

#[test]
fn every_list_has_an_address_that_can_be_asked() {
    let lists: Vec<_> = Platform::all().iter().filter_map(|platform| platform.list).collect();
    assert_eq!(lists.iter().filter_map(|list| Page::at(list)).count(), lists.len());
    assert!(!lists.is_empty());
}

#[tokio::test]
async fn nobody_else_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let (control, script) = asking(&dir, Vec::new()).await;
    for id in ["youtube", "rtmp", "nonsense", ""] {
        assert!(matches!(control.fetch_servers(id).await, Err(Error::NoList)), "{id}");
    }
    assert!(script.asked.lock().unwrap().is_empty());
}
