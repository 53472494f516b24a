//! The same through TLS, which encrypts by records of up to 16 KiB.

use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::server::TlsStream;

use super::*;
use crate::net::Socket;
use crate::net::certified::{NAME, certified, trusting};

/// Both ends of a pipe of the given size, past `publish`. What the far end reads is decrypted.
async fn publishing_by_tls(size: usize) -> (Link<Client>, TlsStream<Socket>) {
    let (certificate, acceptor) = certified(|_| ());
    let connector = TlsConnector::from(trusting(&[certificate]).config());
    let (near, far) = duplex(size);
    let name = ServerName::try_from(NAME).unwrap();
    let (near, far) =
        tokio::join!(connector.connect(name, Socket::from(near)), acceptor.accept(Socket::from(far)));
    let mut far = far.unwrap();
    // RTMP is spoken by way of another pipe, so that the far end of this one stays at hand.
    let (inner, mut outer) = duplex(1 << 20);
    let meet = introduce(client_link(near.unwrap()), server_link(inner));
    let (client, _) = tokio::select! {
        met = meet => met,
        passed = tokio::io::copy_bidirectional(&mut far, &mut outer) => panic!("{passed:?}"),
    };
    (client, far)
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_less_than_a_record_now_and_then_is_not_given_up() {
    let (mut client, mut far) = publishing_by_tls(300).await;
    client.offer(&Packet::new(&frame(2_000), None));
    let sip = async {
        loop {
            tokio::time::sleep(STALL - Duration::from_secs(1)).await;
            // Of the record, some hundred bytes at a time go through the pipe.
            let _ = timeout(Duration::from_millis(1), far.get_mut().0.read_exact(&mut [0; 200])).await;
        }
    };
    let began = Instant::now();
    tokio::select! {
        sent = client.flush() => sent.unwrap(),
        () = sip => {}
    }
    assert!(began.elapsed() > 3 * STALL, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_is_given_up_after_ten_seconds() {
    let (mut client, _far) = publishing_by_tls(300).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let began = Instant::now();
    client.offer(&Packet::new(&frame(100), None));
    client.offer(&Packet::new(&frame(5_000), None));
    let error = client.flush().await.unwrap_err();
    assert!(matches!(error, Error::Stalled(_)), "{error}");
    assert_eq!(began.elapsed(), STALL);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_taken_waits_unencrypted() {
    let (mut client, _far) = publishing_by_tls(300).await;
    for len in [1_000, 100_000] {
        client.offer(&Packet::new(&frame(len), None));
        assert!(timeout(Duration::from_secs(1), client.flush()).await.is_err());
    }
    assert!(client.unsent() > 100_000, "{} bytes wait in the clear", client.unsent());

    let (mut client, _far) = publishing_by_tls(300).await;
    client.offer(&Packet::new(&frame(8 << 20), None));
    assert!(timeout(Duration::from_secs(1), client.flush()).await.is_err());
    assert!(client.unsent() > 7 << 20, "{} bytes wait in the clear", client.unsent());
}

#[tokio::test(start_paused = true)]
async fn many_pieces_fill_records_to_the_brim() {
    let (mut client, mut far) = publishing_by_tls(1 << 20).await;
    let before = client.transport.taken();
    // Each is a header and a body.
    for _ in 0..30 {
        client.offer(&Packet::new(&frame(4_000), None));
    }
    let plain = client.unsent();
    let mut heard = vec![0; plain];
    let (sent, read) = tokio::join!(client.flush(), far.read_exact(&mut heard));
    sent.unwrap();
    read.unwrap();
    let wire = usize::try_from(client.transport.taken() - before).unwrap();
    // A header, a tag and a byte more for each 16 KiB.
    let records = plain.div_ceil(16 << 10);
    assert!(wire <= plain + 22 * (records + 1), "{wire} bytes for {plain} in {records} records");
}

#[tokio::test(start_paused = true)]
async fn a_long_frame_comes_through_a_narrow_pipe_whole() {
    let (mut client, mut far) = publishing_by_tls(300).await;
    client.offer(&Packet::new(&frame(600_000), None));
    let mut heard = vec![0; client.unsent()];
    let (sent, read) = tokio::join!(client.flush(), far.read_exact(&mut heard));
    sent.unwrap();
    read.unwrap();
    assert_eq!(heard.iter().filter(|byte| **byte == 0xaf).count(), 600_000);
}
