use std::sync::Mutex;

use rcgen::{BasicConstraints, CertificateParams, IsCa, date_time_ymd};
use rustls::HandshakeKind;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::net::certified::{certified, trusting};
use crate::net::{AskError, Link, Post, PostRequest, ask};
use crate::rtmp::{Session, StreamKey};
use crate::secret::Secret;

/// A dialer for which every name is this machine, and which trusts nothing else.
fn dialer(trusted: &[CertificateDer<'static>]) -> Dialer {
    let guard = Guard::new("lan".parse().unwrap(), Vec::new());
    let resolver = Resolver::new(|_| Ok(vec![std::net::Ipv4Addr::LOCALHOST.into()]));
    Dialer { resolver: Arc::new(resolver), ..Dialer::new(guard, trusting(trusted)) }
}

/// A listener, and its address with a scheme.
async fn listen(scheme: &str) -> (TcpListener, RtmpUrl) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, RtmpUrl::parse(&format!("{scheme}://live.example.com:{port}/app")).unwrap())
}

/// Dials a server that shows a certificate, which is trusted or not.
async fn dial_tls(is_trusted: bool, change: impl Fn(&mut CertificateParams)) -> Result<Transport, Error> {
    let (certificate, acceptor) = certified(change);
    let (listener, url) = listen("rtmps").await;
    let dialer = dialer(if is_trusted { std::slice::from_ref(&certificate) } else { &[] });
    let serve = async { acceptor.accept(listener.accept().await.unwrap().0).await };
    let (dialled, _) = tokio::join!(dialer.dial(&url, &|_| ()), serve);
    dialled
}

/// Dials a server that hears the first bytes, says something and closes.
async fn dial_rude(scheme: &str, says: &[u8]) -> Result<Transport, Error> {
    let (listener, url) = listen(scheme).await;
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 4_096]).await.unwrap() > 0);
        stream.write_all(says).await.unwrap();
    };
    let dialer = dialer(&[]);
    let (dialled, ()) = tokio::join!(dialer.dial(&url, &|_| ()), serve);
    dialled
}

#[tokio::test]
async fn a_good_certificate_is_taken() {
    dial_tls(true, |_| ()).await.unwrap();
}

