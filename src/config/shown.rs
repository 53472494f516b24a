//! The settings as an owner may see them: all but secrets.

use clap::ValueEnum;

use super::Config;
use super::tls::Certificates;

impl Config {
    /// Each setting by its flag's name.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let on_exit = self.on_exit.to_possible_value();
        let path = self.target_ca.as_ref().map(|path| path.display().to_string());
        let tls = self.tls.as_ref();
        let source = tls.map(|tls| match tls.certificates {
            Certificates::Files(_) => "--tls-cert",
            Certificates::Acme(_) => "--acme-domain",
        });
        let https = source.filter(|_| tls.is_some_and(|tls| tls.https));
        let rtmps = tls.and_then(|tls| tls.rtmps);
        vec![
            ("--data-dir", self.data_dir.display().to_string()),
            ("--rtmp", self.rtmp.to_string()),
            ("--rtmps", rtmps.map_or_else(String::new, |address| address.to_string())),
            ("--http", self.http.to_string()),
            ("--metrics", self.metrics.map_or_else(String::new, |address| address.to_string())),
            ("HTTPS", https.unwrap_or("off").to_owned()),
            ("RTMPS", source.unwrap_or("off").to_owned()),
            ("--trusted-proxies", self.trusted_proxies.to_string()),
            ("--hosts", self.hosts.join(",")),
            ("--allow-targets", self.allow_targets.to_string()),
            ("--target-ca", path.unwrap_or_default()),
            ("--on-exit", on_exit.map_or_else(String::new, |word| word.get_name().to_owned())),
            ("--workers", self.workers.to_string()),
            ("SPLITCAST_API_TOKEN", if self.api_token.is_some() { "given" } else { "" }.to_owned()),
        ]
    }
}
