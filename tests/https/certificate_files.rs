//! A certificate from files: served, followed when they change, and kept when what comes is no good.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::authority::Authority;
use crate::browser::Browser;
use crate::patience;
use crate::port;
use crate::program::Running;
use crate::relay_process;
use crate::secure_relay::SecureRelay;

const NAME: &str = "relay.example.com";

/// A folder with a certificate, its key, and who trusts them.
pub(crate) struct Papers {
    folder: TempDir,
    authority: Authority,
    pub(crate) browser: Browser,
    certificate: PathBuf,
    key: PathBuf,
}

impl Papers {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let authority = Authority::new();
        let browser = Browser::trusting(&authority.pem());
        let (certificate, key) = authority.files_for(NAME, folder.path());
        Self { folder, authority, browser, certificate, key }
    }

    pub(crate) fn flags(&self) -> [&str; 4] {
        ["--tls-cert", self.certificate.to_str().unwrap(), "--tls-key", self.key.to_str().unwrap()]
    }

    pub(crate) fn certificate_and_key(&self) -> (&str, &str) {
        (self.certificate.to_str().unwrap(), self.key.to_str().unwrap())
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    fn renew(&self) {
        self.authority.files_for(NAME, self.folder.path());
    }
}

#[test]
fn a_changed_pair_is_shown_while_connections_go_on() {
    let papers = Papers::new();
    let relay = SecureRelay::start(port::free(), &papers.flags());
    relay.wait_until_healthy(&papers.browser, NAME);
    let mut early = papers.browser.visit(NAME, relay.https).unwrap();
    assert_eq!(early.get("/healthz", &[]).unwrap().body, "ok\n");
    let first = early.certificate();
    let shows_another = || papers.browser.visit(NAME, relay.https).unwrap().certificate() != first;

    papers.renew();
    patience::wait_until("the new certificate", shows_another);
    assert_eq!(early.get("/healthz", &[]).unwrap().status, 200);
}

#[test]
fn what_is_no_good_is_told_once_and_what_was_there_is_kept() {
    let papers = Papers::new();
    let relay = SecureRelay::start(port::free(), &papers.flags());
    relay.wait_until_healthy(&papers.browser, NAME);
    let first = papers.browser.visit(NAME, relay.https).unwrap().certificate();

    fs::write(&papers.key, "no key").unwrap();
    let complaint = "key.pem contains no private key";
    relay.wait_until_log_has(complaint);
    assert_eq!(papers.browser.visit(NAME, relay.https).unwrap().certificate(), first);

    papers.renew();
    relay.hang_up();
    patience::wait_until("the new certificate", || {
        papers.browser.visit(NAME, relay.https).unwrap().certificate() != first
    });
    assert_eq!(relay.log().matches(complaint).count(), 1, "{}", relay.log());
}

#[test]
fn a_certificate_at_its_end_is_shown_and_told() {
    let papers = Papers::new();
    papers.authority.expired_files_for(NAME, papers.folder.path());
    let relay = SecureRelay::start(port::free(), &papers.flags());
    relay.wait_until_log_has("the TLS certificate has expired");
    let refused = papers.browser.visit(NAME, relay.https).err().unwrap();
    assert!(refused.to_string().contains("Expired") || refused.to_string().contains("expired"), "{refused}");
}

#[test]
fn what_cannot_be_used_is_told_at_the_start() {
    let papers = Papers::new();
    let missing = "/nonexistent/key.pem";
    let (certificate, _) = papers.certificate_and_key();
    for (key, words) in
        [(missing, "the key file /nonexistent/key.pem cannot be read"), (certificate, "no private key")]
    {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        let mut command = relay_process::command(&data, port::free(), port::free());
        command.args(["--tls-cert", certificate, "--tls-key", key]);
        let mut process = Running::spawn(&mut command, &folder.path().join("output.log"));
        assert_eq!(process.wait().code(), Some(1));
        let said = process.output();
        assert_eq!(said.matches("No such file").count(), usize::from(key == missing), "{said}");
        assert!(said.contains(words) && said.trim().lines().count() == 1, "{said}");
        assert!(!data.exists(), "a relay that cannot start leaves no trace");
    }
}
