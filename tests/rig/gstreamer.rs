//! GStreamer as an encoder, with either of its two elements that speak RTMP.

use std::path::Path;

use super::clip::Clip;
use super::program::{self, Running};

/// Which element publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sink {
    /// The one made of librtmp, here with GnuTLS.
    Rtmp,
    /// GStreamer's own, with GLib's TLS.
    Rtmp2,
}

/// Publishes `clip`, which holds H.264 and AAC, at its own speed to `url`, and writes what it makes of it to
/// the FLV file `copy`. Certificates are not judged: librtmp never does, and GLib knows only the system's
/// authorities.
pub(crate) fn publish(sink: Sink, clip: Clip, url: &str, copy: &Path) -> Running {
    let element: &[&str] = match sink {
        Sink::Rtmp => &["rtmpsink"],
        Sink::Rtmp2 => &["rtmp2sink", "tls-validation-flags=0"],
    };
    let mut command = program::command("gst-launch-1.0", "gstreamer1.0-tools");
    command
        .args(["-q", "filesrc"])
        .arg(format!("location={}", clip.path().display()))
        .args("! flvdemux name=in flvmux name=out streamable=true ! tee name=both ! queue !".split(' '))
        .args(element)
        .args(["sync=true", &format!("location={url}")])
        .args("both. ! queue ! filesink".split(' '))
        .arg(format!("location={}", copy.display()))
        .args("in.video ! h264parse ! queue ! out. in.audio ! aacparse ! queue ! out.".split(' '));
    Running::spawn(&mut command, &copy.with_extension("log"))
}
