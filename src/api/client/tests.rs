use axum::body::Body;
use axum::routing::get;
use proptest::prelude::*;
use tower::ServiceExt;

use super::*;

fn peer(address: &str) -> Peer {
    Peer { address: SocketAddr::new(address.parse().unwrap(), 50_000), is_tls: false }
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    lines.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

/// Who asks through a proxy at 127.0.0.1, if 127.0.0.0/8 and 10.0.0.0/8 are trusted.
fn seen(lines: &[(&'static str, &str)]) -> ClientAddress {
    ClientAddress::new(peer("127.0.0.1"), &headers(lines), &"127.0.0.0/8,10.0.0.0/8".parse().unwrap())
}

fn ip(lines: &[(&'static str, &str)]) -> String {
    seen(lines).ip.to_string()
}

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";

#[test]
fn strangers_are_not_believed() {
    let lies =
        headers(&[(FOR, "192.0.2.1"), (PROTO, "https"), (HOST, "evil.example"), ("host", "relay.example")]);
    for trusted in ["", "10.0.0.0/8"] {
        let client = ClientAddress::new(peer("198.51.100.9"), &lies, &trusted.parse().unwrap());
        let honest = ClientAddress {
            ip: "198.51.100.9".parse().unwrap(),
            is_https: false,
            host: Some("relay.example".to_owned()),
        };
        assert_eq!(client, honest);
    }
}

#[test]
fn a_trusted_proxy_is_believed() {
    let client =
        seen(&[(FOR, "192.0.2.1"), (PROTO, "https"), (HOST, "relay.example"), ("host", "127.0.0.1:8080")]);
    assert_eq!(
        client,
        ClientAddress {
            ip: "192.0.2.1".parse().unwrap(),
            is_https: true,
            host: Some("relay.example".to_owned())
        }
    );
}

#[test]
fn what_the_client_wrote_itself_is_passed_over() {
    assert_eq!(ip(&[(FOR, "6.6.6.6, 192.0.2.1")]), "192.0.2.1");
    assert_eq!(ip(&[(FOR, "6.6.6.6"), (FOR, "192.0.2.1")]), "192.0.2.1");
    assert_eq!(ip(&[(FOR, "127.0.0.1, 192.0.2.1")]), "192.0.2.1");
    assert!(!seen(&[(PROTO, "https, http")]).is_https);
    assert_eq!(seen(&[(HOST, "evil.example, relay.example")]).host.unwrap(), "relay.example");
}

#[test]
fn a_row_of_proxies_is_followed_to_its_end() {
    assert_eq!(ip(&[(FOR, "6.6.6.6, 192.0.2.1, 10.0.0.7"), (FOR, "10.0.0.8")]), "192.0.2.1");
    assert_eq!(ip(&[(FOR, "10.0.0.7, 10.0.0.8")]), "10.0.0.7");
    let endless = vec!["10.0.0.1"; 5_000].join(",");
    assert_eq!(ip(&[(FOR, &format!("192.0.2.1,{endless}"))]), "10.0.0.1");
}

#[test]
fn what_is_no_address_ends_the_row() {
    for nothing in
        ["", "unknown", "_hidden", "_SEVKISEK", "256.1.1.1", "a b", ",,,", "1.2.3.4.5", "[::1", "::1]"]
    {
        assert_eq!(ip(&[(FOR, nothing)]), "127.0.0.1", "{nothing}");
        assert_eq!(ip(&[(FOR, &format!("6.6.6.6, {nothing}, 10.0.0.7"))]), "10.0.0.7", "{nothing}");
    }
    let huge = "9".repeat(60_000);
    assert_eq!(ip(&[(FOR, &huge)]), "127.0.0.1");
    let mut odd = headers(&[(FOR, "6.6.6.6")]);
    odd.append(FORWARDED_FOR, HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    let client = ClientAddress::new(peer("127.0.0.1"), &odd, &"127.0.0.1".parse().unwrap());
    assert_eq!(client.ip.to_string(), "127.0.0.1");
}

#[test]
fn addresses_are_read_with_ports_and_brackets() {
    for (written, meant) in [
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ] {
        assert_eq!(ip(&[(FOR, written)]), meant, "{written}");
    }
}

#[test]
fn an_address_in_another_form_is_the_same() {
    let client = ClientAddress::new(
        peer("::ffff:127.0.0.1"),
        &headers(&[(FOR, "192.0.2.1")]),
        &"127.0.0.1".parse().unwrap(),
    );
    assert_eq!(client.ip.to_string(), "192.0.2.1");
}

#[test]
fn a_proxy_that_says_nothing_of_a_thing_leaves_it_as_it_is() {
    let secure = Peer { is_tls: true, ..peer("127.0.0.1") };
    let trusted = "127.0.0.1".parse().unwrap();
    let client = ClientAddress::new(secure, &headers(&[("host", "relay.example:8443")]), &trusted);
    assert_eq!((client.ip.to_string(), client.is_https), ("127.0.0.1".to_owned(), true));
    assert_eq!(client.host.unwrap(), "relay.example:8443");
    assert!(!seen(&[(PROTO, "ftp")]).is_https);
    assert!(seen(&[(PROTO, "HTTPS")]).is_https);
}

#[test]
fn a_host_is_a_host_and_nothing_else() {
    for bad in ["", "a b", "user@relay.example", "relay.example/path", "http://relay.example", "@"] {
        assert_eq!(seen(&[("host", bad)]).host, None, "{bad}");
        assert_eq!(seen(&[(HOST, bad), ("host", "relay.example")]).host.unwrap(), "relay.example", "{bad}");
    }
    assert_eq!(seen(&[("host", "one.example"), ("host", "two.example")]).host, None);
    assert_eq!(seen(&[]).host, None);
}

proptest! {
    #[test]
    fn no_header_makes_it_panic(lines in proptest::collection::vec(proptest::collection::vec(32_u8..=255, 0..60), 0..6)) {
        let mut all = HeaderMap::new();
        for (name, line) in [FORWARDED_FOR, FORWARDED_PROTO, FORWARDED_HOST, header::HOST].iter().cycle().zip(&lines) {
            if let Ok(value) = HeaderValue::from_bytes(line) {
                all.append(name, value);
            }
        }
        ClientAddress::new(peer("127.0.0.1"), &all, &"127.0.0.1".parse().unwrap());
    }
}

async fn answer(peer: Option<Peer>, host: &str) -> (Option<String>, String) {
    let echo = async |client: axum::Extension<ClientAddress>| client.ip.to_string();
    let router = identified(Router::new().route("/", get(echo)), TrustedProxies::default());
    let mut request = Request::builder().uri("/").header("host", host).body(Body::empty()).unwrap();
    if let Some(peer) = peer {
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    let response = router.oneshot(request).await.unwrap();
    let stay = response.headers().get("strict-transport-security");
    let stay = stay.map(|value| value.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    (stay, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn handlers_learn_who_asks() {
    assert_eq!(answer(Some(peer("192.0.2.1")), "relay.example").await.1, "192.0.2.1");
    assert_eq!(answer(None, "relay.example").await, (None, "0.0.0.0".to_owned()));
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_https_where_it_is_ours() {
    let secure = Peer { is_tls: true, ..peer("192.0.2.1") };
    for (peer, host, told) in [
        (secure, "relay.example", true),
        (secure, "relay.example:8443", true),
        (secure, "192.0.2.7", false),
        (secure, "[2001:db8::1]:8443", false),
        (secure, "localhost:8443", false),
        (secure, "relay.localhost", false),
        (peer("192.0.2.1"), "relay.example", false),
    ] {
        assert_eq!(answer(Some(peer), host).await.0.is_some(), told, "{host}");
    }
}
