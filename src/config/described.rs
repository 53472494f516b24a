//! The settings in words that may be shown to strangers: no path, no name, no address, no secret.

use std::net::SocketAddr;

use clap::ValueEnum;

use super::{Args, DATA_DIR};
use crate::net::TrustedProxies;

impl Args {
    /// Each setting by its flag's name.
    pub(super) fn described(&self, has_token: bool) -> Vec<(&'static str, String)> {
        let given = |is_given: bool| if is_given { "given" } else { "not given" }.to_owned();
        let on_exit = self.on_exit.to_possible_value();
        vec![
            ("--data-dir", given(self.data_dir.as_os_str() != DATA_DIR)),
            ("--rtmp", listener(self.rtmp)),
            ("--rtmps", optional(self.tls.rtmps())),
            ("--http", listener(self.http)),
            ("--metrics", optional(self.metrics.as_deref())),
            ("TLS", self.tls.described().to_owned()),
            ("--trusted-proxies", given(self.trusted_proxies != TrustedProxies::default())),
            ("--hosts", count(self.hosts.split(',').filter(|name| !name.trim().is_empty()).count(), "name")),
            ("--allow-targets", policy(&self.allow_targets.to_string())),
            ("--target-ca", given(self.target_ca.as_ref().is_some_and(|path| !path.is_empty()))),
            ("--on-exit", on_exit.map_or_else(String::new, |word| word.get_name().to_owned())),
            ("--workers", number(self.workers.as_deref())),
            ("--log", level(&self.log)),
            ("SPLITCAST_API_TOKEN", given(has_token)),
        ]
    }
}

fn listener(address: SocketAddr) -> String {
    let where_to = match address.ip() {
        ip if ip.is_unspecified() => "every address",
        ip if ip.is_loopback() => "this machine only",
        _ => "one address",
    };
    format!("{where_to}, port {}", address.port())
}

fn optional(text: Option<&str>) -> String {
    match text.filter(|text| !text.is_empty()).map(str::parse) {
        None => "not given".to_owned(),
        Some(Ok(address)) => listener(address),
        Some(Err(_)) => "not an address".to_owned(),
    }
}

fn policy(policy: &str) -> String {
    let (words, networks): (Vec<_>, Vec<_>) =
        policy.split(',').partition(|item| matches!(*item, "public" | "lan"));
    let networks = Some(networks.len()).filter(|number| *number > 0).map(|number| count(number, "network"));
    words.into_iter().map(str::to_owned).chain(networks).collect::<Vec<_>>().join(", ")
}

fn count(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

fn number(text: Option<&str>) -> String {
    match text.filter(|text| !text.is_empty()).map(str::parse::<u16>) {
        None => "not given".to_owned(),
        Some(Ok(number)) => number.to_string(),
        Some(Err(_)) => "not a number".to_owned(),
    }
}

fn level(filter: &str) -> String {
    let is_word = ["error", "warn", "info", "debug", "trace", "off"].contains(&filter);
    if is_word { filter } else { "by part" }.to_owned()
}
