use std::sync::Mutex;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::sleep;

use super::*;
use crate::rtmp::amf0::Value;
use crate::rtmp::command::{Command, Level};
use crate::rtmp::connection::Connection;
use crate::rtmp::message::Message;
use crate::rtmp::{RtmpUrl, Session, StreamKey, handshake};

const NONCE: handshake::Nonce = [3; handshake::BLOCK];

/// Each command that is answered, the step that ends with the answer, and the answer.
fn script() -> [(&'static str, Step, Command); 3] {
    let start = Command::on_status(Level::Status, "NetStream.Publish.Start", "");
    [
        ("connect", Step::Connect, Command::result(1.0)),
        ("createStream", Step::CreateStream, Command::result(4.0).with(Value::Number(1.0))),
        ("publish", Step::Publish, start),
    ]
}

/// A server that says what it is told to.
struct Server {
    pipe: DuplexStream,
    connection: Connection,
    input: BytesMut,
}

/// Takes what a connection says.
fn said(connection: &mut Connection) -> Bytes {
    let len = connection.unsent();
    connection.output().copy_to_bytes(len)
}

impl Server {
    /// Reads until the client gives a command.
    async fn hear(&mut self, name: &str) {
        loop {
            match self.connection.handle_input(&mut self.input).unwrap() {
                Some(Message::Command { command, .. }) if command.name == name => return,
                Some(_) => {}
                None => {
                    let said = said(&mut self.connection);
                    self.pipe.write_all(&said).await.unwrap();
                    assert!(self.pipe.read_buf(&mut self.input).await.unwrap() > 0);
                }
            }
        }
    }

    async fn say(&mut self, command: Command) {
        self.connection.send(Message::command(command));
        let said = said(&mut self.connection);
        self.pipe.write_all(&said).await.unwrap();
    }

    /// Goes through the script until it has heard so many commands, and answered all but the last.
    async fn hear_commands(&mut self, count: usize) {
        for (index, (name, _, answer)) in script().into_iter().take(count).enumerate() {
            self.hear(name).await;
            if index + 1 < count {
                self.say(answer).await;
            }
        }
    }
}

/// A client's connection and the server at its other end.
fn pair() -> (Link<Client>, Server) {
    pair_carrying(*b"avc1")
}

/// The same for a stream of a codec.
fn pair_carrying(codec: [u8; 4]) -> (Link<Client>, Server) {
    let (near, far) = duplex(64 << 10);
    let url = RtmpUrl::parse("rtmp://host/live").unwrap();
    let session = Session::client(url, StreamKey::new("key"), &NONCE).carrying(vec![FourCc(codec)]);
    let link = Link::new(near.into(), session);
    let connection = Connection::server(Box::new(NONCE));
    (link, Server { pipe: far, connection, input: BytesMut::new() })
}

/// The steps in which a server can fail: at first before the handshake, then after each command.
fn steps() -> impl Iterator<Item = (usize, Step)> {
    let commands = script().map(|(_, step, _)| step);
    std::iter::once(Step::Handshake).chain(commands).enumerate()
}

async fn ask_quietly(link: &mut Link<Client>) -> Result<(), AskError> {
    ask(link, &|_| ()).await
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_given_the_time_of_that_step() {
    for (heard, expected) in steps() {
        let began = Instant::now();
        let (mut link, mut server) = pair();
        let (asked, ()) = tokio::join!(ask_quietly(&mut link), server.hear_commands(heard));
        let Err(AskError::Link(Error::Timeout { step, limit })) = asked else { panic!("{asked:?}") };
        assert_eq!((step, limit), (expected, expected.limit()), "after {heard} commands");
        assert_eq!(began.elapsed(), limit);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_its_time_at_every_step_is_waited_for_and_each_step_is_told() {
    let told = Mutex::new(Vec::new());
    let (mut link, mut server) = pair();
    let progress = |step| told.lock().unwrap().push(step);
    let serve = async {
        sleep(Duration::from_millis(4_900)).await;
        for (name, ..) in script() {
            server.hear(name).await;
            sleep(Duration::from_millis(4_900)).await;
            let (_, _, answer) = script().into_iter().find(|(other, ..)| *other == name).unwrap();
            server.say(answer).await;
        }
    };
    let (asked, ()) = tokio::join!(ask(&mut link, &progress), serve);
    asked.unwrap();
    assert_eq!(
        told.into_inner().unwrap(),
        [Step::Handshake, Step::Connect, Step::CreateStream, Step::Publish]
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_at_any_step_is_told_as_closed() {
    for (heard, _) in steps() {
        let (mut link, mut server) = pair();
        let serve = async {
            server.hear_commands(heard).await;
            drop(server);
        };
        let (asked, ()) = tokio::join!(ask_quietly(&mut link), serve);
        let Err(AskError::Link(error)) = asked else { panic!("{asked:?}") };
        let closed = matches!(error, Error::Closed | Error::ClosedUnheard);
        assert!(closed, "after {heard} commands: {error}");
        assert_eq!(error.to_string().contains("rtmps://"), heard == 0, "after {heard} commands: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_alert_in_answer_to_plain_rtmp_says_which_scheme_to_write() {
    let (mut link, mut server) = pair();
    server.pipe.write_all(&[0x15, 3, 3, 0, 2, 2, 70]).await.unwrap();
    let asked = ask_quietly(&mut link).await;
    assert!(matches!(asked, Err(AskError::Link(Error::WantsTls))), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_with_the_step_that_it_came_in() {
    for (heard, expected) in steps().skip(1) {
        let (mut link, mut server) = pair();
        let serve = async {
            server.hear_commands(heard).await;
            server.say(Command::on_status(Level::Error, "NetStream.Failed", "no")).await;
        };
        let (asked, ()) = tokio::join!(ask_quietly(&mut link), serve);
        let Err(AskError::Rejected { step, why }) = asked else { panic!("{asked:?}") };
        assert_eq!((step, why.description.as_str()), (expected, "no"), "after {heard} commands");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_all_at_once_before_it_is_asked_is_understood() {
    let (mut link, mut server) = pair();
    let serve = async {
        server.hear("connect").await;
        for (_, _, answer) in script() {
            server.connection.send(Message::command(answer));
        }
        server.say(Command::on_status(Level::Error, "NetStream.Failed", "too late")).await;
    };
    let (asked, ()) = tokio::join!(ask_quietly(&mut link), serve);
    asked.unwrap();
    let turn = link.next().await.unwrap();
    assert!(matches!(turn, Turn::Event(Event::Rejected(_))), "{turn:?}");
    assert_eq!(link.with(|session| session.step()), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_rtmp_is_told_as_that() {
    let (mut link, mut server) = pair();
    server.pipe.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    let asked = ask_quietly(&mut link).await;
    assert!(matches!(asked, Err(AskError::Link(Error::Rtmp(_)))), "{asked:?}");
}

/// What a server says of the codecs that it takes.
fn capable(codec: &str) -> Command {
    let list = Value::StrictArray(vec![Value::string(codec)]);
    Command::result(1.0).with(Value::object([("fourCcList", list)]))
}

#[tokio::test(start_paused = true)]
async fn a_codec_for_which_the_server_has_no_place_is_not_published() {
    let (mut link, mut server) = pair_carrying(*b"hvc1");
    let serve = async {
        server.hear("connect").await;
        server.say(capable("av01")).await;
    };
    let (asked, ()) = tokio::join!(ask_quietly(&mut link), serve);
    let Err(AskError::Unfit(codec)) = asked else { panic!("{asked:?}") };
    assert_eq!(codec.to_string(), "HEVC");
    assert_eq!(link.unsent(), 0, "nothing more is asked");
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_told_with_its_address() {
    let (mut link, mut server) = pair();
    let serve = async {
        server.hear("connect").await;
        let extra =
            Value::object([("code", Value::Number(302.0)), ("redirect", Value::string("//other/app"))]);
        server.say(Command::new("_error", 1.0).with(Value::object([("ex", extra)]))).await;
    };
    let (asked, ()) = tokio::join!(ask_quietly(&mut link), serve);
    let Err(AskError::Redirected(to)) = asked else { panic!("{asked:?}") };
    assert_eq!(to, RtmpUrl::parse("rtmp://other/app").unwrap());
}
