//! Who takes part: splitcast, other builds of it, other relays, and floors; and how each is started.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use serde_json::json;
use tempfile::TempDir;

use super::affinity::{self, Place};
use super::floor::Kind;
use crate::rig::program::{self, Running};
use crate::rig::rest::Api;
use crate::rig::{patience, port, relay_process};

/// A relay or a floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    /// The build that the benchmark is part of.
    Splitcast,
    /// Any other.
    Build {
        name: String,
        build: Build,
    },
    Floor {
        name: &'static str,
        kind: Kind,
        tls: bool,
    },
    NginxRtmp,
    NginxStunnel,
}

/// A binary of splitcast, and what it is given on its command line besides what all are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Build {
    /// The one that was built with the benchmark if there is none.
    program: Option<PathBuf>,
    arguments: Vec<String>,
}

impl Contestant {
    pub(crate) const FLOOR: Self = Self::Floor { name: "floor", kind: Kind::Tee, tls: false };
    pub(crate) const RECHUNK: Self = Self::Floor { name: "floor-rechunk", kind: Kind::Rechunk, tls: false };
    pub(crate) const TLS: Self = Self::Floor { name: "floor-tls", kind: Kind::Tee, tls: true };

    /// Whether it can push to targets with TLS, or without it.
    pub(crate) fn can_push(&self, tls: bool) -> bool {
        match self {
            Self::Splitcast | Self::Build { .. } => true,
            Self::Floor { tls: has_tls, .. } => *has_tls == tls,
            Self::NginxRtmp => !tls,
            Self::NginxStunnel => tls,
        }
    }
}

impl fmt::Display for Contestant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Splitcast => "splitcast",
            Self::Build { name, .. } => name,
            Self::Floor { name, .. } => name,
            Self::NginxRtmp => "nginx-rtmp",
            Self::NginxStunnel => "nginx-stunnel",
        })
    }
}

impl FromStr for Contestant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "splitcast" => Ok(Self::Splitcast),
            "floor" => Ok(Self::FLOOR),
            "floor-rechunk" => Ok(Self::RECHUNK),
            "floor-tls" => Ok(Self::TLS),
            "nginx-rtmp" => Ok(Self::NginxRtmp),
            "nginx-stunnel" => Ok(Self::NginxStunnel),
            _ => {
                let (name, command) = text.split_once('=').ok_or_else(|| {
                    format!(
                        "{text} does not take part: name splitcast, floor, floor-rechunk, floor-tls, \
                         nginx-rtmp, nginx-stunnel, or NAME=PATH for another binary of splitcast"
                    )
                })?;
                let mut words = command.split_whitespace().map(str::to_owned);
                let program = words.next().filter(|word| word != "splitcast").map(PathBuf::from);
                let build = Build { program, arguments: words.collect() };
                Ok(Self::Build { name: name.to_owned(), build })
            }
        }
    }
}

/// What a contestant is to do.
pub(crate) struct Task {
    pub(crate) streams: usize,
    pub(crate) targets: usize,
    /// The port of all targets' servers.
    pub(crate) sinks: u16,
    /// The authority that signed the certificates of targets; without one they are plain.
    pub(crate) authority: Option<PathBuf>,
    pub(crate) coalesce_ms: Option<u32>,
    pub(crate) place: Place,
}

/// A contestant that awaits its sources.
pub(crate) struct Entrant {
    // Before the folder, so that its output can still be shown after a failure.
    processes: Vec<Running>,
    /// Where sources publish to.
    pub(crate) port: u16,
    _folder: TempDir,
}

impl Entrant {
    /// The processes whose use of the machine counts.
    pub(crate) fn process_ids(&self) -> Vec<u32> {
        self.processes.iter().map(Running::id).collect()
    }
}

impl Contestant {
    pub(crate) fn start(&self, task: &Task) -> Entrant {
        let folder = TempDir::new().unwrap();
        let port = port::free();
        let processes = match self {
            Self::Splitcast => vec![Build::default().start(task, folder.path(), port)],
            Self::Build { build, .. } => vec![build.start(task, folder.path(), port)],
            Self::Floor { kind, .. } => vec![start_floor(*kind, task, folder.path(), port)],
            Self::NginxRtmp => vec![start_nginx(task, task.sinks, folder.path(), port)],
            Self::NginxStunnel => {
                let (stunnel, front) = start_stunnel(task, folder.path());
                vec![start_nginx(task, front, folder.path(), port), stunnel]
            }
        };
        Entrant { processes, port, _folder: folder }
    }
}

