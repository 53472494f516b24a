//! OBS as an encoder, with nobody at its windows: all it would be asked stands in its files before it starts.
//!
//! It plays a clip into H.264 and AAC, and records what its encoders make beside publishing it. The picture
//! rate is one whose times are whole milliseconds, or the two would round them differently.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::clip::Clip;
use super::flv::{self, Packet};
use super::program::{self, Running};
use super::screen::Screen;

/// OBS while it publishes. It is killed when dropped.
pub(crate) struct Obs {
    // Before the folder, so that its messages can still be shown after a failure.
    _process: Running,
    _screen: Screen,
    home: TempDir,
}

impl Obs {
    /// Publishes to `url`, whose last part is the key, by the OBS that `command` runs.
    pub(crate) fn publish(mut command: Command, url: &str) -> Self {
        let (screen, home) = (Screen::start(), TempDir::new().unwrap());
        settle(home.path(), url);
        command
            .args(["--startstreaming", "--multi", "--minimize-to-tray", "--disable-missing-files-check"])
            .args(["--profile", NAME, "--collection", NAME])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(["HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"].map(|name| (name, home.path())))
            .envs([("DISPLAY", screen.display()), ("QT_QPA_PLATFORM", "xcb"), ("LIBGL_ALWAYS_SOFTWARE", "1")])
            // It calls on nobody: no bus, no sound server, and no news of its makers.
            .envs([("DBUS_SESSION_BUS_ADDRESS", "disabled:"), ("PULSE_SERVER", "none")])
            .env("https_proxy", "http://127.0.0.1:9");
        let process = Running::spawn(&mut command, &home.path().join("obs.log"));
        Self { _process: process, _screen: screen, home }
    }

    /// What it has recorded so far. It begins before a server lets it publish.
    pub(crate) fn recorded(&self) -> Vec<Packet> {
        let file = fs::read_dir(recordings(self.home.path())).unwrap().next();
        let bytes = file.map(|file| fs::read(file.unwrap().path()).unwrap()).unwrap_or_default();
        flv::parse(&bytes).unwrap()
    }
}

/// Debian's OBS.
pub(crate) fn command() -> Command {
    program::command("obs", "obs-studio")
}

/// Writes everything that OBS keeps between its runs.
fn settle(home: &Path, url: &str) {
    let write = |path: &str, text: String| {
        let file = home.join("obs-studio").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    fs::create_dir(recordings(home)).unwrap();
    write("global.ini", GLOBAL.replace("{name}", NAME));
    write(&format!("basic/profiles/{NAME}/basic.ini"), profile(&recordings(home)));
    write(&format!("basic/profiles/{NAME}/service.json"), service(url).to_string());
    write(&format!("basic/scenes/{NAME}.json"), scenes(&Clip::Plain.path()).to_string());
}

fn recordings(home: &Path) -> PathBuf {
    home.join("recordings")
}

fn profile(recordings: &Path) -> String {
    PROFILE.replace("{name}", NAME).replace("{recordings}", recordings.to_str().unwrap())
}

fn service(url: &str) -> Value {
    let (server, key) = url.rsplit_once('/').unwrap();
    json!({ "type": "rtmp_custom", "settings": { "server": server, "key": key, "use_auth": false } })
}

/// One scene, in which `clip` goes round and round.
fn scenes(clip: &Path) -> Value {
    let item = json!({ "name": "Clip", "id": 1, "visible": true, "scale": { "x": 1.0, "y": 1.0 } });
    json!({
        "name": NAME,
        "current_scene": "Scene",
        "current_program_scene": "Scene",
        "scene_order": [{ "name": "Scene" }],
        "sources": [
            { "id": "scene", "name": "Scene", "settings": { "id_counter": 1, "items": [item] } },
            { "id": "ffmpeg_source", "name": "Clip", "settings": { "local_file": clip, "looping": true } },
        ],
    })
}

/// What the profile and the scene collection are called.
const NAME: &str = "Tests";

/// `FirstRun` says that the first run is over.
const GLOBAL: &str = "\
[General]
FirstRun=true
[Basic]
Profile={name}
ProfileDir={name}
SceneCollection={name}
SceneCollectionFile={name}
[BasicWindow]
RecordWhenStreaming=true
PreviewEnabled=false
";

/// Small pictures, 25 a second, and a key frame every second. The quality `Stream` records what is published.
const PROFILE: &str = "\
[General]
Name={name}
[Output]
Mode=Simple
[SimpleOutput]
FilePath={recordings}
RecFormat=flv
RecQuality=Stream
StreamEncoder=x264
VBitrate=500
ABitrate=64
UseAdvanced=true
Preset=ultrafast
x264Settings=keyint=25 bframes=2
[Video]
BaseCX=320
BaseCY=180
OutputCX=320
OutputCY=180
FPSType=1
FPSInt=25
[Audio]
SampleRate=44100
ChannelSetup=Stereo
";
