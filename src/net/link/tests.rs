mod tls;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::*;
use crate::media::{Frame, Kind};
use crate::rtmp::{Client, Packet, Rejection, RtmpUrl, Server, StreamKey, client, handshake, server};

const NONCE: handshake::Nonce = [3; handshake::BLOCK];

fn client_link(transport: impl Into<Transport>) -> Link<Client> {
    let url = RtmpUrl::parse("rtmp://host/live").unwrap();
    Link::new(transport.into(), Session::client(url, StreamKey::new("key"), &NONCE))
}

fn server_link(transport: impl Into<Transport>) -> Link<Server> {
    Link::new(transport.into(), Session::server(Box::new(NONCE)))
}

/// Both ends of a pipe of the given size, past `publish`.
async fn publishing(size: usize) -> (Link<Client>, Link<Server>) {
    let (near, far) = duplex(size);
    introduce(client_link(near), server_link(far)).await
}

/// Brings both past `publish`.
async fn introduce(mut client: Link<Client>, mut server: Link<Server>) -> (Link<Client>, Link<Server>) {
    let serve = async {
        loop {
            match server.next().await.unwrap() {
                Turn::Event(server::Event::Publish { .. }) => break,
                turn => assert!(matches!(turn, Turn::Room)),
            }
        }
        server.with(Session::accept_publish);
        server.flush().await.unwrap();
        server
    };
    let publish = async {
        loop {
            match client.next().await.unwrap() {
                Turn::Event(event) => break assert_eq!(event, client::Event::Publishing),
                Turn::Room => {}
            }
        }
        client
    };
    let (server, client) = tokio::join!(serve, publish);
    (client, server)
}

fn frame(len: usize) -> Frame {
    Frame { kind: Kind::Audio, time: 0, payload: Bytes::from(vec![0xaf; len]) }
}

#[tokio::test(start_paused = true)]
async fn frames_cross_a_narrow_pipe() {
    let (mut client, mut server) = publishing(300).await;
    client.with(|session| session.send(&Packet::new(&frame(100_000), None)));
    let receive = async {
        loop {
            if let Turn::Event(server::Event::Tag(tag)) = server.next().await.unwrap() {
                break tag.payload.len();
            }
        }
    };
    let (sent, received) = tokio::join!(client.flush(), receive);
    sent.unwrap();
    assert_eq!(received, 100_000);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_is_given_up_after_ten_seconds() {
    let (mut client, _server) = publishing(300).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let began = Instant::now();
    client.with(|session| session.send(&Packet::new(&frame(5_000), None)));
    let error = client.flush().await.unwrap_err();
    assert!(matches!(error, Error::Stalled(_)), "{error}");
    assert_eq!(began.elapsed(), STALL);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_a_little_now_and_then_is_not_given_up() {
    let (mut client, mut server) = publishing(300).await;
    client.with(|session| session.send(&Packet::new(&frame(2_000), None)));
    let sip = async {
        loop {
            tokio::time::sleep(STALL - Duration::from_secs(1)).await;
            server.transport.read_exact(&mut [0; 200]).await.unwrap();
        }
    };
    tokio::select! {
        sent = client.flush() => sent.unwrap(),
        () = sip => {}
    }
}

#[tokio::test(start_paused = true)]
async fn silence_with_nothing_to_say_is_no_stall() {
    let (mut client, _server) = publishing(300).await;
    assert!(timeout(Duration::from_secs(600), client.next()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_asks_and_never_listens_is_not_answered_without_bound() {
    let (mut client, mut server) = publishing(4_096).await;
    let ask = async {
        // Pings, each answered by as many bytes.
        let ping = [2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1];
        for _ in 0..100_000 {
            if client.transport.write_all(&ping).await.is_err() {
                break;
            }
        }
    };
    let listen = async {
        while server.next().await.is_ok() {
            assert!(server.unsent() < 3 * HIGH_WATER);
        }
    };
    tokio::select! {
        () = ask => {}
        () = listen => {}
        () = tokio::time::sleep(Duration::from_secs(3_600)) => panic!("neither side gave up"),
    }
    assert!(server.unsent() < 3 * HIGH_WATER);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_asks_and_listens_is_answered_for_ever() {
    let (mut client, mut server) = publishing(4_096).await;
    let (mut answers, mut questions) = tokio::io::split(&mut client.transport);
    let ask = async {
        let ping = [2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1];
        while questions.write_all(&ping).await.is_ok() {}
    };
    let listen = async { while answers.read(&mut [0; 1_000]).await.is_ok_and(|read| read > 0) {} };
    let answer = async {
        while server.heard < 4 * HIGH_WATER {
            server.next().await.unwrap();
        }
    };
    tokio::select! {
        () = ask => panic!("the asking ended"),
        () = listen => panic!("the answers ended"),
        answered = timeout(Duration::from_secs(60), answer) => answered.unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_refuses_in_mid_frame_is_heard_though_it_takes_no_more() {
    let (mut client, mut server) = publishing(4_096).await;
    client.with(|session| session.send(&Packet::new(&frame(1 << 20), None)));
    server.with(|session| session.reject_publish(&Rejection::busy()));
    let said = server.with(|session| {
        let len = session.unsent();
        session.output().copy_to_bytes(len)
    });
    server.transport.write_all(&said).await.unwrap();
    let turn = client.next().await.unwrap();
    assert!(matches!(turn, Turn::Event(client::Event::Rejected(_))), "{turn:?}");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_refuses_and_is_gone_is_heard_though_nothing_can_be_written() {
    let (mut client, mut server) = publishing(4_096).await;
    server.with(|session| session.reject_publish(&Rejection::busy()));
    server.flush().await.unwrap();
    drop(server);
    client.offer(&Packet::new(&frame(100), None));
    let turn = client.next().await.unwrap();
    assert!(matches!(turn, Turn::Event(client::Event::Rejected(_))), "{turn:?}");
    assert!(client.next().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_written_before_the_end() {
    let (near, mut far) = duplex(64 << 10);
    let mut server = server_link(near);
    far.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let error = server.next().await.unwrap_err();
    assert!(error.to_string().contains("HTTP"), "{error}");
    drop(server);
    assert_eq!(far.read(&mut [0; 10]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_closed_pipe_is_told_as_closed() {
    let (mut client, mut server) = publishing(64 << 10).await;
    server.close().await.unwrap();
    loop {
        match client.next().await {
            Ok(_) => {}
            Err(error) => break assert!(matches!(error, Error::Closed), "{error}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn closing_listens_until_the_other_side_ends_but_not_for_ever() {
    let (mut client, mut server) = publishing(64 << 10).await;
    let began = Instant::now();
    let other = async {
        // Still speaking when the end comes.
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.with(|session| session.reject_publish(&Rejection::busy()));
        server.flush().await.unwrap();
        drop(server);
    };
    let (closed, ()) = tokio::join!(client.close(), other);
    closed.unwrap();
    assert_eq!(began.elapsed(), Duration::from_millis(300));

    let (mut client, _silent) = publishing(64 << 10).await;
    let began = Instant::now();
    client.close().await.unwrap();
    assert_eq!(began.elapsed(), FAREWELL);
}
