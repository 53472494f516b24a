//! Those who guess passwords, tokens and set-up links, and pages of other sites that use a browser.

use std::net::Ipv4Addr;
use std::thread;

use serde_json::{Value, json};

use crate::lab::memory;
use crate::rig::patience::Stopwatch;
use crate::rig::relay_process::{Options, Relay};
use crate::visitor::{Heard, ask};

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const PASSWORD: &str = "correct horse battery";

#[test]
fn a_thousand_wrong_passwords_are_throttled_and_harm_nobody() {
    let relay = Relay::start();
    let port = relay.http_port();
    let cookie = set_up(&relay);
    let wrong = json!({"name": "Ada", "password": "wrong password"});
    let statuses = guess(&relay, || ask((ELSEWHERE, port), "POST", "/session", "", &wrong));
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    let looked_at = statuses.iter().filter(|status| **status == 401).count();
    assert!((1..=25).contains(&looked_at), "{looked_at} passwords were looked at");

    let watch = Stopwatch::start();
    let right = json!({"name": "Ada", "password": PASSWORD});
    assert_eq!(ask((HERE, port), "POST", "/session", "", &right).statuses(), [200]);
    assert_eq!(ask((HERE, port), "GET", "/streams", &cookie, &Value::Null).statuses(), [200]);
    assert_eq!(ask((ELSEWHERE, port), "GET", "/streams", &cookie, &Value::Null).statuses(), [200]);
    assert!(watch.elapsed().as_secs() < 5, "it took {:?}", watch.elapsed());
}

#[test]
fn a_thousand_wrong_tokens_are_throttled_and_harm_nobody() {
    let relay = Relay::start();
    let port = relay.http_port();
    let wrong = "Authorization: Bearer wrong\r\n";
    let statuses = guess(&relay, || ask((ELSEWHERE, port), "GET", "/streams", wrong, &Value::Null));
    assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
    let late = ask((ELSEWHERE, port), "GET", "/streams", wrong, &Value::Null);
    assert!(late.0.to_ascii_lowercase().contains("retry-after"), "{}", late.0);
    assert_eq!(relay.api().call("GET", "/streams", None).status, 200);
}

#[test]
fn a_thousand_wrong_set_up_links_are_throttled_and_harm_nobody() {
    let relay = Relay::start();
    let port = relay.http_port();
    let wrong = json!({"link": "wrong", "name": "Eve", "password": PASSWORD});
    let statuses = guess(&relay, || ask((ELSEWHERE, port), "POST", "/setup", "", &wrong));
    assert!(statuses.iter().all(|status| [403, 429].contains(status)), "{statuses:?}");
    set_up(&relay);
}

#[test]
fn other_sites_pages_change_nothing_and_other_names_see_nothing() {
    let relay = Relay::start_with(Options { api_token: None, ..Options::default() });
    let port = relay.http_port();
    let cookie = set_up(&relay);
    let change = |headers: &str| {
        let stream = json!({"name": "Changed"});
        ask((HERE, port), "POST", "/streams", &format!("{cookie}{headers}"), &stream).statuses()
    };
    for foreign in [
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://localhost:1\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
    ] {
        assert_eq!(change(foreign), [403], "{foreign}");
    }
    // A name of a stranger's that was made to point here, with which its page would be of one origin.
    let rebound = "Host: evil.example\r\nOrigin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n";
    assert_eq!(change(rebound), [421]);
    let seen = ask((HERE, port), "GET", "/streams", &format!("{cookie}Host: evil.example\r\n"), &Value::Null);
    assert_eq!(seen.statuses(), [421]);
    let streams = ask((HERE, port), "GET", "/streams", &cookie, &Value::Null);
    assert!(!streams.0.contains("Changed") && streams.statuses() == [200], "{}", streams.0);
    assert!(!streams.0.to_ascii_lowercase().contains("access-control"), "{}", streams.0);
    assert_eq!(change(&format!("Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n")), [201]);
}

/// Makes Ada the owner by the link that the relay has printed; the header with her session.
fn set_up(relay: &Relay) -> String {
    let log = relay.log();
    let link = log.split("#setup=").nth(1).unwrap().split_whitespace().next().unwrap();
    let body = json!({"link": link, "name": "Ada", "password": PASSWORD});
    let heard = ask((HERE, relay.http_port()), "POST", "/setup", "", &body);
    assert_eq!(heard.statuses(), [200], "{}", heard.0);
    let lower = heard.0.find("set-cookie: ").unwrap();
    let pair = heard.0[lower..].split([' ', ';']).nth(1).unwrap();
    format!("Cookie: {pair}\r\n")
}

/// Tries a thousand times, from four threads; the statuses of the answers.
fn guess(relay: &Relay, try_once: impl Fn() -> Heard + Sync) -> Vec<u16> {
    let first = try_once().statuses();
    let before = memory::of_process(relay.process_id());
    let statuses: Vec<u16> = thread::scope(|scope| {
        let guess = || (0..250).flat_map(|_| try_once().statuses()).collect::<Vec<u16>>();
        let guessers: Vec<_> = (0..4).map(|_| scope.spawn(guess)).collect();
        guessers.into_iter().flat_map(|guesser| guesser.join().unwrap()).collect()
    });
    let grown = memory::of_process(relay.process_id()).saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} more bytes are held");
    assert_eq!(statuses.len(), 1_000);
    [first, statuses].concat()
}
