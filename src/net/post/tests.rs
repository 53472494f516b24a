use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::super::tls;
use super::super::{AllowTargets, Guard};
use super::*;

fn dialer(allow: &str) -> Dialer {
    let guard = Guard::new(allow.parse::<AllowTargets>().unwrap(), Vec::new());
    Dialer::new(guard, tls::trust(None).unwrap())
}

fn to(port: u16) -> PostRequest {
    PostRequest {
        secure: false,
        host: "127.0.0.1".to_owned(),
        port,
        path: Secret::new("/hook/CANARY?a=b"),
        headers: vec![("Splitcast-Event-Id", "evt_1".to_owned())],
        body: Bytes::from_static(b"{\"a\":1}"),
    }
}

/// A server that answers one connection with these bytes; gives what it was sent.
async fn server(answer: impl Into<Vec<u8>>) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = answer.into();
    #[expect(clippy::disallowed_methods, reason = "a test's server")]
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"{\"a\":1}") {
            assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
        }
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
        // An early close would be a reset, which could overtake the answer.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        String::from_utf8(heard).unwrap()
    });
    (port, serving)
}

async fn answered(answer: impl Into<Vec<u8>>) -> Result<Answer, PostError> {
    let (port, _serving) = server(answer).await;
    dialer("127.0.0.0/8").post(&to(port)).await
}

#[tokio::test]
async fn what_is_asked_is_sent_and_the_status_comes_back() {
    let (port, serving) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let answer = dialer("127.0.0.0/8").post(&to(port)).await.unwrap();
    assert_eq!(answer, Answer { status: 204, retry_after: None });
    let heard = serving.await.unwrap();
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, "{\"a\":1}");
    assert!(head.starts_with("POST /hook/CANARY?a=b HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    for header in [
        format!("host: 127.0.0.1:{port}"),
        format!("user-agent: splitcast/{}", env!("CARGO_PKG_VERSION")),
        "content-type: application/json".to_owned(),
        "splitcast-event-id: evt_1".to_owned(),
        "content-length: 7".to_owned(),
    ] {
        assert!(head.contains(&header), "{header} is not in {head}");
    }
}

#[tokio::test]
async fn answers_of_all_shapes_are_their_status() {
    let huge = format!("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n{}", "x".repeat(200_000));
    for (answer, status) in [
        ("HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nbad".to_owned(), 500),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end".to_owned(), 200),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut".to_owned(), 200),
        (huge, 200),
    ] {
        assert_eq!(answered(answer).await.unwrap().status, status);
    }
    let slow_down = "HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answered(slow_down).await.unwrap().retry_after, Some(Duration::from_secs(7)));
    let date = "HTTP/1.1 503 No\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answered(date).await.unwrap(), Answer { status: 503, retry_after: None });
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let answer =
        answered(format!("HTTP/1.1 302 Found\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n"));
    tokio::select! {
        biased;
        _ = listener.accept() => panic!("it was followed"),
        answer = answer => assert_eq!(answer.unwrap().status, 302),
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_in_words() {
    let endless_head = format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(100_000));
    for (answer, told) in [
        ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), "does not speak HTTP"),
        ("\u{15}\u{3}\u{1}\0\u{2}\u{2}F".to_owned(), "https://"),
        (endless_head, "does not speak HTTP"),
        (String::new(), "without an answer"),
        ("HTTP/1.1 200 OK\r\nA: b".to_owned(), "without an answer"),
    ] {
        let error = answered(answer).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[tokio::test]
async fn addresses_that_targets_may_not_have_are_not_called() {
    let accepted = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let counting = async {
        while listener.accept().await.is_ok() {
            accepted.fetch_add(1, Relaxed);
        }
    };
    let posting = async {
        for (allow, host, port) in [
            ("public", "127.0.0.1", port),
            ("public", "localhost", port),
            ("public", "::ffff:127.0.0.1", port),
            ("public", "192.168.1.1", 80),
            ("lan", "169.254.169.254", 80),
            ("lan", "fd00:ec2::254", 80),
        ] {
            let to = PostRequest { host: host.to_owned(), ..to(port) };
            let error = dialer(allow).post(&to).await.unwrap_err();
            assert!(matches!(error, PostError::Forbidden { .. }), "{host}: {error}");
        }
        let error = dialer("public").post(&PostRequest { host: "1.1.1.1".to_owned(), ..to(25) }).await;
        assert!(matches!(error, Err(PostError::Port(25))));
    };
    tokio::select! {
        biased;
        () = posting => {}
        () = counting => {}
    }
    assert_eq!(accepted.load(Relaxed), 0);
}

#[tokio::test]
async fn this_relay_itself_is_not_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap();
    let guard = Guard::new("127.0.0.0/8".parse().unwrap(), vec![own]);
    let dialer = Dialer::new(guard, tls::trust(None).unwrap());
    assert!(matches!(dialer.post(&to(own.port())).await, Err(PostError::Loop)));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_in_time() {
    let (client, _silent) = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        (listener.local_addr().unwrap().port(), listener)
    };
    let began = tokio::time::Instant::now();
    let error = dialer("127.0.0.0/8").post(&to(client)).await.unwrap_err();
    assert!(matches!(error, PostError::Timeout), "{error}");
    assert!(began.elapsed() < LIMIT * 2);
}

#[test]
fn nothing_that_is_printed_repeats_the_path() {
    assert!(!format!("{:?}", to(1)).contains("CANARY"));
    let unfit = PostRequest { path: Secret::new("/CANARY with spaces"), ..to(1) };
    let error = request(&unfit).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("CANARY"));
}
