//! The settings as an owner may see them: all but secrets.

use clap::ValueEnum;

use super::Config;
use super::https::Certificates;

impl Config {
    /// Each setting by its flag's name.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let on_exit = self.on_exit.to_possible_value();
        let path = self.target_ca.as_ref().map(|path| path.display().to_string());
        let https = self.https.as_ref().map(|https| match https.certificates {
            Certificates::Files(_) => "--tls-cert",
            Certificates::Acme(_) => "--acme-domain",
        });
        vec![
            ("--data-dir", self.data_dir.display().to_string()),
            ("--rtmp", self.rtmp.to_string()),
            ("--http", self.http.to_string()),
            ("--metrics", self.metrics.map_or_else(String::new, |address| address.to_string())),
            ("HTTPS", https.unwrap_or("off").to_owned()),
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
