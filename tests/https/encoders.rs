//! RTMPS byte by byte: which versions, what is never sent, and who holds up nobody.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, NamedGroup, ProtocolVersion, RootCertStore, StreamOwned,
    SupportedProtocolVersion, version,
};
use serde_json::json;
use socket2::{Domain, Socket, Type};

use crate::clip::Clip;
use crate::flv::Kind;
use crate::patience;
use crate::publisher::Publisher;
use crate::relay_process::Relay;
use crate::rtmps_relay::{NAME, RtmpsRelay};

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// An encoder that remembers how often it was given something to resume by.
#[derive(Debug, Default)]
struct Tickets(AtomicUsize);

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

/// Agrees on TLS of some versions, and notes tickets.
fn connect(
    relay: &RtmpsRelay,
    versions: &[&'static SupportedProtocolVersion],
    tickets: &Arc<Tickets>,
) -> Stream {
    let mut store = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(relay.authority().pem().as_bytes()) {
        store.add(root.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth();
    config.resumption = Resumption::store(Arc::clone(tickets) as Arc<dyn ClientSessionStore>);
    let mut tcp = TcpStream::connect(("127.0.0.1", relay.rtmps)).unwrap();
    tcp.set_read_timeout(Some(patience::LIMIT)).unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), ServerName::try_from(NAME).unwrap()).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut tcp).unwrap();
    }
    StreamOwned::new(tls, tcp)
}

fn publish(relay: &RtmpsRelay, stream: Stream, key: &str) -> Publisher<Stream> {
    Publisher::over(stream, relay.rtmps, "live", key).unwrap()
}

fn shown(relay: &RtmpsRelay) -> CertificateDer<'static> {
    let stream = connect(relay, rustls::ALL_VERSIONS, &Arc::default());
    stream.conn.peer_certificates().unwrap().first().unwrap().clone()
}

/// A ticket would follow on the handshake: it would have come when `publish` is answered.
#[test]
fn both_good_versions_publish_and_nobody_is_given_a_ticket() {
    let relay = RtmpsRelay::start();
    let versions = [(&version::TLS12, ProtocolVersion::TLSv1_2), (&version::TLS13, ProtocolVersion::TLSv1_3)];
    for (version, spoken) in versions {
        let key = format!("{spoken:?}");
        let stream = relay.relay.api().create_stream(&key, &key);
        let tickets = Arc::new(Tickets::default());
        let connection = connect(&relay, &[version], &tickets);
        assert_eq!(connection.conn.protocol_version(), Some(spoken));
        let _publisher = publish(&relay, connection, &key);
        relay.relay.api().wait_for_source(stream, "live");
        assert_eq!(tickets.0.load(Ordering::Relaxed), 0, "{spoken:?}");
    }
}

#[test]
fn a_changed_certificate_is_shown_to_the_next_encoder_and_the_first_goes_on() {
    let relay = RtmpsRelay::start();
    let api = relay.relay.api();
    let stream = api.create_stream("Secure", "source");
    let first = shown(&relay);
    let connection = connect(&relay, rustls::ALL_VERSIONS, &Arc::default());
    let mut publisher = publish(&relay, connection, "source");
    api.wait_for_source(stream, "live");

    relay.renew();
    patience::wait_until("the new certificate", || shown(&relay) != first);
    let mut sent = 0;
    patience::wait_until("what is sent after that", || {
        for packet in Clip::Plain.packets().iter().filter(|packet| packet.kind == Kind::Video).take(5) {
            publisher.send(packet, sent).unwrap();
            sent += 33;
        }
        api.get(&format!("/streams/{stream}"))["source"]["bytes_received"].as_u64().unwrap() > 50_000
    });
}

