//! ffmpeg as an encoder that publishes a clip, as a one-stream server, and as a player: Debian's, which
//! knows the classic codecs only, and a current one, which knows Enhanced RTMP.

use std::path::Path;
use std::process::Command;

use super::clip::Clip;
use super::patience;
use super::port;
use super::program::{self, Running};

/// Publishes `clip` at its own speed, unchanged, to `url`; `folder` takes ffmpeg's messages.
pub(crate) fn publish(clip: Clip, url: &str, folder: &Path) -> Running {
    publish_with(&[], clip, url, folder)
}

/// The same with more of ffmpeg's options for its output.
pub(crate) fn publish_with(options: &[&str], clip: Clip, url: &str, folder: &Path) -> Running {
    publish_file(command(), &clip.path(), options, url, folder)
}

/// Publishes `file` by the ffmpeg that `command` runs.
pub(crate) fn publish_file(
    mut command: Command,
    file: &Path,
    options: &[&str],
    url: &str,
    folder: &Path,
) -> Running {
    command
        .args(["-loglevel", "warning", "-re", "-i"])
        .arg(file)
        .args(["-map", "0", "-c", "copy"])
        .args(options)
        .args(["-f", "flv", "-flvflags", "no_duration_filesize", url]);
    Running::spawn(&mut command, &folder.join("publisher.log"))
}

/// Receives one stream on `port` and writes it to `file`, with the times it came with.
pub(crate) fn listen(port: u16, file: &Path) -> Running {
    listen_by(command(), port, file)
}

/// The same by the ffmpeg that `command` runs.
pub(crate) fn listen_by(mut command: Command, port: u16, file: &Path) -> Running {
    command
        .args(["-loglevel", "warning", "-y", "-copyts", "-listen", "1", "-i"])
        .arg(format!("rtmp://127.0.0.1:{port}/live/any"))
        .args(["-map", "0", "-c", "copy", "-f", "flv"])
        .arg(file);
    let listener = Running::spawn(&mut command, &file.with_extension("log"));
    patience::wait_until("ffmpeg to listen", || port::is_listening(port));
    listener
}

/// Tries to play `url`.
pub(crate) fn play(url: &str, folder: &Path) -> Running {
    let mut command = command();
    command.args(["-loglevel", "warning", "-i", url, "-f", "null", "-"]);
    Running::spawn(&mut command, &folder.join("player.log"))
}

/// Decodes all of `file` and gives what ffmpeg finds wrong with it; `folder` takes its messages.
pub(crate) fn complaints_about(file: &Path, folder: &Path) -> String {
    complaints_by(command(), file, folder)
}

/// The same by the ffmpeg that `command` runs.
pub(crate) fn complaints_by(mut command: Command, file: &Path, folder: &Path) -> String {
    command.args(["-loglevel", "error", "-i"]).arg(file).args(["-f", "null", "-"]);
    let messages = folder.join(file.with_extension("log").file_name().unwrap());
    let mut decoder = Running::spawn(&mut command, &messages);
    decoder.wait();
    decoder.output()
}

/// Debian's ffmpeg without questions and greetings.
pub(crate) fn command() -> Command {
    let mut command = program::command("ffmpeg", "ffmpeg");
    command.args(["-nostdin", "-hide_banner"]);
    command
}

/// A current ffmpeg without questions and greetings.
pub(crate) fn current() -> Command {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ffmpeg/bin/ffmpeg");
    assert!(program.exists(), "the current ffmpeg is not there: tests/run installs it");
    let mut command = Command::new(program);
    command.args(["-nostdin", "-hide_banner"]);
    command
}
