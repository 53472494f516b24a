//! HTTP as it should not be: slow, silent, too large, and wrong. Each is answered or closed, never with a
//! failure of the relay's, and others are served meanwhile.

use std::fmt::Write;

use crate::lab::memory;
use crate::rig::patience::Stopwatch;
use crate::rig::relay_process::{Relay, TOKEN};
use crate::visitor::Visitor;

#[test]
fn what_is_no_http_is_refused_and_nothing_fails() {
    let relay = Relay::start();
    for (name, bytes) in nonsense() {
        let mut visitor = Visitor::connect(relay.http_port());
        visitor.say(&bytes);
        let statuses = visitor.listen().statuses();
        assert!(statuses.iter().all(|status| (400..500).contains(status)), "{name}: {statuses:?}");
    }
    assert_eq!(relay.api().call("GET", "/status", None).status, 200);
    assert!(!relay.log().contains("panicked"), "{}", relay.log());
}

#[test]
fn what_is_unusual_is_answered_or_refused_once_each() {
    let relay = Relay::start();
    for (name, bytes, expected) in unusual() {
        let mut visitor = Visitor::connect(relay.http_port());
        visitor.say(&bytes);
        let heard = visitor.listen();
        assert_eq!(heard.statuses(), expected, "{name}: {}", heard.0);
    }
}

#[test]
fn a_thousand_connections_that_say_nothing_shut_nobody_out() {
    let relay = Relay::start();
    let (port, before) = (relay.http_port(), memory::of_process(relay.process_id()));
    let mut silent: Vec<Visitor> = (0..1_000).map(|_| Visitor::connect(port)).collect();
    for (number, visitor) in silent.iter_mut().enumerate() {
        if number % 2 == 0 {
            visitor.say(b"GET /api/v1/status HTTP/1.1\r\nHost: local");
        }
    }
    for _ in 0..5 {
        let watch = Stopwatch::start();
        assert_eq!(relay.api().call("GET", "/status", None).status, 200);
        assert!(watch.elapsed().as_secs() < 5, "an answer took {:?}", watch.elapsed());
    }
    let grown = memory::of_process(relay.process_id()).saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} more bytes are held");
    drop(silent);
}

/// Requests that can only be refused.
fn nonsense() -> Vec<(&'static str, Vec<u8>)> {
    let head = |line: &str, headers: &str| format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let post = |headers: &str, body: &str| {
        let json = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n{headers}");
        head("POST /api/v1/streams", &json) + body
    };
    let get = |headers: &str| head("GET /healthz", headers);
    let mut many = String::new();
    for number in 0..300 {
        write!(many, "X-{number}: x\r\n").unwrap();
    }
    let text: Vec<(&str, String)> = vec![
        ("a huge header", get(&format!("X: {}\r\n", "x".repeat(200_000)))),
        ("many headers", get(&many)),
        ("a huge address", head(&format!("GET /{}", "a".repeat(100_000)), "")),
        ("a header that never ends", "x".repeat(300_000)),
        ("a bad chunk", post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n")),
        ("a huge chunk", post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n{}")),
        ("a negative length", post("Content-Length: -1\r\n", "{}")),
        ("a length that is no number", post("Content-Length: two\r\n", "{}")),
        ("two lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}")),
        (
            "a body that is too large",
            post("Connection: close\r\nContent-Length: 70000\r\n", &"x".repeat(70_000)),
        ),
        ("an unknown coding", post("Transfer-Encoding: gzip\r\nConnection: close\r\n", "{}")),
        ("NUL in the address", head("GET /heal\0thz", "")),
        ("NUL in a header", get("X: a\0b\r\n")),
        ("a header without a colon", get("nonsense\r\n")),
        ("a header with a space in its name", get("X Y: z\r\n")),
        ("a folded header", get("X: y\r\n z\r\n")),
        ("no version", "GET /healthz\r\n\r\n".to_owned()),
        ("an unknown version", "GET /healthz HTTP/7.3\r\nHost: localhost\r\n\r\n".to_owned()),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
        ("a tunnel", head("CONNECT evil.example:443", "Connection: close\r\n")),
    ];
    let tls = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3].repeat(20);
    let rtmp = [vec![3], vec![0; 1536]].concat();
    let bytes = text.into_iter().map(|(name, text)| (name, text.into_bytes()));
    bytes.chain([("TLS", tls), ("RTMP", rtmp)]).collect()
}

/// Requests, and the statuses of the answers.
fn unusual() -> Vec<(&'static str, Vec<u8>, Vec<u16>)> {
    let close = "Connection: close\r\n\r\n";
    let healthy = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    let session = "GET /api/v1/session HTTP/1.1\r\n";
    let text: Vec<(&str, String, Vec<u16>)> = vec![
        ("three at once", format!("{healthy}\r\n{healthy}\r\n{healthy}{close}"), vec![200, 200, 200]),
        ("HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n".to_owned(), vec![]),
        ("no host", format!("{session}{close}"), vec![421]),
        ("two hosts", format!("{session}Host: localhost\r\nHost: evil.example\r\n{close}"), vec![421]),
        (
            "two hosts, ours last",
            format!("{session}Host: evil.example\r\nHost: localhost\r\n{close}"),
            vec![421],
        ),
        ("an empty host", format!("{session}Host:\r\n{close}"), vec![421]),
        (
            "an absolute address of another",
            format!("GET http://evil.example/api/v1/session HTTP/1.1\r\nHost: evil.example\r\n{close}"),
            vec![421],
        ),
        (
            "an absolute address",
            format!("GET http://localhost/api/v1/session HTTP/1.1\r\nHost: localhost\r\n{close}"),
            vec![200],
        ),
        (
            "an address that climbs",
            format!("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n{close}"),
            vec![404],
        ),
        // Its addresses are the page's own matter.
        ("an encoded NUL", format!("GET /%00 HTTP/1.1\r\nHost: localhost\r\n{close}"), vec![200]),
        (
            "bytes that are no text",
            format!("GET /api/v1/%ff%fe HTTP/1.1\r\nHost: localhost\r\n{close}"),
            vec![404],
        ),
        (
            // What is behind the chunks would be another request to who goes by the length.
            "a length and chunks",
            format!(
                "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: \
                 chunked\r\n\r\n0\r\n\r\n{healthy}{close}"
            ),
            vec![422],
        ),
    ];
    text.into_iter().map(|(name, text, statuses)| (name, text.into_bytes(), statuses)).collect()
}
