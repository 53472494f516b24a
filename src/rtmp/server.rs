//! The side that encoders publish to.
//!
//! It answers as the servers that encoders are tested with do, in the same order and on the same
//! message streams, and does not insist on an order itself: commands may be missing (nginx-rtmp and
//! SRS push without releaseStream and FCPublish), come late (Haivision) or carry no transaction
//! (GStreamer).

use std::collections::VecDeque;
use std::fmt;

use super::amf0::Value;
use super::auth::Offer;
use super::capabilities::Capabilities;
use super::client::RECONNECT_REQUEST;
use super::command::{Command, Level};
use super::connection::{Connection, WINDOW};
use super::handshake::Nonce;
use super::message::{Message, UserControl};
use super::rejection::Rejection;
use super::session::{Error, Outbox, Role, Session};
use super::url::StreamKey;
use crate::media::Tag;
use crate::secret::Secret;
use names::{bare_app, possible_keys};

/// What an encoder does.
#[derive(Debug, PartialEq)]
pub enum Event {
    /// It wants to publish: answer by [`Session::accept_publish`] or [`Session::reject_publish`].
    Publish {
        /// The app it connected to, without query, slashes and `_definst_`. Some encoders put the key
        /// there.
        app: Secret,
        /// The key, as it may be meant; the first that is known counts. Encoders split their URL in
        /// different ways.
        keys: Vec<StreamKey>,
    },
    /// It sends media.
    Tag(Tag),
    /// It says that it ends.
    Unpublish,
    /// It wanted something else than to publish and was told so; close once that is written.
    Refused(&'static str),
}

/// Decides who may connect.
pub trait Authenticator: Send + Sync {
    /// What to say to who asks for this app and says this of a login; `None` lets them in. The app is
    /// without query, slashes and `_definst_`.
    fn authenticate(&mut self, app: &str, offer: &Offer) -> Option<Rejection>;
}

/// The state of the side that was connected to.
pub struct Server {
    state: State,
    /// Who decides about `connect`, if anybody may be turned away there.
    authenticator: Option<Box<dyn Authenticator>>,
    /// As it was sent, with whatever tokens.
    app: Secret,
    /// What the encoder said of itself.
    capabilities: Capabilities,
    streams: u32,
    /// Media bytes that came while nothing was published.
    stray: usize,
    events: VecDeque<Event>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// `connect` is awaited.
    Fresh,
    Connected,
    /// Somebody decides on the publisher of this message stream.
    Deciding(u32),
    Publishing(u32),
    /// Refused; nothing more is listened to.
    Over,
}

impl Session<Server> {
    /// A session for a peer that connected to us.
    pub fn server(nonce: Box<Nonce>) -> Self {
        Self::new(Connection::server(nonce), Server::new(None))
    }

    /// The same, where an authenticator decides who may connect. Who may not is told so, by [`Event::Refused`] too.
    pub fn server_with(authenticator: Box<dyn Authenticator>, nonce: Box<Nonce>) -> Self {
        Self::new(Connection::server(nonce), Server::new(Some(authenticator)))
    }

    /// What the encoder said of itself in `connect`.
    pub fn capabilities(&self) -> &Capabilities {
        &self.role.capabilities
    }

    /// Asks an encoder that publishes to go on over a new connection: to the same address, or to another one. Only
    /// one that announced [`RECONNECT`](super::capabilities::RECONNECT) understands it: OBS listens to nothing in
    /// mid-stream.
    pub fn request_reconnect(&mut self, to: Option<&str>, description: &str) {
        if matches!(self.role.state, State::Publishing(_)) {
            self.outbox.say(Message::command(reconnect_request(to, description)));
            self.flush();
        }
    }

    /// Lets the encoder publish.
    pub fn accept_publish(&mut self) {
        if let State::Deciding(stream) = self.role.state {
            self.role.state = State::Publishing(stream);
            self.connection.trust();
            self.outbox.say(Message::UserControl(UserControl::StreamBegin(stream)));
            let start = Command::on_status(Level::Status, "NetStream.Publish.Start", "Publishing.");
            // GStreamer's rtmp2sink waits for this on the stream that it publishes on.
            self.outbox.say(Message::Command { stream, command: start });
            self.flush();
        }
    }

