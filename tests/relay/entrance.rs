//! Strangers at the ports themselves: one time and one count, whatever they speak.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::generate_simple_self_signed;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use splitcast::net::certificates::{Chain, Served};
use splitcast::net::{Acceptor, Door};
use splitcast::relay::Ingest;
use splitcast::relay::status::Refused;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::world::World;

const NAME: &str = "relay.example";

/// Serves a port with this door; its address.
async fn serve(world: &World, stop: &CancellationToken, door: Door) -> SocketAddr {
    let refusals = Arc::clone(world.board.refusals());
    let ingest = Ingest::new(world.registry.clone(), world.tracker.clone(), stop.clone()).counting(refusals);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    world.tracker.spawn(Arc::new(ingest).serve(vec![(listener, door)]));
    address
}

/// How to speak TLS, and who trusts it.
fn tls() -> (Acceptor, TlsConnector) {
    let own = generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let served = Arc::new(Served::default());
    served.show(Chain::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap());
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Acceptor::new(served.server_config_for_encoders().unwrap(), served), Arc::new(client).into())
}

/// Says something, and waits until it is closed.
async fn say(to: SocketAddr, bytes: &[u8]) {
    let mut stranger = TcpStream::connect(to).await.unwrap();
    stranger.write_all(bytes).await.unwrap();
    let _ = stranger.read_to_end(&mut Vec::new()).await;
}

fn counted(world: &World) -> Vec<(Refused, u64)> {
    world.board.refusals().totals().into_iter().filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn who_speaks_what_is_not_spoken_is_counted() {
    World::play(async {
        let (world, stop) = (World::running(0), CancellationToken::new());
        let (tls, _) = tls();
        let bare = serve(&world, &stop, Door::for_all(None)).await;
        let secure = serve(&world, &stop, Door::for_tls(tls)).await;
        say(bare, b"\x16\x03\x01").await;
        say(bare, b"GET / HTTP/1.1\r\n\r\n").await;
        say(bare, b"\x06").await;
        say(secure, b"\x03").await;
        say(secure, b"\xff").await;
        assert_eq!(counted(&world), [(Refused::Language, 5)]);
        say(secure, &[0x16; 64]).await;
        assert_eq!(counted(&world), [(Refused::Language, 5), (Refused::Tls, 1)]);
        // A look at whether the port is open is no refusal.
        drop(TcpStream::connect(secure).await.unwrap());
        assert_eq!(counted(&world).len(), 2);
        stop.cancel();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_tls_takes_is_part_of_a_strangers_fifteen_seconds() {
    World::play(async {
        let (world, stop) = (World::running(0), CancellationToken::new());
        let (tls, connector) = tls();
        let address = serve(&world, &stop, Door::for_tls(tls)).await;
        let began = Instant::now();
        let stranger = TcpStream::connect(address).await.unwrap();
        sleep(Duration::from_secs(8)).await;
        let mut agreed = connector.connect(ServerName::try_from(NAME).unwrap(), stranger).await.unwrap();
        let _ = agreed.read(&mut [0]).await;
        assert_eq!(began.elapsed(), Duration::from_secs(15));
        assert_eq!(counted(&world), [(Refused::Late, 1)]);
        stop.cancel();
    })
    .await;
}
