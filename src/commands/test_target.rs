//! A test of an address and its key, told step by step.

use std::fs::File;
use std::io::{Read, Write, stdout};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::config::TargetTest;
use crate::machine::terminal;
use crate::model::{Endpoint, completed, completed_with_key};
use crate::net::{Dialer, Guard, tls};
use crate::relay::probe::{ProbeOutcome, ProbeReport, Prober, Stepped, warnings};
use crate::rtmp::auth::{Login, Password};
use crate::rtmp::url::{self, RtmpUrl, StreamKey, split_login};

/// Tests a target, and tells each step when it is over; whether it would take a stream.
pub(super) async fn test(asked: TargetTest) -> anyhow::Result<bool> {
    let endpoint = endpoint(&asked)?;
    let trust = tls::trust(asked.target_ca.as_deref())?;
    let dialer = Dialer::new(Guard::new(asked.allow_targets, asked.own), trust);
    for warning in warnings(&endpoint) {
        say(&format!("{:<5} {warning}", "warn"))?;
    }
    // Who does not listen any more is told nothing, and learns it from the exit code.
    let report = Prober::new(Arc::new(dialer)).probe(&endpoint, &|step| drop(say(&line(step)))).await;
    say(&end(&report))?;
    Ok(report.outcome == ProbeOutcome::Accepted)
}

/// What is tested: the key is the address's last part, or in a file, or asked for.
fn endpoint(asked: &TargetTest) -> anyhow::Result<Endpoint> {
    if asked.has_more {
        bail!(
            "the key is not taken as a word of its own: write it into a file for --key-file, or leave it out \
             to be asked for it"
        );
    }
    let (text, halves) = split_login(asked.url.expose())?;
    let server = || RtmpUrl::parse(&completed(&text));
    let (url, key) = match &asked.key_file {
        Some(file) if file != Path::new("-") => (server()?, from_file(file)?),
        Some(_) => (server()?, ask()?),
        None => match RtmpUrl::parse_with_key(&completed_with_key(&text)) {
            Err(url::Error::NoKey) => (server()?, ask()?),
            parsed => parsed?,
        },
    };
    let login = match (halves.user, halves.password) {
        (Some(user), Some(password)) => Some(Login { user, password }),
        (Some(user), None) => Some(Login { user, password: ask_password()? }),
        (None, Some(_)) => {
            bail!("a password needs its user name before it, as in rtmp://user:password@host/app")
        }
        (None, None) => None,
    };
    Ok(Endpoint { url, key, login })
}

fn from_file(file: &Path) -> anyhow::Result<StreamKey> {
    let mut text = zeroize::Zeroizing::new(String::new());
    File::open(file)
        .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        .with_context(|| format!("the key cannot be read from {}", file.display()))?;
    Ok(StreamKey::parse(text.trim_ascii_end())?)
}

fn ask() -> anyhow::Result<StreamKey> {
    let key = terminal::read_unseen("Stream key: ").context("the key cannot be read")?;
    Ok(StreamKey::parse(key.expose())?)
}

fn ask_password() -> anyhow::Result<Password> {
    let password = terminal::read_unseen("Password: ").context("the password cannot be read")?;
    Ok(Password::parse(password.expose())?)
}

fn line(step: &Stepped) -> String {
    let mark = if step.passed { "ok" } else { "FAIL" };
    let took = format!("{} ms", step.took.as_millis());
    format!("{mark:<5} {:<13} {took:>8}  {}", step.step.as_str(), step.words)
}

fn end(report: &ProbeReport) -> String {
    let mut lines = vec![format!("Outcome: {}", report.outcome.as_str())];
    if report.outcome == ProbeOutcome::Accepted {
        lines.push(report.sentence.clone());
        lines.extend(report.caveats.iter().cloned());
    }
    lines.join("\n")
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(stdout(), "{line}").context("the standard output cannot be written to")
}

/// Longer than any key, in bytes.
const LONGEST: u64 = 4096;
