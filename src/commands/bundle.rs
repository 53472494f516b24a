//! A description of an installation that may be shown to everybody: plain text, so that who passes it on
//! can read it first.
//!
//! What goes in is chosen word by word; nothing is taken over and then cleaned. No keys, tokens, names,
//! paths or addresses; of a target's host only which well-known platform it belongs to.

use std::fmt::Write;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use crate::machine::{self, Descriptors, Memory, Space};
use crate::model::Platform;
use crate::rtmp::url::RtmpUrl;
use crate::store::{self, Onlooker, Schema, SeenTarget, Trouble};

/// Events shown of each target.
const EVENTS: u16 = 10;

/// Everything worth knowing.
pub(super) async fn describe(data_dir: &Path, settings: &[(&'static str, String)]) -> String {
    let mut text = Text::default();
    text.say("splitcast support bundle");
    text.say("Keys, tokens, names, paths and addresses are left out. Read it before you pass it on.");
    about_program(&mut text);
    about_machine(&mut text, data_dir);
    text.head("Settings");
    for (name, value) in settings {
        text.fact(name, value);
    }
    about_folder(&mut text, data_dir).await;
    text.0
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn say(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn head(&mut self, head: &str) {
        let _ = write!(self.0, "\n[{head}]\n");
    }

    fn fact(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}: {value}");
    }

    fn maybe(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        match value {
            Some(value) => self.fact(name, value),
            None => self.fact(name, "unknown"),
        }
    }
}

fn about_program(text: &mut Text) {
    text.head("Program");
    text.fact("version", env!("CARGO_PKG_VERSION"));
    text.fact("build", if cfg!(debug_assertions) { "debug" } else { "release" });
    text.fact("for", format_args!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
}

fn about_machine(text: &mut Text, data_dir: &Path) {
    text.head("Machine");
    text.maybe("system", machine::name());
    text.maybe("kernel", machine::kernel());
    text.maybe("processors", std::thread::available_parallelism().ok());
    let memory = Memory::now();
    text.maybe("memory", memory.map(|memory| mib(memory.total)));
    text.maybe("memory available", memory.map(|memory| mib(memory.available)));
    text.maybe("memory allowed", Some(Memory::allowed().map_or_else(|| "all".to_owned(), mib)));
    text.fact(
        "files allowed",
        match Descriptors::limit() {
            u64::MAX => "any number".to_owned(),
            limit => limit.to_string(),
        },
    );
    let space = Space::beside(data_dir);
    text.maybe("disk", space.map(|space| mib(space.total)));
    text.maybe("disk free", space.map(|space| mib(space.free)));
}

async fn about_folder(text: &mut Text, data_dir: &Path) {
    text.head("Data folder");
    text.fact("a relay runs", yes(Onlooker::sees_relay(data_dir)));
    for name in ["splitcast.db", "splitcast.db-wal", "splitcast.key"] {
        let size = fs::metadata(data_dir.join(name)).map(|file| format!("{} bytes", file.len()));
        text.fact(name, size.unwrap_or_else(|_| "not there".to_owned()));
    }
    match Onlooker::at(data_dir).await {
        Ok(onlooker) => {
            about_database(text, &onlooker).await;
            about_targets(text, &onlooker).await;
            onlooker.close().await;
        }
        Err(error) => text.fact("database", unreadable(error)),
    }
}

async fn about_database(text: &mut Text, onlooker: &Onlooker) {
    text.head("Database");
    text.fact(
        "sound",
        match onlooker.complaints().await {
            Ok(complaints) if complaints.is_empty() => "yes".to_owned(),
            Ok(complaints) => format!("no, {} complaints", complaints.len()),
            Err(error) => unreadable(error),
        },
    );
    text.fact(
        "schema",
        match onlooker.schema().await {
            Ok((Schema::Current, version)) => format!("{version}, this version's"),
            Ok((Schema::Older, version)) => format!("{version}, an earlier version's"),
            Ok((Schema::Newer, version)) => format!("{version}, another version's"),
            Err(error) => unreadable(error),
        },
    );
    text.fact(
        "sealed values",
        match onlooker.open_all().await {
            Ok(values) => format!("all {values} open"),
            Err(error) => unreadable(error),
        },
    );
    match onlooker.clock_is_behind().await {
        Ok(Some(behind)) => {
            text.fact("clock", format_args!("{} s behind the newest entry", behind.as_secs()))
        }
        Ok(None) => text.fact("clock", "not behind the newest entry"),
        Err(error) => text.fact("clock", unreadable(error)),
    }
    match onlooker.counts().await {
        Ok(counts) => counts.into_iter().for_each(|(table, count)| text.fact(&table, count)),
        Err(error) => text.fact("counts", unreadable(error)),
    }
}

async fn about_targets(text: &mut Text, onlooker: &Onlooker) {
    text.head("Targets, with their last events, newest first (UTC)");
    match onlooker.targets(EVENTS).await {
        Ok(targets) => targets.iter().for_each(|target| about_target(text, target)),
        Err(error) => text.fact("targets", unreadable(error)),
    }
}

fn about_target(text: &mut Text, target: &SeenTarget) {
    text.say(&format!(
        "target {} of stream {}: {}; second address: {}; switched on: {}; started: {}",
        target.id,
        target.stream,
        target.url.as_ref().map_or_else(|| "an address that does not open".to_owned(), place),
        yes(target.has_backup),
        yes(target.enabled),
        yes(target.started),
    ));
    for event in &target.last {
        text.say(&format!(
            "  {} {} step={} kind={} attempt={}",
            event.at,
            event.state,
            event.step.as_deref().unwrap_or("-"),
            event.kind.as_deref().unwrap_or("-"),
            event.attempt,
        ));
    }
}

/// Where a target is, without saying it.
fn place(url: &RtmpUrl) -> String {
    let host = match url.host().parse::<IpAddr>() {
        Ok(address) if is_private(address) => "a private address",
        Ok(_) => "a public address",
        Err(_) if url.host().eq_ignore_ascii_case("localhost") => "this machine",
        Err(_) => Platform::of_host(url.host()).map_or("another host", |platform| platform.name),
    };
    let port = if url.port() == url.scheme().default_port() { "" } else { ", another port" };
    format!("{} to {host}{port}", url.scheme().as_str())
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Errors name paths.
fn unreadable(error: store::Error) -> String {
    let what = match error {
        store::Error::NoDatabase { .. } => "there is none",
        store::Error::Damaged { .. } => "damaged",
        store::Error::KeyMissing { .. } => "the key file is missing",
        store::Error::KeyDamaged { .. } => "the key file is damaged",
        store::Error::KeyWrong { .. } => "the key file is another database's",
        store::Error::Row { .. } => "a row is damaged",
        error => Trouble::from(error).as_str(),
    };
    format!("cannot be read: {what}")
}

fn yes(so: bool) -> &'static str {
    if so { "yes" } else { "no" }
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_its_kind() {
        for (url, place) in [
            ("rtmps://a.rtmps.youtube.com:443/live2", "rtmps to YouTube"),
            ("rtmp://live.twitch.tv/app?auth=canary", "rtmp to Twitch"),
            ("rtmp://studio.canary.example:7777/canary", "rtmp to another host, another port"),
            ("rtmp://192.168.7.7/live", "rtmp to a private address"),
            ("rtmp://[fd00::1]/live", "rtmp to a private address"),
            ("rtmp://203.0.113.9/live", "rtmp to a public address"),
            ("rtmp://LOCALHOST/live", "rtmp to this machine"),
        ] {
            assert_eq!(super::place(&RtmpUrl::parse(url).unwrap()), place, "{url}");
        }
    }
}
