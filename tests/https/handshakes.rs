//! How HTTPS is agreed on, with those who do and those who do not.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::browser::Browser;
use crate::certificate_files::Papers;
use crate::patience;
use crate::port;
use crate::secure_relay::SecureRelay;

const NAME: &str = "relay.example.com";

#[test]
fn both_good_versions_are_spoken_and_browsers_are_told_to_stay() {
    let papers = Papers::new();
    let relay = SecureRelay::start(port::free(), &papers.flags());
    relay.wait_until_healthy(&papers.browser, NAME);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let browser = Browser::with_versions(&papers.authority().pem(), &[version]);
        let mut visit = browser.visit(NAME, relay.https).unwrap();
        assert_eq!(visit.protocol(), Some(b"http/1.1".as_slice()));
        let page = visit.get("/", &[]).unwrap();
        assert!(page.head.contains("strict-transport-security: max-age="), "{}", page.head);
    }
}

/// As many of them as the system's queue takes: were they not accepted, connecting would not end.
#[test]
fn clients_that_say_nothing_hold_up_nobody() {
    let papers = Papers::new();
    let relay = SecureRelay::start(port::free(), &papers.flags());
    let silent: Vec<_> = (0..100).map(|_| TcpStream::connect(("127.0.0.1", relay.https)).unwrap()).collect();
    let watch = patience::Stopwatch::start();
    relay.wait_until_healthy(&papers.browser, NAME);
    assert!(watch.elapsed().as_secs() < 5, "{:?}", watch.elapsed());
    drop(silent);
}

#[test]
fn a_client_that_says_nothing_is_let_go() {
    let papers = Papers::new();
    let relay = SecureRelay::start(port::free(), &papers.flags());
    let mut silent = TcpStream::connect(("127.0.0.1", relay.https)).unwrap();
    silent.set_read_timeout(Some(patience::LIMIT)).unwrap();
    assert_eq!(silent.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn plain_http_is_told_where_it_is() {
    let papers = Papers::new();
    let relay = SecureRelay::start(port::free(), &papers.flags());
    let answer = plainly(relay.https, "/");
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https://"), "{answer}");
}

#[test]
fn plain_http_at_a_port_of_its_own_is_sent_to_https() {
    let papers = Papers::new();
    let redirect = port::free();
    let address = format!("127.0.0.1:{redirect}");
    let [cert_flag, cert, key_flag, key] = papers.flags();
    let flags = [cert_flag, cert, key_flag, key, "--redirect-http", &address];
    let relay = SecureRelay::start(port::free(), &flags);
    relay.wait_until_healthy(&papers.browser, NAME);
    let answer = plainly(redirect, "/streams?a=b");
    let location = format!("location: https://{NAME}:{}/streams?a=b\r\n", relay.https);
    assert!(answer.starts_with("HTTP/1.1 308 ") && answer.contains(&location), "{answer}");
}

fn plainly(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(patience::LIMIT)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {NAME}:80\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
