//! The page, and what every answer says to browsers.

use crate::client::{Answer, Relay};

#[tokio::test]
async fn the_page_is_served_for_its_own_addresses() {
    let relay = Relay::new().await;
    for path in ["//", "//index.html", "//streams/1", "//apiary"] {
        let answer = relay.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(answer.text.to_lowercase().contains("<!doctype html>"));
    }
    for path in ["//missing.js", "//assets/missing.css", "//.fingerprint", "//../Cargo.toml"] {
        relay.get(path).await.problem(404, None);
    }
}

#[tokio::test]
async fn the_api_is_described_on_a_page_of_its_own() {
    let relay = Relay::new().await;
    for path in ["//docs/api", "//docs/api/"] {
        let answer = relay.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        assert!(answer.text.contains("The API of splitcast"), "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'self'; img-src"));
    }
}

#[tokio::test]
async fn the_page_is_asked_for_again_and_sent_only_if_it_changed() {
    let relay = Relay::new().await;
    let first = relay.get("//").await;
    assert_eq!(first.header("cache-control"), "no-cache");
    let etag = first.header("etag");
    for known in [etag, &format!("W/{etag}"), &format!("\"other\", {etag}")] {
        let again = relay.ask("GET", "//", &[("if-none-match", known)], "").await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
        assert_eq!(again.header("etag"), etag);
    }
    let changed = relay.ask("GET", "//", &[("if-none-match", "\"other\"")], "").await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever() {
    let relay = Relay::new().await;
    let page = relay.get("//").await.text;
    let script = page.split('"').find(|text| text.starts_with("/assets/") && text.ends_with(".js"));
    let answer = relay.get(&format!("/{}", script.unwrap())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn what_is_smaller_is_sent_to_who_takes_it() {
    let relay = Relay::new().await;
    let plain = relay.get("//").await;
    assert_eq!(plain.header("vary"), "accept-encoding");
    assert!(!plain.headers.contains_key("content-encoding"));
    let mut etags = vec![plain.header("etag").to_owned()];
    for (asked, encoding) in [("gzip, deflate", "gzip"), ("gzip, deflate, br", "br")] {
        let asked = ("accept-encoding", asked);
        let small = relay.ask("GET", "//", &[asked], "").await;
        assert_eq!(small.header("content-encoding"), encoding);
        assert_eq!(small.header("content-type"), plain.header("content-type"));
        assert_eq!((small.header("vary"), small.header("cache-control")), ("accept-encoding", "no-cache"));
        let length = |answer: &Answer| answer.header("content-length").parse::<usize>().unwrap();
        assert!(length(&small) < length(&plain), "{} bytes", length(&small));
        let head = relay.ask("HEAD", "//", &[asked], "").await;
        for name in ["content-encoding", "content-length", "etag", "vary"] {
            assert_eq!(head.header(name), small.header(name));
        }
        assert_eq!(head.text, "");
        let etag = small.header("etag");
        let again = relay.ask("GET", "//", &[asked, ("if-none-match", etag)], "").await;
        assert_eq!((again.status.as_u16(), again.header("vary")), (304, "accept-encoding"));
        etags.push(etag.to_owned());
    }
    // What is kept of one is not taken for another.
    etags.dedup();
    assert_eq!(etags.len(), 3);
    for refused in ["br;q=0, gzip;q=0", "identity", "deflate", "identity;q=0"] {
        let answer = relay.ask("GET", "//", &[("accept-encoding", refused)], "").await;
        assert!(!answer.headers.contains_key("content-encoding"), "{refused}");
        assert_eq!((answer.status.as_u16(), &answer.text), (200, &plain.text));
    }
    for copy in ["//index.html.br", "//index.html.gz"] {
        relay.get(copy).await.problem(404, None);
    }
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let relay = Relay::new().await;
    for path in ["//", "//healthz", "/status", "/nothing", "/streams/7"] {
        let answer = relay.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(!answer.header("cache-control").is_empty());
    }
    for path in ["/status", "/streams/1/key", "/nothing"] {
        assert_eq!(relay.get(path).await.header("cache-control"), "no-store");
    }
}
