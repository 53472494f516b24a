//! Whether a relay could be started, line by line, and without starting one.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use crate::config::{self, Certificates, Config, Tls};
use crate::machine::{self, Descriptors, Space};
use crate::net::certificates::Chain;
use crate::net::tls;
use crate::store::{self, Onlooker, Schema};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<(Verdict, String)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    /// It works, but somebody should know.
    Doubtful,
    Bad,
}

/// Looks at everything.
pub(super) async fn check(data_dir: &Path, config: Result<Box<Config>, config::Error>) -> Report {
    let mut report = Report::default();
    let is_running = Onlooker::sees_relay(data_dir);
    report.good(match is_running {
        true => "a relay runs on the data folder",
        false => "no relay runs on the data folder",
    });
    match config {
        Ok(config) => report.look_at_settings(&config, is_running).await,
        Err(error) => report.broken(error),
    }
    report.look_at_machine();
    if report.look_at_folder(data_dir) {
        match Onlooker::at(data_dir).await {
            Ok(onlooker) => {
                report.look_at_database(&onlooker).await;
                onlooker.close().await;
            }
            Err(store::Error::NoDatabase { .. }) => {
                report.good("there is no database yet: the first start makes one");
            }
            Err(error) => report.broken(error),
        }
    }
    report
}

impl Report {
    /// Whether nothing is bad.
    pub(super) fn is_good(&self) -> bool {
        self.count(Verdict::Bad) == 0
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.0.iter().filter(|(found, _)| *found == verdict).count()
    }

    fn good(&mut self, what: impl Into<String>) {
        self.0.push((Verdict::Good, what.into()));
    }

    fn doubtful(&mut self, what: impl Into<String>) {
        self.0.push((Verdict::Doubtful, what.into()));
    }

    fn bad(&mut self, what: impl Into<String>) {
        self.0.push((Verdict::Bad, what.into()));
    }

    fn broken(&mut self, error: impl Into<anyhow::Error>) {
        self.bad(format!("{:#}", error.into()));
    }

    async fn look_at_settings(&mut self, config: &Config, is_running: bool) {
        self.good("the settings can be used");
        self.look_at_port(config.rtmp, "--rtmp", is_running);
        self.look_at_port(config.http, "--http", is_running);
        if let Some(metrics) = config.metrics {
            self.look_at_port(metrics, "--metrics", is_running);
        }
        if let Some(tls) = &config.tls {
            self.look_at_tls(tls, is_running).await;
        }
        match tls::trust(config.target_ca.as_deref()) {
            Ok(_) if config.target_ca.is_some() => self.good("the certificates of --target-ca can be read"),
            Ok(_) => {}
            Err(error) => self.broken(error),
        }
    }

    async fn look_at_tls(&mut self, tls: &Tls, is_running: bool) {
        if let Some(rtmps) = tls.rtmps {
            self.look_at_port(rtmps, "--rtmps", is_running);
        }
        if let Some(redirect) = tls.redirect {
            self.look_at_port(redirect, "--redirect-http", is_running);
        }
        match &tls.certificates {
            Certificates::Files(files) => match files.load().await {
                Ok(chain) => self.look_at_certificate(&chain),
                Err(error) => self.broken(error),
            },
            Certificates::Acme(settings) => match settings.trust() {
                Ok(_) => self.good("the certificate of --acme-domain is asked for by the relay"),
                Err(error) => self.broken(error),
            },
        }
    }

    fn look_at_certificate(&mut self, chain: &Chain) {
        match chain.days_left() {
            _ if chain.is_expired() => self.bad("the certificate of --tls-cert has expired: renew it"),
            _ if chain.is_early() => {
                self.bad("the certificate of --tls-cert is not valid yet: is the clock set right?");
            }
            days @ 0..SOON => self.doubtful(format!(
                "the certificate of --tls-cert expires in {days} days: renew it, the relay reads it again by itself"
            )),
            days => self.good(format!("the certificate of --tls-cert has its key, and {days} days left")),
        }
    }

