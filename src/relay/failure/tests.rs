use super::*;
use std::io;

fn closed(step: Option<Step>, fed: Option<u64>) -> Failure {
    Failure { why: net::Error::Closed.into(), step, fed: fed.map(Duration::from_millis) }
}

fn rejected(step: Option<Step>, code: &str, description: &str) -> Failure {
    let why = Rejection { code: code.to_owned(), description: description.to_owned() };
    Failure { why: Why::Rejected(why), step, fed: None }
}

#[test]
fn closing_means_different_things_at_different_times() {
    for (failure, kind) in [
        (closed(Some(Step::Handshake), None), ErrorKind::ClosedBeforePublish),
        (closed(Some(Step::Connect), None), ErrorKind::ClosedBeforePublish),
        (closed(Some(Step::Publish), None), ErrorKind::ClosedAfterPublish),
        (closed(None, Some(1_200)), ErrorKind::ClosedAfterPublish),
        (closed(None, Some(10_000)), ErrorKind::ClosedMidstream),
    ] {
        assert_eq!(failure.kind(), kind, "{failure:?}");
    }
}

#[test]
fn a_refused_key_is_told_by_how_often_and_by_whom() {
    let failure = closed(None, Some(1_200));
    assert_eq!(
        failure.explain("live.twitch.tv", 3),
        "Twitch closed the connection 1.2 s after publish for the third time: the stream key is probably wrong."
    );
    assert!(
        failure.explain("live.twitch.tv", 2).ends_with("for the second time: the stream key may be wrong.")
    );
    assert_eq!(
        closed(Some(Step::Publish), None).explain("my.server", 1),
        "The server closed the connection instead of accepting the stream: the stream key may be wrong."
    );
    assert!(closed(None, Some(20)).explain("h", 1).contains("closed the connection right after publish:"));
    assert!(failure.explain("h", 22).contains("for the 22nd time"));
    assert!(failure.explain("h", 13).contains("for the 13th time"));
}

#[test]
fn what_the_server_said_is_shown_and_understood() {
    let denied = rejected(Some(Step::Publish), "NetStream.Publish.Denied", "no such stream");
    assert_eq!(denied.kind(), ErrorKind::PublishRejected);
    assert_eq!(
        denied.explain("h", 1),
        "The server refused the stream: no such stream (NetStream.Publish.Denied)."
    );
    let busy = rejected(Some(Step::Publish), "NetStream.Publish.BadName", "Already publishing");
    assert_eq!(busy.kind(), ErrorKind::PublishBusy);
    assert!(busy.explain("h", 1).contains("splitcast's last connection"));
    let connect = rejected(Some(Step::Connect), "NetConnection.Connect.Rejected", "no app");
    assert_eq!(connect.kind(), ErrorKind::ConnectRejected);
    assert!(
        connect
            .explain("h", 1)
            .starts_with("The server refused the application that the address names: no app")
    );
    let closed = closed(Some(Step::Connect), None).explain("h", 1);
    assert!(closed.contains("check what follows the host"), "{closed}");
}

#[test]
fn the_networks_errors_have_their_kinds() {
    let kind = |step, error: net::Error| Failure { why: error.into(), step: Some(step), fed: None }.kind();
    for (error, expected) in [
        (net::Error::UnknownHost, ErrorKind::DnsNxdomain),
        (net::Error::Lookup(io::ErrorKind::Other.into()), ErrorKind::DnsTemp),
        (net::Error::Refused, ErrorKind::TcpRefused),
        (net::Error::Unreachable, ErrorKind::Unreachable),
        (net::Error::Certificate(rustls::CertificateError::Expired), ErrorKind::TlsVerify),
        (net::Error::NotTls, ErrorKind::TlsIo),
        (net::Error::WantsTls, ErrorKind::Protocol),
        (net::Error::Dead, ErrorKind::PeerDead),
        (net::Error::Loop, ErrorKind::Policy),
        (net::Error::Port(22), ErrorKind::Policy),
    ] {
        assert_eq!(kind(Step::Connecting, error), expected);
    }
    for (step, expected) in [
        (net::Step::Resolving, ErrorKind::DnsTemp),
        (net::Step::Connecting, ErrorKind::TcpTimeout),
        (net::Step::Tls, ErrorKind::TlsIo),
        (net::Step::Handshake, ErrorKind::HandshakeTimeout),
        (net::Step::Connect, ErrorKind::AnswerTimeout),
        (net::Step::CreateStream, ErrorKind::AnswerTimeout),
        (net::Step::Publish, ErrorKind::AnswerTimeout),
    ] {
        let error = net::Error::Timeout { step, limit: Duration::from_secs(1) };
        assert_eq!(kind(shown(step), error), expected);
    }
    assert_eq!(kind(Step::Publish, net::Error::Stalled(Duration::from_secs(10))), ErrorKind::WriteStall);
}

#[test]
fn what_answers_in_another_protocol_is_a_matter_of_the_address() {
    let failure = |step| {
        let error = crate::rtmp::connection::Error::from(crate::rtmp::handshake::Error::Http);
        let error = net::Error::Rtmp(error.into());
        Failure { why: error.into(), step, fed: None }
    };
    assert_eq!(
        failure(Some(Step::Handshake)).explain("h", 1),
        "The server does not keep to RTMP, so check the address and the port: the peer speaks HTTP, not RTMP."
    );
    assert!(!failure(None).explain("h", 1).contains("address"), "it was the right one");
}

#[test]
fn what_a_target_alone_can_suffer_from_says_nothing_about_its_server() {
    use ErrorKind::*;
    for kind in [
        TcpRefused,
        TcpTimeout,
        Unreachable,
        TlsIo,
        HandshakeTimeout,
        AnswerTimeout,
        ClosedBeforePublish,
        WriteStall,
    ] {
        assert!(kind.is_about_server(), "{kind:?}");
    }
    for kind in [
        DnsNxdomain,
        TlsVerify,
        ConnectRejected,
        PublishRejected,
        PublishBusy,
        ClosedAfterPublish,
        ClosedMidstream,
        Protocol,
        Policy,
        Internal,
    ] {
        assert!(!kind.is_about_server(), "{kind:?}");
    }
}

#[test]
fn a_server_that_sends_the_stream_on_is_not_blamed_for_the_next_one() {
    let to = || RtmpUrl::parse("rtmp://b.example/live?t=CANARY").unwrap();
    let elsewhere = |why: Why| {
        let why = Why::Elsewhere { to: to(), why: Box::new(why) };
        Failure { why, step: Some(Step::Connecting), fed: None }
    };
    let refused = elsewhere(net::Error::Refused.into());
    assert_eq!(refused.kind(), ErrorKind::TcpRefused);
    assert!(!refused.is_about_server());
    assert_eq!(
        refused.explain("live.twitch.tv", 1),
        "Twitch sends the stream to rtmp://b.example, but there: The connection was not accepted: nothing answers there, so check the address and the port."
    );
    // An address that may not be dialled is not what a person has typed.
    assert_eq!(elsewhere(net::Error::Loop.into()).kind(), ErrorKind::ConnectRejected);
    let circles = Failure { why: Why::Redirected(to()), step: None, fed: None };
    assert_eq!(circles.kind(), ErrorKind::ConnectRejected);
    assert!(!circles.explain("h", 1).contains("CANARY"));
}

#[test]
fn a_codec_without_a_place_is_called_by_its_name() {
    let failure = Failure { why: Why::Unfit(FourCc(*b"hvc1")), step: Some(Step::Connect), fed: None };
    assert_eq!(failure.explain("h", 1), "The server does not accept HEVC, so nothing was sent.");
}
