//! Pebble, the authority that Let's Encrypt made for tests: it really connects to whom it gives a
//! certificate. A name server stands beside it, for which every name leads to this machine.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::authority::Authority;
use crate::browser::Browser;
use crate::patience;
use crate::port;
use crate::program::{self, Running};

/// A running authority.
pub(crate) struct Pebble {
    // Before the folder, so that its log can still be shown after a failure.
    process: Running,
    ports: Ports,
    ca: PathBuf,
    root: String,
    _names: Running,
    folder: TempDir,
}

/// Where it listens, and the name server beside it.
#[derive(Clone, Copy)]
struct Ports {
    api: u16,
    management: u16,
    names: u16,
}

/// Where it looks for proofs, and how long its certificates live.
pub(crate) struct Habits {
    /// In place of port 443.
    pub(crate) tls: u16,
    /// In place of port 80.
    pub(crate) http: u16,
    pub(crate) lifetime_seconds: u64,
}

impl Pebble {
    pub(crate) fn start(habits: &Habits) -> Self {
        let folder = TempDir::new().unwrap();
        let authority = Authority::new();
        let ca = authority.write_to(folder.path());
        let (certificate, key) = authority.files_for("localhost", folder.path());
        let ports = Ports { api: port::free(), management: port::free(), names: port::free() };
        let names = start_names(ports.names, folder.path());
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{}", ports.api),
            "managementListenAddress": format!("127.0.0.1:{}", ports.management),
            "certificate": certificate,
            "privateKey": key,
            "httpPort": habits.http,
            "tlsPort": habits.tls,
            "certificateValidityPeriod": habits.lifetime_seconds,
        }});
        fs::write(folder.path().join(CONFIG), config.to_string()).unwrap();
        let process = launch(ports, folder.path());
        let root = root(ports, &ca);
        Self { process, ports, ca, root, _names: names, folder }
    }

    /// Starts it anew, with which it forgets everybody and becomes another authority.
    pub(crate) fn forget(&mut self) {
        self.process.kill();
        self.process = launch(self.ports, self.folder.path());
        self.root = root(self.ports, &self.ca);
    }

    /// The flags with which a relay gets a certificate for `name` here.
    pub(crate) fn flags(&self, name: &str) -> Vec<String> {
        let directory = format!("https://localhost:{}/dir", self.ports.api);
        let ca = self.ca.to_str().unwrap();
        ["--acme-domain", name, "--acme-directory", &directory, "--acme-ca", ca].map(str::to_owned).into()
    }

    /// Somebody who trusts this authority alone.
    pub(crate) fn browser(&self) -> Browser {
        Browser::trusting(&self.root)
    }

    /// How many certificates it was asked for.
    pub(crate) fn orders(&self) -> usize {
        self.process.output().matches("Added order").count()
    }
}

fn launch(ports: Ports, folder: &Path) -> Running {
    let mut command = program::command("pebble", "pebble");
    command.arg("-config").arg(folder.join(CONFIG));
    command.args(["-dnsserver", &format!("127.0.0.1:{}", ports.names)]);
    // Every order is looked at anew, and without the pauses that Pebble makes to try clients' patience.
    command.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0");
    let process = Running::spawn(&mut command, &folder.join("pebble.log"));
    patience::wait_until("Pebble to listen", || {
        port::is_listening(ports.api) && port::is_listening(ports.management)
    });
    process
}

/// The certificate from which all of its certificates come.
fn root(ports: Ports, ca: &Path) -> String {
    let browser = Browser::trusting(&fs::read_to_string(ca).unwrap());
    browser.get("localhost", ports.management, "/roots/0").unwrap().body
}

fn start_names(port: u16, folder: &Path) -> Running {
    let mut command = program::command("pebble-challtestsrv", "pebble");
    command.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]);
    command.args(["-dns01", &format!("127.0.0.1:{port}")]);
    command.args(["-management", &format!("127.0.0.1:{}", port::free())]);
    let process = Running::spawn(&mut command, &folder.join("names.log"));
    patience::wait_until("the name server to listen", || port::is_listening(port));
    process
}

const CONFIG: &str = "pebble.json";
