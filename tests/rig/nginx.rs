//! nginx with its RTMP module: a target that nobody here wrote, recording what it is given.
//!
//! A recording grows in one folder and is moved to another by nginx itself when its publisher has
//! gone, so a file seen there is complete.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::flv::{self, Packet};
use super::patience;
use super::port;
use super::program::{self, Running};

/// A running server. It ends, and its recordings go, when it is dropped.
pub(crate) struct Nginx {
    // Before the folder, so that its messages can still be shown after a failure.
    process: Running,
    folder: TempDir,
    port: u16,
}

impl Nginx {
    /// Starts a server with two applications: `live` records every stream, `refuse` lets nobody publish.
    pub(crate) fn start() -> Self {
        // Whom nobody answers, nginx turns away.
        Self::start_asking(port::free())
    }

    /// The same with an application `ask`, which asks an HTTP server on a port who may publish.
    pub(crate) fn start_asking(http_port: u16) -> Self {
        assert!(
            Path::new(MODULE).exists(),
            "nginx's RTMP module is not installed: run tests/run as root, or apt-get install libnginx-mod-rtmp"
        );
        let port = port::free();
        let folder = TempDir::new().unwrap();
        for name in ["growing", "complete"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("nginx.conf"), configuration(port, http_port, folder.path())).unwrap();
        let process = launch(folder.path(), port);
        Self { process, folder, port }
    }

    /// Ends it at once, with all its connections.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again, after it has ended, on the same port with the same recordings.
    pub(crate) fn restart(&mut self) {
        self.process = launch(self.folder.path(), self.port);
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address of the application that records; the key is the recording's name.
    pub(crate) fn url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/live", self.port)
    }

    /// The address of the application that says yes to a publisher and then hangs up.
    pub(crate) fn refusing_url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/refuse", self.port)
    }

    /// The address of the application that asks who may publish.
    pub(crate) fn asking_url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/ask", self.port)
    }

    /// All recordings of the stream `key`, oldest first, of which the last may go on. The empty ones,
    /// which a refused publisher leaves, do not count.
    pub(crate) fn all_recorded(&self, key: &str) -> Vec<Vec<Packet>> {
        let mut files = self.files("complete", key);
        files.extend(self.files("growing", key));
        files.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
        files
            .iter()
            .map(|file| flv::parse(&fs::read(file).unwrap_or_default()).unwrap())
            .filter(|recording| !recording.is_empty())
            .collect()
    }

    /// The file of the only recording of the stream `key`, once it is complete.
    pub(crate) fn recording_file(&self, key: &str) -> PathBuf {
        self.files("complete", key).remove(0)
    }

    /// What has been recorded so far of the stream `key`, whether it goes on or not.
    pub(crate) fn recorded(&self, key: &str) -> Vec<Packet> {
        let file = self.files("growing", key).pop().or_else(|| self.files("complete", key).pop());
        // A file may be moved between being seen and being read.
        let bytes = file.and_then(|file| fs::read(file).ok()).unwrap_or_default();
        flv::parse(&bytes).unwrap()
    }

    /// The recordings of the stream `key` that are complete, oldest first.
    pub(crate) fn complete(&self, key: &str) -> Vec<Vec<Packet>> {
        self.files("complete", key).iter().map(|file| flv::read(file)).collect()
    }

    /// Waits for the stream `key` to end and gives its only recording.
    pub(crate) fn recording(&self, key: &str) -> Vec<Packet> {
        let what = format!("a complete recording of {key}");
        let mut recordings = patience::wait_for(&what, || {
            Some(self.complete(key)).filter(|recordings| !recordings.is_empty())
        });
        assert_eq!(recordings.len(), 1, "{key} was published more than once");
        recordings.remove(0)
    }

    /// nginx appends the second at which a recording began to its name; of two that begin in the same
    /// second only the later one is kept.
    fn files(&self, folder: &str, key: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.folder.path().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|file| recorded_key(file) == Some(key))
            .collect();
        files.sort();
        files
    }
}

fn recorded_key(file: &Path) -> Option<&str> {
    file.file_stem()?.to_str()?.rsplit_once('-').map(|(key, _)| key)
}

fn launch(folder: &Path, port: u16) -> Running {
    let process = Running::spawn(&mut command(folder), &folder.join("output.log"));
    patience::wait_until("nginx to listen", || port::is_listening(port));
    process
}

fn command(folder: &Path) -> Command {
    let mut command = program::command("nginx", "nginx");
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
    command.arg("-e").arg(folder.join("error.log"));
    command
}

/// One process, so that killing it leaves none behind.
fn configuration(port: u16, http_port: u16, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "load_module {MODULE};
        daemon off;
        master_process off;
        pid {folder}/nginx.pid;
        events {{ worker_connections 64; }}
        rtmp {{
            access_log off;
            server {{
                listen 127.0.0.1:{port};
                chunk_size 4096;
                application live {{
                    live on;
                    record all;
                    record_path {folder}/growing;
                    record_unique on;
                    record_suffix .flv;
                    exec_record_done /bin/mv $path {folder}/complete/$filename;
                }}
                application refuse {{
                    live on;
                    deny publish all;
                }}
                application ask {{
                    live on;
                    on_publish http://127.0.0.1:{http_port}/;
                }}
            }}
        }}
        "
    )
}

/// Where Debian's libnginx-mod-rtmp puts it.
const MODULE: &str = "/usr/lib/nginx/modules/ngx_rtmp_module.so";