#[test]
fn programs_are_told_of_the_port_the_names_and_a_certificate_that_is_no_good() {
    let relay = RtmpsRelay::start();
    let api = relay.relay.api();
    let told = json!({ "port": relay.rtmps, "names": [NAME] });
    assert_eq!(api.get("/status")["rtmps"], told);
    assert_eq!(api.readiness().status, 200);
    relay.expire();
    patience::wait_until("the relay not to be ready", || {
        let readiness = api.readiness();
        readiness.status == 503 && readiness.json()["reasons"][0]["kind"] == "certificate"
    });
}

/// From thirteen addresses, as many as each may have. The one behind them is let in all the same.
#[test]
fn two_hundred_half_open_handshakes_keep_no_encoder_out() {
    let relay = RtmpsRelay::start();
    let stream = relay.relay.api().create_stream("Secure", "source");
    let ports = [relay.rtmps, relay.relay.rtmp_port()];
    let mut strangers = Vec::new();
    for place in 2..=14 {
        for number in 0..16 {
            strangers.push(half_open(Ipv4Addr::new(127, 0, 0, place), ports[number % 2]));
        }
    }
    let mut one_too_many = half_open(Ipv4Addr::new(127, 0, 0, 2), relay.rtmps);
    assert!(is_closed(&mut one_too_many));
    let connection = connect(&relay, rustls::ALL_VERSIONS, &Arc::default());
    let _publisher = publish(&relay, connection, "source");
    relay.relay.api().wait_for_source(stream, "live");
    // They are let go, too.
    assert!(strangers.iter_mut().all(is_closed));
    assert!(relay.relay.log().contains("TLS was not agreed on within 10 s"));
}

#[test]
fn nonsense_is_closed_at_once_and_told_apart_at_every_port() {
    let (secure, plain) = (RtmpsRelay::start(), Relay::start());
    let greeting = include_bytes!("../fixtures/not-rtmp-tls.bin").as_slice();
    let tunnelled = include_bytes!("../fixtures/not-rtmp-rtmpt.bin").as_slice();
    let encrypted = include_bytes!("../fixtures/not-rtmp-rtmpe.bin").as_slice();
    let ask = b"GET / HTTP/1.1\r\n\r\n".as_slice();
    let at_plain: &[(&[u8], &str)] = &[
        (greeting, "start splitcast with --tls-cert and --tls-key or with --acme-domain"),
        (tunnelled, "the peer speaks HTTP"),
        (ask, "the peer speaks HTTP"),
        (encrypted, "encrypted RTMP (RTMPE)"),
        (b"\xff\xf4", "its first byte is 0xff"),
    ];
    let at_both: &[(&[u8], &str)] = &[
        (&[0x16; 64], "what the client says is not TLS"),
        (ask, "the peer speaks HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x28", "the peer speaks TLS"),
        (b"\x00", "its first byte is 0x00"),
    ];
    let at_secure: &[(&[u8], &str)] = &[
        (b"\x03\x00\x00", "write rtmps:// in the encoder"),
        (tunnelled, "neither TLS nor RTMP (its first byte is 0x50)"),
        (encrypted, "neither TLS nor RTMP (its first byte is 0x06)"),
        (&[0x16; 64], "what the client says is not TLS"),
    ];
    for (relay, port, table) in [
        (&plain, plain.rtmp_port(), at_plain),
        (&secure.relay, secure.relay.rtmp_port(), at_both),
        (&secure.relay, secure.rtmps, at_secure),
    ] {
        for (bytes, words) in table {
            let before = relay.log().len();
            let mut stranger = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stranger.write_all(bytes).unwrap();
            assert!(is_closed(&mut stranger), "{words}");
            patience::wait_until(words, || relay.log()[before..].contains(words));
        }
    }
}

/// Somebody at an address who begins to agree on TLS.
fn half_open(own: Ipv4Addr, port: u16) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((own, 0)).into()).unwrap();
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into()).unwrap();
    let mut stream = TcpStream::from(socket);
    let _ = stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    stream
}

/// Listens until the connection is closed or reset.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(patience::LIMIT)).unwrap();
    loop {
        match stream.read(&mut [0; 512]) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}
