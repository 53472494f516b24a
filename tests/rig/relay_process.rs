//! The splitcast binary as a process: started on free ports with a data folder of its own, ended
//! politely or not, and started again on what it left behind.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tempfile::TempDir;

use super::patience;
use super::port;
use super::program::Running;
use super::rest::Api;

/// What a test may want to be different.
pub(crate) struct Options {
    pub(crate) log: &'static str,
    pub(crate) allow_targets: &'static str,
    pub(crate) target_ca: Option<PathBuf>,
    pub(crate) api_token: Option<&'static str>,
    /// What targets are told when the relay is asked to end, if not what is usual.
    pub(crate) on_exit: Option<&'static str>,
    /// Where its numbers are served, if anywhere.
    pub(crate) metrics_port: Option<u16>,
    /// More of its flags.
    pub(crate) flags: Vec<String>,
    /// What is done at the place of the data folder before the relay begins there.
    pub(crate) prepare: Option<fn(&Path)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            log: "info,splitcast=debug",
            allow_targets: "lan",
            target_ca: None,
            api_token: Some(TOKEN),
            on_exit: None,
            metrics_port: None,
            flags: Vec::new(),
            prepare: None,
        }
    }
}

/// A relay that has said it is healthy.
pub(crate) struct Relay {
    // Before the folder, so that its log can still be shown after a failure.
    process: Running,
    folder: TempDir,
    options: Options,
    rtmp_port: u16,
    http_port: u16,
}

impl Relay {
    pub(crate) fn start() -> Self {
        Self::start_with(Options::default())
    }

    pub(crate) fn start_with(options: Options) -> Self {
        let folder = TempDir::new().unwrap();
        let (rtmp_port, http_port) = (port::free(), port::free());
        if let Some(prepare) = options.prepare {
            prepare(&data_dir(folder.path()));
        }
        let process = launch(&options, folder.path(), rtmp_port, http_port);
        let mut relay = Self { process, folder, options, rtmp_port, http_port };
        relay.wait_until_healthy();
        relay
    }

    /// Starts it again, after it has ended, on the same ports with the same data.
    pub(crate) fn restart(&mut self) {
        self.process = launch(&self.options, self.folder.path(), self.rtmp_port, self.http_port);
        self.wait_until_healthy();
    }

    /// Ends it at once, without its knowing.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.process.terminate();
        self.process.wait()
    }

    /// The number the system knows the process by.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn api(&self) -> Api {
        Api::new(self.http_port, self.options.api_token)
    }

    pub(crate) fn http_port(&self) -> u16 {
        self.http_port
    }

    pub(crate) fn rtmp_port(&self) -> u16 {
        self.rtmp_port
    }

    /// Where an encoder publishes the stream with `key`.
    pub(crate) fn ingest_url(&self, key: &str) -> String {
        format!("rtmp://127.0.0.1:{}/live/{key}", self.rtmp_port)
    }

    /// A folder for the files of this test; it goes with the relay.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        data_dir(self.folder.path())
    }

    /// Everything it has written to its standard outputs, over all its starts.
    pub(crate) fn log(&self) -> String {
        self.process.output()
    }

    fn wait_until_healthy(&mut self) {
        let api = self.api();
        patience::wait_until("splitcast to be healthy", || {
            if let Some(status) = self.process.ended() {
                panic!("splitcast ended with {status}:\n{}", self.process.output());
            }
            api.is_healthy()
        });
    }
}

/// The command line for a relay with its data in `data_dir`.
pub(crate) fn command(data_dir: &Path, rtmp_port: u16, http_port: u16) -> Command {
    let mut command = binary();
    command
        .arg("--data-dir")
        .arg(data_dir)
        .args(["--rtmp", &format!("127.0.0.1:{rtmp_port}")])
        .args(["--http", &format!("127.0.0.1:{http_port}")]);
    command
}

/// The program, unmoved by the tester's environment.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_splitcast"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SPLITCAST_") {
            command.env_remove(name);
        }
    }
    command
}

fn launch(options: &Options, folder: &Path, rtmp_port: u16, http_port: u16) -> Running {
    let mut command = command(&data_dir(folder), rtmp_port, http_port);
    command.env("SPLITCAST_LOG", options.log);
    command.args(["--allow-targets", options.allow_targets]);
    if let Some(file) = &options.target_ca {
        command.arg("--target-ca").arg(file);
    }
    if let Some(word) = options.on_exit {
        command.args(["--on-exit", word]);
    }
    if let Some(port) = options.metrics_port {
        command.env("SPLITCAST_METRICS", format!("127.0.0.1:{port}"));
    }
    command.args(&options.flags);
    if let Some(token) = options.api_token {
        command.env("SPLITCAST_API_TOKEN", token);
    }
    Running::spawn(&mut command, &folder.join("relay.log"))
}

/// What a relay lets programs do everything with, unless a test wants it otherwise.
pub(crate) const TOKEN: &str = "token-of-the-tests";

fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}