#[tokio::test]
async fn a_bad_certificate_is_told_with_what_to_do_about_it() {
    let wrong_name = |params: &mut CertificateParams| {
        *params = CertificateParams::new(["other.example.com".to_owned()]).unwrap();
    };
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(3000, 1, 1);
    let authority = |params: &mut CertificateParams| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for (dialled, words) in [
        (dial_tls(true, expired).await, "days ago; whoever runs the server must renew it"),
        (dial_tls(true, early).await, "check this machine's clock"),
        (dial_tls(true, wrong_name).await, "not made out to live.example.com, so check the host name"),
        (dial_tls(false, |_| ()).await, "signed by nobody known here; if the server is yours"),
        (dial_tls(false, authority).await, "marked CA:FALSE"),
    ] {
        let error = dialled.unwrap_err();
        assert!(matches!(error, Error::Certificate(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_tls_is_told_with_the_other_scheme() {
    for says in [&b"\x03\0\0\0\0\0\0\0\0\x12\x34"[..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let error = dial_rude("rtmps", says).await.unwrap_err();
        assert!(matches!(error, Error::NotTls), "{error:?}");
        assert!(error.to_string().contains("write rtmp:// instead"), "{error}");
    }
    let error = dial_rude("rtmps", b"").await.unwrap_err();
    assert!(matches!(error, Error::TlsClosed), "{error:?}");
    assert!(error.to_string().contains("write rtmp:// instead"), "{error}");
}

#[tokio::test]
async fn a_tls_server_that_hears_plain_rtmp_is_told_with_the_other_scheme() {
    let (_, acceptor) = certified(|_| ());
    let (listener, url) = listen("rtmp").await;
    let serve = async { acceptor.accept(listener.accept().await.unwrap().0).await.map(|_| ()) };
    let publish = async {
        let transport = dialer(&[]).dial(&url, &|_| ()).await.unwrap();
        let session = Session::client(url.clone(), StreamKey::new("key"), &[3; 1536]);
        ask(&mut Link::new(transport, session), &|_| ()).await
    };
    let (asked, _) = tokio::join!(publish, serve);
    let Err(AskError::Link(error)) = asked else { panic!("{asked:?}") };
    assert!(error.to_string().contains("write rtmps:// instead"), "{error}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let (listener, url) = listen("rtmp").await;
    drop(listener);
    let error = dialer(&[]).dial(&url, &|_| ()).await.unwrap_err();
    assert!(matches!(error, Error::Refused), "{error:?}");
}

#[tokio::test]
async fn a_host_that_is_dialled_again_resumes_its_session() {
    let (certificate, acceptor) = certified(|_| ());
    let (listener, url) = listen("rtmps").await;
    let dialer = dialer(&[certificate]);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let serve = async {
            let mut stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
            stream.write_all(b"!").await.unwrap();
            stream
        };
        let (dialled, stream) = tokio::join!(dialer.dial(&url, &|_| ()), serve);
        // What it takes to resume comes after the handshake and is taken in with whatever is read next.
        dialled.unwrap().read_exact(&mut [0]).await.unwrap();
        kinds.push(stream.get_ref().1.handshake_kind());
    }
    assert_eq!(kinds, [Some(HandshakeKind::Full), Some(HandshakeKind::Resumed)]);
}

#[tokio::test]
async fn what_is_posted_goes_through_tls_to_who_is_trusted() {
    let (certificate, acceptor) = certified(|_| ());
    let (listener, url) = listen("rtmps").await;
    let to = PostRequest {
        secure: true,
        host: url.host().to_owned(),
        port: url.port(),
        path: Secret::new("/"),
        headers: Vec::new(),
        body: "{}".into(),
    };
    for trusted in [std::slice::from_ref(&certificate), &[]] {
        let serve = async {
            let accepted = acceptor.accept(listener.accept().await.unwrap().0).await;
            if let Ok(mut stream) = accepted {
                let mut heard = Vec::new();
                while !heard.ends_with(b"{}") {
                    assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
                let _ = stream.read_to_end(&mut heard).await;
            }
        };
        let dialer = dialer(trusted);
        let (answer, ()) = tokio::join!(dialer.post(&to), serve);
        match answer {
            Ok(answer) => assert_eq!((trusted.len(), answer.status), (1, 200)),
            Err(error) => {
                assert_eq!(trusted.len(), 0, "{error}");
                assert!(error.to_string().contains("certificate"), "{error}");
            }
        }
    }
}

/// All that is told of a server that shows a certificate, which is trusted or not.
async fn explore(
    is_trusted: bool,
    change: impl Fn(&mut CertificateParams),
) -> (Vec<Told>, Result<(), Error>) {
    let (certificate, acceptor) = certified(change);
    let (listener, url) = listen("rtmps").await;
    let dialer = dialer(if is_trusted { std::slice::from_ref(&certificate) } else { &[] });
    let told = Mutex::new(Vec::new());
    let serve = async { acceptor.accept(listener.accept().await.unwrap().0).await };
    let tell = |one| told.lock().unwrap().push(one);
    let (explored, _) = tokio::join!(dialer.explore(&url, &tell), serve);
    (told.into_inner().unwrap(), explored.map(drop))
}

#[tokio::test]
async fn who_explores_is_told_what_is_found_on_the_way() {
    let (told, explored) = explore(true, |_| ()).await;
    explored.unwrap();
    let home = std::net::Ipv4Addr::LOCALHOST;
    assert_eq!(
        told[..3],
        [Told::Step(Step::Resolving), Told::Addresses(vec![home.into()]), Told::Step(Step::Connecting)]
    );
    let [Told::Peer(peer), Told::Step(Step::Tls), Told::Certificate(shown), Told::Secured("TLS 1.3")] =
        &told[3..]
    else {
        panic!("{told:?}");
    };
    assert_eq!((peer.ip(), &*shown.names), (home.into(), &["live.example.com".to_owned()][..]));
}

#[tokio::test]
async fn a_certificate_that_is_not_believed_is_told_all_the_same() {
    let (told, explored) = explore(false, |params| params.not_after = date_time_ymd(3000, 1, 1)).await;
    assert!(matches!(explored, Err(Error::Certificate(_))), "{explored:?}");
    let Some(Told::Certificate(shown)) = told.last() else { panic!("{told:?}") };
    assert_eq!(shown.ends, 32_503_680_000);
}
