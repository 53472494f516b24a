//! nginx in front of a relay, set up as `docs/https.md` says.

use std::fs;

use tempfile::TempDir;

use crate::patience;
use crate::port;
use crate::program::{self, Running};

/// A running nginx. It ends when it is dropped.
pub(crate) struct Proxy {
    // Before the folder, so that its messages can still be shown after a failure.
    _process: Running,
    _folder: TempDir,
    pub(crate) port: u16,
}

impl Proxy {
    /// Passes on to the relay's port `relay`.
    pub(crate) fn start(relay: u16, certificate: &str, key: &str) -> Self {
        let (folder, port) = (TempDir::new().unwrap(), port::free());
        let path = folder.path().display();
        let server = documented()
            .replace("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl"))
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{relay}"))
            .replace("/etc/letsencrypt/live/relay.example.com/fullchain.pem", certificate)
            .replace("/etc/letsencrypt/live/relay.example.com/privkey.pem", key);
        let file = folder.path().join("nginx.conf");
        let rest = format!(
            "daemon off; master_process off; pid {path}/nginx.pid; events {{ worker_connections 64; }}
             http {{ access_log off; client_body_temp_path {path}/a; proxy_temp_path {path}/b;
             fastcgi_temp_path {path}/c; uwsgi_temp_path {path}/d; scgi_temp_path {path}/e;\n{server}}}"
        );
        fs::write(&file, rest).unwrap();
        let mut command = program::command("nginx", "nginx");
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file);
        command.arg("-e").arg(folder.path().join("error.log"));
        let process = Running::spawn(&mut command, &folder.path().join("output.log"));
        patience::wait_until("nginx to listen", || port::is_listening(port));
        Self { _process: process, _folder: folder, port }
    }
}

/// What the documentation says to write.
fn documented() -> String {
    let page = include_str!("../../docs/https.md");
    let begin = page.find("    server {").unwrap();
    let block: Vec<_> = page
        .get(begin..)
        .unwrap()
        .lines()
        .take_while(|line| line.starts_with("    ") || line.is_empty())
        .collect();
    block.join("\n")
}