impl Build {
    fn start(&self, task: &Task, folder: &Path, rtmp_port: u16) -> Running {
        let http_port = port::free();
        let mut command = relay_process::command(&folder.join("data"), rtmp_port, http_port);
        command.env("SPLITCAST_API_TOKEN", relay_process::TOKEN);
        command.env("SPLITCAST_LOG", "warn").args(["--allow-targets", "lan"]);
        if let Some(file) = &task.authority {
            command.arg("--target-ca").arg(file);
        }
        command.args(&self.arguments);
        if let Some(program) = &self.program {
            command = affinity::with_program(&command, program);
        }
        let api = Api::new(http_port, Some(relay_process::TOKEN));
        let process = launch(&command, task.place, folder, "splitcast", || api.is_healthy());
        for stream in 0..task.streams {
            let stream = create_stream(&api, stream, task.coalesce_ms);
            for target in 0..task.targets {
                let scheme = if task.authority.is_some() { "rtmps" } else { "rtmp" };
                let url = format!("{scheme}://127.0.0.1:{}/t{target}", task.sinks);
                api.add_target(stream.0, &format!("Target {target}"), &url, &stream.1);
            }
        }
        process
    }
}

/// Gives the stream's id and its key.
fn create_stream(api: &Api, number: usize, coalesce_ms: Option<u32>) -> (i64, String) {
    let key = format!("s{number}");
    let mut body = json!({ "name": format!("Stream {number}"), "key": key });
    if let Some(coalesce_ms) = coalesce_ms {
        body["coalesce_ms"] = coalesce_ms.into();
    }
    let answer = api.call("POST", "/streams", Some(&body));
    assert_eq!(answer.status, 201, "{}", answer.body);
    (answer.json()["id"].as_i64().unwrap(), key)
}

fn start_floor(kind: Kind, task: &Task, folder: &Path, port: u16) -> Running {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = clap::ValueEnum::to_possible_value(&kind).unwrap();
    command
        .args(["floor", "--kind", name.get_name()])
        .args(["--listen", &port.to_string(), "--to", &task.sinks.to_string()])
        .args(["--streams", &task.streams.to_string(), "--targets", &task.targets.to_string()]);
    if let Some(file) = &task.authority {
        command.arg("--ca").arg(file);
    }
    launch(&command, task.place, folder, "floor", || port::is_listening(port))
}

fn start_nginx(task: &Task, sinks: u16, folder: &Path, port: u16) -> Running {
    assert!(
        Path::new(NGINX_MODULE).exists(),
        "nginx's RTMP module is not installed: run tests/run as root, or apt-get install libnginx-mod-rtmp"
    );
    let pushes: String =
        (0..task.targets).map(|target| format!("push rtmp://127.0.0.1:{sinks}/t{target};\n")).collect();
    let configuration = format!(
        "load_module {NGINX_MODULE};
        daemon off;
        master_process off;
        worker_processes 1;
        pid {folder}/nginx.pid;
        events {{ worker_connections 4096; }}
        rtmp {{
            access_log off;
            server {{
                listen 127.0.0.1:{port};
                chunk_size 4096;
                max_message 16M;
                application live {{
                    live on;
                    {pushes}
                }}
            }}
        }}
        ",
        folder = folder.display()
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    let mut command = program::command("nginx", "nginx");
    command.arg("-p").arg(folder).arg("-c").arg(file).arg("-e").arg(folder.join("error.log"));
    launch(&command, task.place, folder, "nginx", || port::is_listening(port))
}

/// Starts a TLS client in front of the sinks and gives the port at which it takes plain connections.
fn start_stunnel(task: &Task, folder: &Path) -> (Running, u16) {
    let front = port::free();
    let authority = task.authority.as_deref().unwrap_or_else(|| panic!("nginx-stunnel is for RTMPS"));
    let configuration = format!(
        "foreground = yes
        pid =
        debug = 4
        socket = l:TCP_NODELAY=1
        socket = r:TCP_NODELAY=1
        [targets]
        client = yes
        accept = 127.0.0.1:{front}
        connect = 127.0.0.1:{sinks}
        CAfile = {authority}
        verifyChain = yes
        checkIP = 127.0.0.1
        ",
        sinks = task.sinks,
        authority = authority.display()
    );
    let file = folder.join("stunnel.conf");
    fs::write(&file, configuration).unwrap();
    let mut command = program::command("stunnel4", "stunnel4");
    command.arg(file);
    (launch(&command, task.place, folder, "stunnel", || port::is_listening(front)), front)
}

/// Starts a program and waits until it is ready.
fn launch(
    command: &Command,
    place: Place,
    folder: &Path,
    name: &str,
    is_ready: impl Fn() -> bool,
) -> Running {
    let mut process =
        Running::spawn(&mut affinity::held(command, place), &folder.join(name).with_extension("log"));
    patience::wait_until(&format!("{name} to be ready"), || {
        if let Some(status) = process.ended() {
            panic!("{name} ended with {status}");
        }
        is_ready()
    });
    process
}

/// Where Debian's libnginx-mod-rtmp puts it.
const NGINX_MODULE: &str = "/usr/lib/nginx/modules/ngx_rtmp_module.so";
