//! A relay behind a proxy knows who asks, if the proxy is trusted, and is not lied to.

use std::net::Ipv4Addr;

use crate::certificate_files::Papers;
use crate::patience;
use crate::port;
use crate::proxy::Proxy;
use crate::secure_relay::SecureRelay;

const NAME: &str = "relay.example.com";

/// Any address of this machine that is not the proxy's.
const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

#[test]
fn a_trusted_proxy_says_who_asks() {
    let seen = seen_through_nginx(&["--trusted-proxies", "127.0.0.1"]);
    assert!(seen.contains("ip=127.0.0.9 is_https=true host=\"relay.example.com\""), "{seen}");
}

#[test]
fn another_proxy_is_not_believed() {
    let seen = seen_through_nginx(&["--trusted-proxies", "192.0.2.1"]);
    assert!(seen.contains("ip=127.0.0.1 is_https=false"), "{seen}");
}

/// What a relay notes of a client that says it is somebody else.
fn seen_through_nginx(arguments: &[&str]) -> String {
    let papers = Papers::new();
    let relay = SecureRelay::start(port::free(), arguments);
    let (certificate, key) = papers.certificate_and_key();
    let proxy = Proxy::start(relay.https, certificate, key);
    let mut visit = papers.browser.visit_from(CLIENT, NAME, proxy.port).unwrap();
    let lies =
        [("X-Forwarded-For", "192.0.2.66"), ("X-Forwarded-Proto", "gopher"), ("X-Forwarded-Host", "evil")];
    assert_eq!(visit.get("/healthz", &lies).unwrap().status, 200);
    patience::wait_for("the client in the log", || {
        relay.log().lines().find(|line| line.contains("a client asks")).map(str::to_owned)
    })
}