    /// Refuses the encoder; close the connection once this is written, for most encoders wait for
    /// that.
    pub fn reject_publish(&mut self, why: &Rejection) {
        if let State::Deciding(stream) | State::Publishing(stream) = self.role.state {
            self.role.state = State::Over;
            let status = Command::on_status(Level::Error, &why.code, &why.description);
            self.outbox.say(Message::Command { stream, command: status });
            self.flush();
        }
    }
}

impl Role for Server {
    type Event = Event;

    fn ready(&mut self, _out: &mut Outbox) {}

    fn handle(&mut self, message: Message, out: &mut Outbox) -> Result<(), Error> {
        match (self.state, message) {
            (State::Over, _) => Ok(()),
            (_, Message::Command { stream, command }) => self.handle_command(stream, &command, out),
            (State::Publishing(_), Message::Media { tags, .. }) => {
                // On whatever message stream: nginx-rtmp's push uses 1, whatever it was given.
                self.events.extend(tags.into_iter().map(Event::Tag));
                Ok(())
            }
            (_, Message::Media { tags, .. }) => self.ignore(&tags),
            _ => Ok(()),
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn is_listening(&self) -> bool {
        !matches!(self.state, State::Deciding(_))
    }
}

impl Server {
    fn new(authenticator: Option<Box<dyn Authenticator>>) -> Self {
        Self {
            state: State::Fresh,
            authenticator,
            app: Secret::new(""),
            capabilities: Capabilities::default(),
            streams: 0,
            stray: 0,
            events: VecDeque::new(),
        }
    }

    fn ignore(&mut self, tags: &[Tag]) -> Result<(), Error> {
        self.stray += tags.iter().map(|tag| tag.payload.len()).sum::<usize>();
        if self.stray > MAX_STRAY {
            return Err(Error::Role("media was sent without publishing"));
        }
        Ok(())
    }

    fn handle_command(&mut self, stream: u32, command: &Command, out: &mut Outbox) -> Result<(), Error> {
        let transaction = command.transaction;
        match command.name.as_str() {
            "connect" => self.connect(command, out),
            _ if self.state == State::Fresh => return Err(Error::Role("a command came before connect")),
            "createStream" => self.create_stream(transaction, out)?,
            "publish" => self.publish(stream, command)?,
            "FCUnpublish" => {
                self.unpublish();
                answer(transaction, Value::Undefined, out);
            }
            "deleteStream" | "closeStream" => self.delete_stream(stream, command, out),
            "releaseStream" | "FCPublish" => answer(transaction, Value::Undefined, out),
            "_checkbw" | "getStreamLength" => answer(transaction, Value::Number(0.0), out),
            "FCSubscribe" => out.say(Message::command(Command::new("onFCSubscribe", 0.0))),
            "play" | "play2" => self.refuse_player(stream, out),
            // Answers, and calls that want none.
            "_result" | "_error" | "onStatus" => {}
            _ if transaction == 0.0 => {}
            _ => {
                let error = Command::error(transaction, "NetConnection.Call.Failed", "Unknown command.");
                out.say(Message::command(error));
            }
        }
        Ok(())
    }

    fn connect(&mut self, command: &Command, out: &mut Outbox) {
        let text = |name| command.object.property(name).and_then(Value::as_str).unwrap_or_default();
        let app = text("app");
        self.app = Secret::new(app);
        let offer = || Offer::read(app, text("tcUrl"));
        let refusal = self
            .authenticator
            .as_mut()
            .and_then(|authenticator| authenticator.authenticate(bare_app(app), &offer()));
        if let Some(why) = refusal {
            self.turn_away(command.transaction, &why, out);
            return;
        }
        self.capabilities = Capabilities::read([&command.object]);
        if self.state == State::Fresh {
            self.state = State::Connected;
        }
        let encoding = command.object.property("objectEncoding").and_then(Value::as_number);
        out.say(Message::WindowAckSize(WINDOW));
        out.say(Message::SetPeerBandwidth(WINDOW));
        // Before the first answer, which is longer than the 128 bytes that hold without it; and
        // large, because ffmpeg sends its own chunks in the size that it is told here.
        out.say(Message::SetChunkSize(CHUNK_SIZE));
        out.say(Message::command(connected(command.transaction, encoding)));
    }

    fn turn_away(&mut self, transaction: f64, why: &Rejection, out: &mut Outbox) {
        self.state = State::Over;
        out.say(Message::SetChunkSize(CHUNK_SIZE));
        out.say(Message::command(Command::error(transaction, &why.code, &why.description)));
        self.events.push_back(Event::Refused("it must log in"));
    }

    fn create_stream(&mut self, transaction: f64, out: &mut Outbox) -> Result<(), Error> {
        self.streams += 1;
        if self.streams > MAX_STREAMS {
            return Err(Error::Role("too many message streams were created"));
        }
        // The first is 1: some clients take nothing else, and nginx-rtmp does not listen.
        out.say(Message::command(Command::result(transaction).with(Value::Number(f64::from(self.streams)))));
        Ok(())
    }

    fn publish(&mut self, stream: u32, command: &Command) -> Result<(), Error> {
        if self.state != State::Connected {
            return Err(Error::Role("publish came twice"));
        }
        self.state = State::Deciding(stream);
        let name = command.text().unwrap_or_default();
        let keys = possible_keys(self.app.expose(), name);
        self.events.push_back(Event::Publish { app: Secret::new(bare_app(self.app.expose())), keys });
        Ok(())
    }

    fn unpublish(&mut self) {
        if matches!(self.state, State::Publishing(_) | State::Deciding(_)) {
            self.state = State::Connected;
            self.events.push_back(Event::Unpublish);
        }
    }

    fn delete_stream(&mut self, stream: u32, command: &Command, out: &mut Outbox) {
        let State::Publishing(publishing) = self.state else {
            return;
        };
        // rtmp2sink names the stream by its key, others by number; some say nothing. Only another
        // stream's number means another stream.
        let named = command.arguments.first().and_then(Value::as_number);
        let other = |number: f64| self.streams > 1 && number != f64::from(publishing);
        let closes_other = command.name == "closeStream" && stream != 0 && stream != publishing;
        if named.is_some_and(other) || closes_other {
            return;
        }
        self.unpublish();
        let status = Command::on_status(Level::Status, "NetStream.Unpublish.Success", "Stopped.");
        out.say(Message::Command { stream: publishing, command: status });
    }

    fn refuse_player(&mut self, stream: u32, out: &mut Outbox) {
        self.state = State::Over;
        let status = Command::on_status(Level::Error, "NetStream.Play.Failed", NOT_PLAYED);
        out.say(Message::Command { stream, command: status });
        self.events.push_back(Event::Refused("a player connected; nothing is played here"));
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("state", &self.state).finish_non_exhaustive()
    }
}

/// Answers a call that has a transaction; GStreamer sends calls without, which want no answer.
fn answer(transaction: f64, value: Value, out: &mut Outbox) {
    if transaction != 0.0 {
        out.say(Message::command(Command::result(transaction).with(value)));
    }
}

/// Our capabilities stand in both objects: the specification does not say which one is read.
fn connected(transaction: f64, encoding: Option<f64>) -> Command {
    let with_capabilities = |own: &[(&str, Value)]| {
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Object(own.chain(Capabilities::of_relay().properties()).collect())
    };
    let server = with_capabilities(&[
        ("fmsVer", Value::string("FMS/3,0,1,123")),
        ("capabilities", Value::Number(31.0)),
        ("mode", Value::Number(1.0)),
    ]);
    let info = with_capabilities(&[
        ("level", Value::string("status")),
        ("code", Value::string("NetConnection.Connect.Success")),
        ("description", Value::string("Connected.")),
        ("objectEncoding", Value::Number(if encoding == Some(3.0) { 3.0 } else { 0.0 })),
    ]);
    Command::result(transaction).with_object(server).with(info)
}

fn reconnect_request(to: Option<&str>, description: &str) -> Command {
    let mut request = Command::on_status(Level::Status, RECONNECT_REQUEST, description);
    if let (Some(to), Some(Value::Object(info))) = (to, request.arguments.first_mut()) {
        info.push(("tcUrl".to_owned(), Value::string(to)));
    }
    request
}

const NOT_PLAYED: &str = "splitcast passes streams on to its targets; nothing is played here.";
const CHUNK_SIZE: u32 = 65_536;
const MAX_STREAMS: u32 = 8;
const MAX_STRAY: usize = 1 << 20;

mod names;
#[cfg(test)]
mod tests;
