use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio_rustls::TlsConnector;

use super::*;
use crate::net::certified::{NAME, certified, trusting};

/// What came before the move, in the middle of a record, and what comes after it are one.
#[test]
fn a_tls_connection_goes_on_where_it_is_moved_to() {
    let (here, there) = (runtime(), runtime());
    let (certificate, acceptor) = certified(|_| ());
    let (mut near, mut far) = here.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let far = Socket::from(listener.accept().await.unwrap().0);
        let connector = TlsConnector::from(trusting(&[certificate]).config());
        let near = connector.connect(ServerName::try_from(NAME).unwrap(), near);
        let (near, far) = tokio::join!(near, acceptor.accept(far));
        (near.unwrap(), Transport::from(far.unwrap()))
    });
    let counter = Arc::new(AtomicU64::new(0));
    far.count_received(Arc::clone(&counter));
    let said: Vec<u8> = (0..40_000_u32).map(|n| n as u8).collect();
    let before = here.block_on(async {
        near.write_all(&said).await.unwrap();
        near.flush().await.unwrap();
        let mut heard = [0; 100];
        far.read_exact(&mut heard).await.unwrap();
        heard
    });
    far.expect_much();
    // From now on nobody drives it there.
    let mut far = there.block_on(async { far.move_here() }).unwrap();
    drop(here);
    let after = there.block_on(async {
        let mut heard = vec![0; said.len() - before.len()];
        far.read_exact(&mut heard).await.unwrap();
        heard
    });
    assert_eq!([&before[..], &after].concat(), said);
    assert!(counter.load(Ordering::Relaxed) > 40_000, "what TLS adds is counted too");
}

fn runtime() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
