use rcgen::CertificateParams;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::certified::{certified, trusting};
use super::super::{AllowTargets, Guard, tls};
use super::*;

fn guard(allow: &str) -> Guard {
    Guard::new(allow.parse::<AllowTargets>().unwrap(), Vec::new())
}

/// What comes of an answer of these bytes, and what was asked.
async fn got(answer: impl Into<Vec<u8>>) -> (Result<Bytes, FetchError>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = Page { secure: false, host: "127.0.0.1".to_owned(), port, path: "/list?a=b".to_owned() };
    let answer = answer.into();
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
        }
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
        String::from_utf8(heard).unwrap()
    };
    let dialer = Dialer::new(guard("127.0.0.0/8"), tls::trust(None).unwrap());
    tokio::join!(dialer.fetch(&page), serving)
}

#[tokio::test]
async fn a_list_is_asked_for_and_comes_whole() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\": 1}\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n5\r\n: 1}\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n{\"a\": 1}\n",
    ] {
        let (body, asked) = got(answer).await;
        assert_eq!(body.unwrap(), "{\"a\": 1}\n");
        assert!(asked.starts_with("GET /list?a=b HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_ascii_lowercase().contains("accept: application/json"), "{asked}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_told_in_words() {
    let long = "x".repeat(MOST_READ + 1);
    for (answer, told) in [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 404"),
        ("HTTP/1.1 302 Found\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n".to_owned(), "status 302"),
        (format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{long}", long.len()), "longer than 256 KiB"),
        (format!("HTTP/1.0 200 OK\r\n\r\n{long}"), "longer than 256 KiB"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut".to_owned(), "in the middle"),
        (String::new(), "without an answer"),
        ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), "does not speak HTTP"),
    ] {
        let error = got(answer).await.0.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[tokio::test]
async fn only_a_certificate_that_is_trusted_will_do() {
    let own = |params: &mut CertificateParams| {
        *params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    };
    let (certificate, acceptor) = certified(own);
    for (is_trusted, told) in [(true, ""), (false, "certificate")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let page = Page { secure: true, host: "127.0.0.1".to_owned(), port, path: "/".to_owned() };
        let roots: &[_] = if is_trusted { std::slice::from_ref(&certificate) } else { &[] };
        let dialer = Dialer::new(guard("127.0.0.0/8"), trusting(roots));
        let serving = async {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
            let _ = stream.shutdown().await;
        };
        let (body, ()) = tokio::join!(dialer.fetch(&page), serving);
        match body {
            Ok(body) => assert!(is_trusted && body == "{}"),
            Err(error) => assert!(!is_trusted && error.to_string().contains(told), "{error}"),
        }
    }
}

#[tokio::test]
async fn addresses_that_targets_may_not_have_are_not_asked() {
    let page = Page { secure: false, host: "127.0.0.1".to_owned(), port: 80, path: "/".to_owned() };
    let dialer = Dialer::new(guard("public"), tls::trust(None).unwrap());
    let error = dialer.fetch(&page).await.unwrap_err();
    assert!(matches!(error, FetchError::Unanswered(PostError::Forbidden { .. })), "{error}");
}

#[test]
fn addresses_are_taken_apart() {
    let page = Page::at("https://ingest.twitch.tv/ingests").unwrap();
    assert_eq!((page.secure, page.port), (true, 443));
    assert_eq!((page.host.as_str(), page.path.as_str()), ("ingest.twitch.tv", "/ingests"));
    assert_eq!(Page::at("http://ingest.twitch.tv/ingests"), None);
}
