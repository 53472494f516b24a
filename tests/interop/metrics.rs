//! The numbers of a relay that works, as Prometheus reads them.

use ureq::Agent;

use crate::clip::Clip;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::patience;
use crate::port;
use crate::relay_process::{Options, Relay};

struct Page(String);

impl Page {
    fn read(port: u16) -> Self {
        let mut answer =
            Agent::new_with_defaults().get(format!("http://127.0.0.1:{port}/metrics")).call().unwrap();
        Self(answer.body_mut().read_to_string().unwrap())
    }

    /// The number in the row that begins like this.
    fn number(&self, row: &str) -> Option<f64> {
        let line = self.0.lines().find(|line| line.starts_with(row))?;
        line.rsplit(' ').next()?.parse().ok()
    }
}

#[test]
fn a_relay_that_works_tells_how_it_goes_and_names_nobody() {
    let metrics_port = port::free();
    let relay = Relay::start_with(Options { metrics_port: Some(metrics_port), ..Options::default() });
    let (api, nginx) = (relay.api(), Nginx::start());
    let stream = api.create_stream("A NAME", "INGEST");
    let good = api.add_target(stream, "ANOTHER NAME", &nginx.url(), "SECRET");
    let bad = api.add_target(stream, "bad", &format!("rtmp://127.0.0.1:{}/live", port::free()), "SECRET");
    let mut publisher = ffmpeg::publish(Clip::LongGop, &relay.ingest_url("INGEST"), relay.folder());
    let of = |metric: &str, target: i64, more: &str| {
        format!("splitcast_{metric}{{stream=\"{stream}\",target=\"{target}\",endpoint=\"primary\"{more}}}")
    };
    let page = patience::wait_for("a frame's way to be timed, and the kernel to be asked", || {
        let page = Page::read(metrics_port);
        let is_timed = page.number(&of("frame_delay_seconds_count", good, "")) > Some(1.0);
        let is_known = page.number(&of("target_rtt_seconds", good, "")).is_some();
        (is_timed && is_known).then_some(page)
    });
    assert_eq!(page.number(&of("target_state", good, ",state=\"live\"")), Some(1.0));
    assert_eq!(page.number(&of("target_state", bad, ",state=\"live\"")), Some(0.0));
    assert!(page.number(&of("target_errors_total", bad, ",kind=\"tcp_refused\"")) >= Some(1.0));
    assert!(page.number(&of("target_sent_bytes_total", good, "")) > Some(1_000.0));
    assert!(page.number(&of("target_sent_frames_total", good, ",kind=\"video\"")) > Some(10.0));
    let known = format!("splitcast_ingest_info{{stream=\"{stream}\",video_codec=\"avc\",audio_codec=\"aac\"");
    assert_eq!(page.number(&known), Some(1.0), "{}", page.0);
    assert!(page.number("process_resident_memory_bytes") > Some(1e6));
    for secret in ["SECRET", "INGEST", "NAME", "127.0.0.1", "rtmp://"] {
        assert!(!page.0.contains(secret), "{secret}");
    }
    assert!(publisher.wait().success(), "{}", publisher.output());
}
