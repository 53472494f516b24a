//! What `test-target` says of a target, and how it ends.

use std::fs;

use crate::rig::authority::Authority;
use crate::rig::nginx::Nginx;
use crate::rig::port;
use crate::rig::tls_front::TlsFront;
use crate::word::{Said, run, run_with_input};

const KEY: &str = "canary-cli-tested-51fd";
const LAN: [&str; 2] = ["--allow-targets", "lan"];

/// Tests an address whose key is read from the standard input.
fn test(flags: &[&str], url: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let args = [flags, &["test-target", url]].concat();
    let said = run_with_input(&folder.path().join("data"), &args, &format!("{KEY}\n"));
    assert!(!folder.path().join("data").exists(), "it made a data folder");
    assert!(!format!("{said:?}").contains(KEY), "{said:?}");
    said
}

/// The line of the step at which it ended.
fn failed(said: &Said, outcome: &str) -> String {
    assert_eq!((said.code, said.err.as_str()), (1, ""), "{said:?}");
    assert!(said.out.ends_with(&format!("Outcome: {outcome}\n")), "{said:?}");
    let mut lines = said.out.lines().filter(|line| line.starts_with("FAIL "));
    let line = lines.next().unwrap().to_owned();
    assert_eq!(lines.next(), None, "{said:?}");
    line
}

#[test]
fn what_answers_is_told_step_by_step() {
    let nginx = Nginx::start();
    let said = test(&LAN, &nginx.url()).done();
    let steps: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix("ok")?.split_whitespace().next()).collect();
    assert_eq!(steps, ["dns", "tcp", "handshake", "connect", "create_stream", "publish", "listen"], "{said}");
    assert!(said.contains("\nOutcome: accepted\nThe server accepts the key.\n"), "{said}");

    for (url, outcome, words) in [
        (nginx.refusing_url(), "accepted_then_closed", "the stream key may be wrong"),
        (format!("rtmp://127.0.0.1:{}/nowhere", nginx.port()), "app_refused", "check what follows the host"),
        (format!("rtmp://127.0.0.1:{}/live", port::free()), "port_refused", "nothing answers there"),
        ("rtmp://no-such-host.invalid/live".to_owned(), "unknown_host", "no such host name"),
    ] {
        let line = failed(&test(&LAN, &url), outcome);
        assert!(line.contains(words), "{line}");
    }
    let forbidden = test(&[], &nginx.url());
    assert!(failed(&forbidden, "not_allowed").contains("--allow-targets lan"), "{forbidden:?}");
}

#[test]
fn certificates_are_told_apart() {
    let (nginx, authority) = (Nginx::start(), Authority::new());
    let folder = tempfile::tempdir().unwrap();
    let file = authority.write_to(folder.path());
    let flags = [LAN[0], LAN[1], "--target-ca", file.to_str().unwrap()];
    let front = |server| TlsFront::showing(nginx.port(), server);
    let good = front(authority.server_for("localhost"));
    let said = test(&flags, &good.url()).done();
    assert!(
        said.contains("TLS 1.3, and the certificate is good. It is made out to localhost by Authority"),
        "{said}"
    );
    for (server, outcome) in [
        (authority.expired_server_for("localhost"), "certificate_expired"),
        (authority.server_for("elsewhere.example"), "certificate_wrong_name"),
        (Authority::new().server_for("localhost"), "certificate_untrusted"),
    ] {
        let front = front(server);
        let line = failed(&test(&flags, &front.url()), outcome);
        assert!(line.contains("certificate is not valid") && line.contains("It is made out to "), "{line}");
    }
}

#[test]
fn the_key_may_come_in_several_ways_and_is_never_shown() {
    let nginx = Nginx::start();
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("key"));
    fs::write(&file, format!("{KEY}\n")).unwrap();
    let (url, whole) = (nginx.url(), format!("{}/{KEY}", nginx.url()));
    let file = file.to_str().unwrap();
    for args in [&[whole.as_str()][..], &[url.as_str(), "--key-file", file]] {
        let args = [&["--allow-targets", "lan", "test-target"], args].concat();
        let said = run(&data, &args).done();
        assert!(said.contains("Outcome: accepted") && !said.contains(KEY), "{said}");
    }
    let from_input = ["--allow-targets", "lan", "test-target", &url, "--key-file", "-"];
    assert!(run_with_input(&data, &from_input, KEY).done().contains("Outcome: accepted"));

    for (args, input, words) in [
        (&[url.as_str(), KEY][..], "", "not taken as a word of its own"),
        (&[url.as_str()], "", "1 to 1024 printable characters"),
        (&[url.as_str(), "--key-file", "/nowhere/key"], "", "cannot be read from /nowhere/key"),
        (&["http://h/live/canary-cli-tested-51fd"], "", "must begin with rtmp://"),
        (&["rtmp://h:canary-cli-tested-51fd/live/k"], "", "port"),
    ] {
        let refused = run_with_input(&data, &[&["test-target"], args].concat(), input).refused();
        assert!(refused.contains(words) && !refused.contains(KEY), "{refused}");
    }
}
