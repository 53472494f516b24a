use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, ClientConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::net::certificates::{Chain, Served};
use crate::net::certified::{NAME, trusting};

/// How to speak TLS, and who trusts it.
fn tls() -> (Acceptor, Arc<ClientConfig>) {
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new([NAME.to_owned()]).unwrap().self_signed(&key).unwrap().pem();
    let served = Arc::new(Served::default());
    served.show(Chain::from_pem(own.as_bytes(), key.serialize_pem().as_bytes()).unwrap());
    let trust = trusting(&[CertificateDer::from_pem_slice(own.as_bytes()).unwrap()]).config();
    (Acceptor::new(served.server_config_for_encoders().unwrap(), served), trust)
}

/// Both ends of a connection.
async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (near, listener.accept().await.unwrap().0)
}

/// What becomes of one who begins with these bytes and waits.
async fn opened(door: &Door, bytes: &[u8]) -> Result<Transport, TurnedAway> {
    let (mut near, far) = connected().await;
    near.write_all(bytes).await.unwrap();
    let opened = door.open(far).await;
    drop(near);
    opened
}

async fn connect(to: TcpStream, trust: Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
    TlsConnector::from(trust).connect(ServerName::try_from(NAME).unwrap(), to).await
}

/// The greeting of a client that speaks TLS.
const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

#[tokio::test]
async fn the_first_byte_decides_at_both_kinds_of_port() {
    let (tls, _) = tls();
    let (bare, all, only) = (Door::for_all(None), Door::for_all(Some(tls.clone())), Door::for_tls(tls));
    for first in 0..=u8::MAX {
        let plain = opened(&bare, &[first]).await;
        match first {
            0x16 => assert!(matches!(plain, Err(TurnedAway::NoTls)), "{plain:?}"),
            _ => assert!(!plain.unwrap().is_tls(), "{first}"),
        }
        if first != 0x16 {
            assert!(!opened(&all, &[first]).await.unwrap().is_tls(), "{first}");
            match opened(&only, &[first]).await.unwrap_err() {
                TurnedAway::OnlyTls => assert_eq!(first, 3),
                TurnedAway::Nonsense(byte) => assert_eq!(byte, first),
                other => panic!("{first}: {other}"),
            }
        }
    }
}

#[tokio::test]
async fn tls_is_spoken_at_both_and_nothing_of_it_is_lost() {
    let (tls, trust) = tls();
    for door in [Door::for_all(Some(tls.clone())), Door::for_tls(tls)] {
        let (near, far) = connected().await;
        let (near, far) = tokio::join!(connect(near, Arc::clone(&trust)), door.open(far));
        let (mut near, mut far) = (near.unwrap(), far.unwrap());
        assert!(far.is_tls());
        near.write_all(b"\x03hello").await.unwrap();
        let mut heard = [0; 6];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"\x03hello");
    }
}

#[tokio::test]
async fn who_leaves_before_or_within_the_handshake_is_told_apart() {
    let (tls, _) = tls();
    let door = Door::for_tls(tls);
    for (said, is_silent) in [(&b""[..], true), (HELLO, false)] {
        let (mut near, far) = connected().await;
        near.write_all(said).await.unwrap();
        drop(near);
        match door.open(far).await.unwrap_err() {
            TurnedAway::Silent => assert!(is_silent),
            TurnedAway::NotAgreed(NotAgreed::Closed) => assert!(!is_silent),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_greeting_is_told_at_once() {
    let (tls, _) = tls();
    let refused = opened(&Door::for_tls(tls), &[0x16; 600]).await.unwrap_err();
    assert!(matches!(refused, TurnedAway::NotAgreed(NotAgreed::NotTls)), "{refused:?}");
}

#[tokio::test]
async fn who_refuses_the_certificate_is_told_apart() {
    let (tls, _) = tls();
    let (near, far) = connected().await;
    let door = Door::for_tls(tls);
    let (refused, seen) = tokio::join!(connect(near, trusting(&[]).config()), door.open(far));
    refused.unwrap_err();
    let seen = seen.unwrap_err();
    let expected = matches!(seen, TurnedAway::NotAgreed(NotAgreed::Distrusted(AlertDescription::UnknownCA)));
    assert!(expected, "{seen:?}");
}

#[tokio::test]
async fn without_a_certificate_it_is_said_so() {
    let served = Arc::new(Served::default());
    let tls = Acceptor::new(served.server_config_for_encoders().unwrap(), served);
    let (near, far) = connected().await;
    let door = Door::for_all(Some(tls));
    let (refused, seen) = tokio::join!(connect(near, trusting(&[]).config()), door.open(far));
    refused.unwrap_err();
    let seen = seen.unwrap_err();
    assert!(matches!(seen, TurnedAway::NotAgreed(NotAgreed::NoCertificate)), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn half_a_greeting_has_ten_seconds() {
    let (tls, _) = tls();
    let began = Instant::now();
    let refused = opened(&Door::for_tls(tls), HELLO).await.unwrap_err();
    assert!(matches!(refused, TurnedAway::NotAgreed(NotAgreed::Late)), "{refused:?}");
    assert_eq!(began.elapsed(), acceptor::LIMIT);
}

#[tokio::test]
async fn an_authority_sees_what_it_looks_for_and_no_more() {
    let served = Arc::new(Served::default());
    let key = KeyPair::generate().unwrap();
    let proof = CertificateParams::new([NAME.to_owned()]).unwrap().self_signed(&key).unwrap();
    let signing = any_supported_type(&PrivatePkcs8KeyDer::from(key.serialize_der()).into()).unwrap();
    let shown = CertifiedKey::new(vec![proof.der().clone()], signing);
    served.answers().give_certificate(NAME.to_owned(), Arc::new(shown));
    let tls = Acceptor::new(served.server_config_for_encoders().unwrap(), served);
    let mut looking = ClientConfig::clone(&trusting(&[proof.der().clone()]).config());
    looking.alpn_protocols = vec![answers::PROTOCOL.to_vec()];
    let (near, far) = connected().await;
    let door = Door::for_all(Some(tls));
    let (seen, left) = tokio::join!(connect(near, Arc::new(looking)), door.open(far));
    assert_eq!(seen.unwrap().get_ref().1.alpn_protocol(), Some(answers::PROTOCOL));
    assert!(matches!(left, Err(TurnedAway::Authority)), "{left:?}");
}
