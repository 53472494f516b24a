//! A relay that takes encoders over RTMPS while its page stays plain.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::authority::Authority;
use super::port;
use super::relay_process::{Options, Relay};

/// A relay with a certificate for `localhost`, and a port for RTMPS alone.
pub(crate) struct RtmpsRelay {
    pub(crate) relay: Relay,
    pub(crate) rtmps: u16,
    authority: Authority,
    papers: TempDir,
}

impl RtmpsRelay {
    pub(crate) fn start() -> Self {
        let papers = TempDir::new().unwrap();
        let authority = Authority::new();
        let (certificate, key) = authority.files_for(NAME, papers.path());
        let rtmps = port::free();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let address = format!("127.0.0.1:{rtmps}");
        let mut flags: Vec<_> = ["--tls-for", "rtmps", "--rtmps", &address].map(str::to_owned).into();
        flags.extend(["--tls-cert".to_owned(), text(&certificate), "--tls-key".to_owned(), text(&key)]);
        let relay = Relay::start_with(Options { flags, ..Options::default() });
        Self { relay, rtmps, authority, papers }
    }

    /// Where an encoder publishes the stream with `key` by RTMPS at `port`.
    pub(crate) fn url(port: u16, key: &str) -> String {
        format!("rtmps://{NAME}:{port}/live/{key}")
    }

    /// The file of the authority that signed the certificate.
    pub(crate) fn trust(&self) -> PathBuf {
        self.authority.write_to(self.papers.path())
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Puts another certificate in the place of the one that is there.
    pub(crate) fn renew(&self) {
        self.authority.files_for(NAME, self.papers.path());
    }

    /// The same with one that was good until some years ago.
    pub(crate) fn expire(&self) {
        self.authority.expired_files_for(NAME, self.papers.path());
    }
}

/// What the certificate is made out to.
pub(crate) const NAME: &str = "localhost";
