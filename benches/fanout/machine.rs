//! Where and when results were got, without which they mean little.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

/// The machine, its system, the versions of the programs, and the time.
pub(crate) fn describe() -> Value {
    json!({
        "date": output("date", &["-u", "+%FT%TZ"]),
        "cpu": field("/proc/cpuinfo", "model name"),
        "cpus": cpus(),
        "kernel": first_line("/proc/sys/kernel/osrelease"),
        "congestion_control": first_line("/proc/sys/net/ipv4/tcp_congestion_control"),
        "splitcast": output(env!("CARGO_BIN_EXE_splitcast"), &["--version"]),
        "nginx": output("/usr/sbin/nginx", &["-v"]),
        "stunnel": output("stunnel4", &["-version"]),
    })
}

/// The same as a line for people.
pub(crate) fn line(machine: &Value) -> String {
    let words = ["date", "cpu", "kernel", "congestion_control", "splitcast", "nginx"]
        .map(|name| machine[name].as_str().unwrap_or("unknown").to_owned());
    words.join(", ")
}

fn first_line(file: &str) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.lines().next()?.to_owned())
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// All of them, also those that this process is kept off.
fn cpus() -> Option<usize> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    Some(text.lines().filter(|line| line.starts_with("processor")).count())
}

/// The first line that a program writes about itself, wherever it does.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find(|line| line.contains(|letter: char| letter.is_ascii_digit()))?;
    Some(line.trim().to_owned())
}
