//! Builds the page of `web/` into `web/dist`, which the binary embeds.
//!
//! A fingerprint of the sources lies in `web/dist`. While it matches, nothing is run and Node.js is
//! not needed, whatever the files' times say after a checkout or a copy.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

fn main() -> Result<(), Failure> {
    announce_inputs();
    let fingerprint = fingerprint()?;
    if fs::read_to_string(STAMP).is_ok_and(|built| built == fingerprint) {
        return Ok(());
    }
    check_node()?;
    if packages_are_stale() {
        // Everything needed to build is a development dependency, which NODE_ENV may leave out.
        npm(&["ci", "--include=dev"])?;
    }
    npm(&["run", "build"])?;
    stamp(&fingerprint).map_err(|error| Failure::file(STAMP, &error))
}

fn announce_inputs() {
    println!("cargo:rerun-if-changed=build.rs");
    // They are compiled in by a macro, through which Cargo does not see that one was added.
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed={STAMP}");
    for input in INPUTS {
        println!("cargo:rerun-if-changed={input}");
    }
}

/// Path and content of every input, as one number in hexadecimal (FNV-1a).
fn fingerprint() -> Result<String, Failure> {
    let mut files = Vec::new();
    for input in INPUTS {
        collect(Path::new(input), &mut files).map_err(|error| Failure::file(input, &error))?;
    }
    files.sort();
    let mut hash = Fnv::default();
    for file in files {
        let content = fs::read(&file).map_err(|error| Failure::file(&file, &error))?;
        hash.write(file.to_string_lossy().replace('\\', "/").as_bytes());
        hash.write(&content.len().to_le_bytes());
        hash.write(&content);
    }
    Ok(format!("{:016x}\n", hash.0))
}

/// Adds the file at `path`, or all files below it. Unit tests do not go into the page.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if !path.to_string_lossy().ends_with(".test.ts") {
        files.push(path.to_owned());
    }
    Ok(())
}

/// Fails with a sentence where Node.js is missing or too old.
fn check_node() -> Result<(), Failure> {
    let Ok(answer) = Command::new("node").arg("--version").output() else {
        return Err(Failure::NoNode);
    };
    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => Err(Failure::OldNode(version)),
    }
}

/// npm leaves its own copy of the lock file behind: without one, or with an older one, it must run.
fn packages_are_stale() -> bool {
    let modified = |path| fs::metadata(path).and_then(|file| file.modified());
    match (modified("web/node_modules/.package-lock.json"), modified("web/package-lock.json")) {
        (Ok(installed), Ok(wanted)) => installed < wanted,
        _ => true,
    }
}

fn npm(arguments: &[&str]) -> Result<(), Failure> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program).args(arguments).current_dir("web").output();
    match output {
        Err(_) => Err(Failure::NoNode),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Failure::Npm(arguments.join(" "), output)),
    }
}

/// Writes the stamp, and sets its time far back: Cargo runs this script again when an input is
/// newer than the script's last start, and the stamp is an input only so that its loss is noticed.
fn stamp(fingerprint: &str) -> io::Result<()> {
    fs::write(STAMP, fingerprint)?;
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(24 * 60 * 60);
    File::options().write(true).open(STAMP)?.set_modified(long_ago)
}

/// Hashes alike under every version of Rust, which the standard library's hasher does not promise.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Why the page was not built.
enum Failure {
    NoNode,
    OldNode(String),
    Npm(String, Output),
    File(String),
}

impl Failure {
    fn file(path: impl AsRef<Path>, error: &io::Error) -> Self {
        Self::File(format!("{}: {error}", path.as_ref().display()))
    }
}

// `main` shows its error by Debug.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNode => write!(f, "Node.js and npm were not found: {INSTALL}"),
            Self::OldNode(version) => write!(f, "Node.js {version} is too old: {INSTALL}"),
            Self::File(problem) => write!(f, "the page cannot be built: {problem}"),
            Self::Npm(arguments, output) => write!(
                f,
                "the page cannot be built: npm {arguments} failed in web/\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }
}

/// What the page is made of; folders with all that is in them.
const INPUTS: [&str; 9] = [
    "web/src",
    "web/public",
    "web/api-docs.html",
    "web/index.html",
    "web/package.json",
    "web/package-lock.json",
    "web/svelte.config.js",
    "web/tsconfig.json",
    "web/vite.config.ts",
];

const STAMP: &str = "web/dist/.fingerprint";
const OLDEST_NODE: u32 = 20;
const INSTALL: &str = "install Node.js 20 or newer to build the page in web/ \
    (a web/dist that was built from the same sources is used without it)";
