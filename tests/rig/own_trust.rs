//! Trust in one authority for a program that asks the system alone whom to trust.
//!
//! The program is run with mounts of its own, where another folder lies over that of the system's
//! authorities. Nobody else sees it there, and it is gone with the program.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::authority::Authority;
use super::program;

/// A folder with one authority, and the way to show it to a program.
pub(crate) struct OwnTrust {
    folder: TempDir,
    way: &'static [&'static str],
}

impl OwnTrust {
    /// `None`, which it says loudly, where the tester may not have mounts of their own.
    pub(crate) fn of(authority: &Authority) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let Some(way) = WAYS.into_iter().find(|way| is_open(way, folder.path())) else {
            // Not printed, which would be shown only after a failure.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: this user may not mount over {TRUSTED} in a mount namespace; run it as root"
            );
            return None;
        };
        authority.write_to(folder.path());
        Some(Self { folder, way })
    }

    /// `command` for a program that trusts this authority alone.
    pub(crate) fn command(&self, command: &Command) -> Command {
        let mut trusting = mounting(self.way, self.folder.path());
        trusting.arg(command.get_program()).args(command.get_args());
        trusting
    }
}

fn is_open(way: &[&str], folder: &Path) -> bool {
    let mut attempt = mounting(way, folder);
    attempt.arg("true").stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

/// Mounts `folder` in a namespace that is reached by `way`, and runs there what comes as further arguments.
fn mounting(way: &[&str], folder: &Path) -> Command {
    let mut command = program::command("unshare", "util-linux");
    let script = format!("mount --bind \"$0\" {TRUSTED} && exec \"$@\"");
    command.args(way).args(["--propagation", "private", "sh", "-c", &script]).arg(folder);
    command
}

/// Where Debian keeps the authorities that are trusted.
const TRUSTED: &str = "/etc/ssl/certs";

/// Arguments of `unshare`, for root and for whom the kernel lets be root in a namespace.
const WAYS: [&[&str]; 2] = [&["--mount"], &["--mount", "--user", "--map-root-user"]];