    fn look_at_port(&mut self, address: SocketAddr, flag: &str, is_running: bool) {
        match TcpListener::bind(address) {
            Ok(_) => self.good(format!("{address} ({flag}) is free")),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_running => {
                self.good(format!("{address} ({flag}) is in use, as it is while a relay runs"));
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => self.bad(format!(
                "{address} ({flag}) is in use: stop the program that uses it, or choose another port"
            )),
            Err(error) => self.bad(format!("{address} ({flag}) cannot be used: {error}")),
        }
    }

    fn look_at_machine(&mut self) {
        let limit = Descriptors::limit();
        if limit < FEW_DESCRIPTORS {
            self.doubtful(format!(
                "only {limit} connections and files may be open at once: allow more (LimitNOFILE, ulimit -n)"
            ));
        }
    }

    /// Whether there is a folder to look into.
    fn look_at_folder(&mut self, data_dir: &Path) -> bool {
        let shown = data_dir.display();
        if !data_dir.exists() {
            self.good(format!("the data folder {shown} is not there yet: the first start makes it"));
            return false;
        }
        if !data_dir.is_dir() || !machine::is_writable(data_dir) {
            self.bad(format!("the data folder {shown} is no folder that this user may write to"));
            return data_dir.is_dir();
        }
        self.good(format!("the data folder {shown} can be written to"));
        for path in [data_dir.to_owned(), data_dir.join("splitcast.key")] {
            if machine::is_open_to_others(&path) {
                self.doubtful(format!("other users may read {}: run chmod go= on it", path.display()));
            }
        }
        if let Some(space) = Space::beside(data_dir).filter(|space| space.is_low()) {
            self.doubtful(format!("only {} MiB are free on the data folder's disk", space.free >> 20));
        }
        true
    }

    async fn look_at_database(&mut self, onlooker: &Onlooker) {
        match onlooker.complaints().await {
            Ok(complaints) if complaints.is_empty() => self.good("the database is sound"),
            Ok(complaints) => self.bad(format!(
                "the database is damaged, restore a backup with \"splitcast restore\": {}",
                complaints.join("; ")
            )),
            Err(error) => self.broken(error),
        }
        self.look_at_schema(onlooker).await;
        match onlooker.now().await {
            Ok((now, true)) => self.good(format!("the clock says {now} UTC")),
            Ok((now, false)) => self.bad(format!("the clock says {now} UTC: set it right")),
            Err(error) => self.broken(error),
        }
    }

    async fn look_at_schema(&mut self, onlooker: &Onlooker) {
        match onlooker.schema().await {
            Ok((Schema::Current, version)) => {
                self.good(format!("the database has this version's schema, {version}"));
                self.look_at_content(onlooker).await;
            }
            Ok((Schema::Older, version)) => self.good(format!(
                "the database has schema {version} of an earlier version: the next start brings it up to date"
            )),
            Ok((Schema::Newer, version)) => self.bad(format!(
                "the database has schema {version} of another version of splitcast: install the newest one"
            )),
            Err(error) => self.broken(error),
        }
    }

    async fn look_at_content(&mut self, onlooker: &Onlooker) {
        match onlooker.open_all().await {
            Ok(values) => self.good(format!("the key file opens all {values} sealed values")),
            Err(error) => self.broken(error),
        }
        match onlooker.clock_is_behind().await {
            Ok(None) => {}
            Ok(Some(behind)) => self.doubtful(format!(
                "the clock is {} s behind the newest entry of the database: is it set right?",
                behind.as_secs()
            )),
            Err(error) => self.broken(error),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (verdict, what) in &self.0 {
            let mark = match verdict {
                Verdict::Good => "ok",
                Verdict::Doubtful => "warn",
                Verdict::Bad => "FAIL",
            };
            writeln!(f, "{mark:<5} {what}")?;
        }
        match (self.count(Verdict::Bad), self.count(Verdict::Doubtful)) {
            (0, 0) => writeln!(f, "All is well."),
            (0, _) => writeln!(f, "A relay can be started; see what is marked with warn."),
            _ => writeln!(f, "Put right what is marked with FAIL."),
        }
    }
}

/// Days before a certificate expires when somebody should know.
const SOON: u64 = 14;

/// Fewer than this, and a busy relay runs out: each encoder, target and page takes one.
const FEW_DESCRIPTORS: u64 = 1024;
