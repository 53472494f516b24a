//! splitcast as a process that serves HTTPS.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::browser::Browser;
use crate::patience;
use crate::port;
use crate::program::Running;
use crate::relay_process;

/// A relay that was started, and may or may not have a certificate yet.
pub(crate) struct SecureRelay {
    // Before the folder, so that its log can still be shown after a failure.
    process: Running,
    folder: TempDir,
    arguments: Vec<String>,
    rtmp: u16,
    pub(crate) https: u16,
}

impl SecureRelay {
    /// Starts one at the port `https`.
    pub(crate) fn start<S: ToString>(https: u16, arguments: &[S]) -> Self {
        let folder = TempDir::new().unwrap();
        let arguments: Vec<_> = arguments.iter().map(S::to_string).collect();
        let rtmp = port::free();
        let process = launch(folder.path(), rtmp, https, &arguments);
        let mut relay = Self { process, folder, arguments, rtmp, https };
        relay.wait_until_listening();
        relay
    }

    /// Ends it as asked and starts it again on what it left behind.
    pub(crate) fn restart(&mut self) {
        self.process.terminate();
        assert_eq!(self.process.wait().code(), Some(0), "{}", self.log());
        self.process = launch(self.folder.path(), self.rtmp, self.https, &self.arguments);
        self.wait_until_listening();
    }

    /// Waits until `browser` gets an answer from it as `host`.
    pub(crate) fn wait_until_healthy(&self, browser: &Browser, host: &str) {
        patience::wait_until("a good certificate", || {
            browser.get(host, self.https, "/healthz").is_ok_and(|page| page.status == 200)
        });
    }

    /// Tells it to look at its certificate.
    pub(crate) fn hang_up(&self) {
        let line = format!("kill -HUP {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Everything it has written, over all its starts.
    pub(crate) fn log(&self) -> String {
        self.process.output()
    }

    pub(crate) fn wait_until_log_has(&self, text: &str) {
        patience::wait_until(text, || self.log().contains(text));
    }

    fn wait_until_listening(&mut self) {
        patience::wait_until("splitcast to listen", || {
            if let Some(status) = self.process.ended() {
                panic!("splitcast ended with {status}");
            }
            port::is_listening(self.https)
        });
    }
}

fn launch(folder: &Path, rtmp: u16, https: u16, arguments: &[String]) -> Running {
    let mut command = relay_process::command(&folder.join("data"), rtmp, https);
    command.args(arguments).args(["--log", "info,splitcast=debug"]);
    Running::spawn(&mut command, &folder.join("relay.log"))
}
