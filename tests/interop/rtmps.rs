//! An RTMPS target is pushed to only when its certificate is good: signed by somebody trusted, for the
//! host that was meant. (That a good one works is part of the fan-out tests.)

use crate::authority::Authority;
use crate::clip::Clip;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::relay_process::{Options, Relay};
use crate::tls_front::TlsFront;

#[test]
fn a_certificate_from_a_stranger_is_refused() {
    is_refused(&Authority::new(), &Authority::new(), "localhost");
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new();
    is_refused(&authority, &authority, "elsewhere.example");
}

/// A server shows a certificate by `signer` for `name` to a relay that trusts `trusted`.
fn is_refused(trusted: &Authority, signer: &Authority, name: &str) {
    let nginx = Nginx::start();
    let front = TlsFront::start(nginx.port(), signer, name);
    let folder = tempfile::tempdir().unwrap();
    let options = Options { target_ca: Some(trusted.write_to(folder.path())), ..Options::default() };
    let relay = Relay::start_with(options);
    let api = relay.api();
    let stream = api.create_stream("Secure", "source");
    let target = api.add_target(stream, "Secure", &front.url(), "secure");
    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    let refused = api.wait_for_target(target, "blocked");
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("certificate"), "{reason}");
    assert!(nginx.recorded("secure").is_empty());
}
