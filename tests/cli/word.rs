//! One run of a command, and a relay to run it on.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use crate::rig::patience::Stopwatch;
use crate::rig::relay_process::{self, Options, Relay};

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("a signal ended it"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What it printed, having done what it should.
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        assert_eq!(self.err, "", "{self:?}");
        self.out
    }

    /// The one sentence with which it refused.
    pub(crate) fn refused(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (1, ""), "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        self.err
    }
}

/// Runs a command on a data folder.
pub(crate) fn run<A: AsRef<OsStr>>(data_dir: &Path, args: &[A]) -> Said {
    let mut command = relay_process::binary();
    command.arg("--data-dir").arg(data_dir).args(args);
    Said::of(command.output().unwrap())
}

/// Runs a command that is told something.
pub(crate) fn run_with_input<A: AsRef<OsStr>>(data_dir: &Path, args: &[A], input: &str) -> Said {
    let mut command = relay_process::binary();
    command.arg("--data-dir").arg(data_dir).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have ended without having listened.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Said::of(child.wait_with_output().unwrap())
}

/// Runs a command and kills it after a while, wherever it then is.
pub(crate) fn run_and_kill(data_dir: &Path, args: &[&str], after: Duration) {
    let mut command = relay_process::binary();
    command.arg("--data-dir").arg(data_dir).args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let watch = Stopwatch::start();
    let mut child = command.spawn().unwrap();
    watch.sleep_until(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A relay whose API is used with a token.
pub(crate) fn relay() -> Relay {
    Relay::start_with(Options { api_token: Some("cli-tests-0123456789"), ..Options::default() })
}
