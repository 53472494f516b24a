//! A relay that gets its certificates from an authority: without anybody's doing, once, and again
//! before they end.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::patience;
use crate::pebble::{Habits, Pebble};
use crate::port;
use crate::secure_relay::SecureRelay;

const NAME: &str = "relay.example.com";
const LONG: u64 = 90 * 86_400;

#[test]
fn a_certificate_is_got_at_the_port_of_https_and_kept() {
    let https = port::free();
    let pebble = Pebble::start(&Habits { tls: https, http: port::free(), lifetime_seconds: LONG });
    let mut relay = SecureRelay::start(https, &pebble.flags("relay.example.com,www.example.com"));
    let browser = pebble.browser();
    relay.wait_until_healthy(&browser, NAME);
    relay.wait_until_healthy(&browser, "www.example.com");
    assert!(relay.log().contains(&format!("https://{NAME}:{https}")), "the page's address is told");
    assert_eq!(pebble.orders(), 1);
    let before = browser.visit(NAME, https).unwrap().certificate();

    relay.restart();
    let page = browser.visit(NAME, https).unwrap();
    assert_eq!(page.certificate(), before, "the first connection after a restart is shown what was kept");
    relay.wait_until_log_has("from before is shown");
    assert_eq!(pebble.orders(), 1);

    for path in everything_in(&relay.data_dir().join("acme")) {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, wanted, "{}", path.display());
    }
    assert!(!relay.log().contains("PRIVATE KEY"));
}

#[test]
fn a_certificate_for_encoders_alone_is_got_at_their_port() {
    let rtmps = port::free();
    let pebble = Pebble::start(&Habits { tls: rtmps, http: port::free(), lifetime_seconds: LONG });
    let mut flags = pebble.flags(NAME);
    flags.extend(["--tls-for", "rtmps", "--rtmps"].map(str::to_owned));
    flags.push(format!("127.0.0.1:{rtmps}"));
    let relay = SecureRelay::start(port::free(), &flags);
    relay.wait_until_log_has("the TLS certificate is here");
    assert!(relay.log().contains(&format!("rtmps://{NAME}:{rtmps}/live")), "the address is told");
    assert_eq!(pebble.orders(), 1);
}

#[test]
fn what_keeps_an_authority_out_is_told_and_the_other_port_is_tried() {
    let (https, http) = (port::free(), port::free());
    let pebble = Pebble::start(&Habits { tls: port::free(), http, lifetime_seconds: LONG });
    let mut flags = pebble.flags(NAME);
    let redirect = format!("127.0.0.1:{http}");
    flags.extend(["--redirect-http".to_owned(), redirect]);
    let relay = SecureRelay::start(https, &flags);
    let browser = pebble.browser();
    relay.wait_until_log_has("there is no TLS certificate yet: one is asked for");
    relay.wait_until_log_has("did not find at port 443 of relay.example.com");
    assert!(relay.log().contains("next_try_in_seconds=120"), "{}", relay.log());
    browser.visit(NAME, https).err().unwrap();
    relay.wait_until_log_has("a client was refused: there is no TLS certificate yet");

    relay.hang_up();
    relay.wait_until_healthy(&browser, NAME);
    assert_eq!(pebble.orders(), 2);
}

#[test]
fn a_certificate_is_renewed_before_its_end_while_connections_go_on() {
    let https = port::free();
    let pebble = Pebble::start(&Habits { tls: https, http: port::free(), lifetime_seconds: 12 });
    let relay = SecureRelay::start(https, &pebble.flags(NAME));
    let browser = pebble.browser();
    relay.wait_until_healthy(&browser, NAME);
    let mut early = browser.visit(NAME, https).unwrap();
    patience::wait_until("another certificate", || {
        browser.visit(NAME, https).unwrap().certificate() != early.certificate()
    });
    assert_eq!(early.get("/healthz", &[]).unwrap().status, 200);
}

#[test]
fn an_account_that_the_authority_has_forgotten_is_made_anew() {
    let https = port::free();
    let mut pebble = Pebble::start(&Habits { tls: https, http: port::free(), lifetime_seconds: LONG });
    let mut relay = SecureRelay::start(https, &pebble.flags(NAME));
    relay.wait_until_healthy(&pebble.browser(), NAME);
    pebble.forget();
    let kept = everything_in(&relay.data_dir().join("acme"));
    fs::remove_file(kept.iter().find(|path| path.ends_with("certificate.pem")).unwrap()).unwrap();

    relay.restart();
    relay.wait_until_log_has("the authority does not know the account any more");
    relay.hang_up();
    relay.wait_until_healthy(&pebble.browser(), NAME);
}

#[test]
fn a_directory_that_is_away_stops_nothing() {
    let (https, away) = (port::free(), port::free());
    let directory = format!("https://127.0.0.1:{away}/dir");
    let relay = SecureRelay::start(https, &["--acme-domain", NAME, "--acme-directory", &directory]);
    relay.wait_until_log_has("the directory cannot be reached");
    TcpStream::connect(("127.0.0.1", https)).unwrap();
}

fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything_in(&path));
        } else {
            found.push(path);
        }
    }
    assert!(found.len() > 1, "{} is empty", folder.display());
    found
}
