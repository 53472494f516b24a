//! A screen that nobody sees, for programs that have windows.

use tempfile::TempDir;

use super::patience;
use super::program::{self, Running};

/// A running X server, which asks no caller who it is. It ends when it is dropped.
pub(crate) struct Screen {
    // Before the folder, so that its messages can still be shown after a failure.
    server: Running,
    _folder: TempDir,
    display: String,
}

impl Screen {
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = program::command("Xvfb", "xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "640x360x24", "-ac"]);
        let server = Running::spawn(&mut command, &folder.path().join("screen.log"));
        let number = patience::wait_for("Xvfb to choose a display", || chosen(&server.output()));
        Self { server, _folder: folder, display: format!(":{number}") }
    }

    /// What a program finds it by, in `DISPLAY`.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Screen {
    /// Politely, because a killed one leaves its lock and its socket in /tmp.
    fn drop(&mut self) {
        if self.server.ended().is_none() {
            self.server.terminate();
            patience::poll(patience::LIMIT, || self.server.ended());
        }
    }
}

/// The display's number, which Xvfb writes on a line of its own once it can be called.
fn chosen(output: &str) -> Option<u32> {
    let mut whole_lines = output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    whole_lines.find_map(|line| line.parse().ok())
}
