//! A program run by a test: found or missed with a sentence, its output kept, never left behind.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::patience;

/// A child process whose output goes to a file. It is killed when dropped.
pub(crate) struct Running {
    name: OsString,
    child: Child,
    output: PathBuf,
}

impl Running {
    /// Starts `command` with both its outputs appended to the file `output`.
    pub(crate) fn spawn(command: &mut Command, output: &Path) -> Self {
        let log = File::options().append(true).create(true).open(output).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {:?}: {error}", command.get_program()));
        Self { name: command.get_program().to_owned(), child, output: output.to_path_buf() }
    }

    /// The number the system knows the process by.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything the program has written so far.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.output).unwrap()).into_owned()
    }

    /// The exit status if the program has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits until the program ends by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        patience::poll(LONGEST_RUN, || self.ended()).unwrap_or_else(|| {
            panic!("a program did not end in {LONGEST_RUN:?}; it said:\n{}", self.output())
        })
    }

    /// Asks the program to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        let line = format!("kill -TERM {}", self.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    }

    /// Ends the program at once, without its knowing.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    #[expect(clippy::print_stderr, reason = "a failed test shows what its programs said")]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let said = fs::read(&self.output).unwrap_or_default();
            eprintln!("--- {}:\n{}", self.name.display(), String::from_utf8_lossy(&said));
        }
    }
}

/// A command for the program `name`, or a failure that says which Debian package brings it.
pub(crate) fn command(name: &str, package: &str) -> Command {
    let Some(path) = find(name.as_ref()) else {
        panic!("{name} is not installed: run tests/run as root, or apt-get install {package}");
    };
    Command::new(path)
}

/// Looks where Debian puts programs too, since /usr/sbin is often not on a user's search path.
fn find(name: &OsStr) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// Longer than any clip plus any wait within a program.
const LONGEST_RUN: Duration = Duration::from_secs(60);
