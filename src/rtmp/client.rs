//! The side that publishes to a target.
//!
//! It says what OBS says, in OBS's order, because every platform is tested with that, and asks for
//! as little as it can: servers leave out answers (nginx-rtmp), answer early (SRS's `onFCPublish`
//! says nothing about success) or refuse without a word.

use std::collections::VecDeque;

use super::amf0::Value;
use super::auth::{self, Demand};
use super::batch::Batch;
use super::capabilities::{Capabilities, EXTENDED, FourCc, RECONNECT};
use super::chunk::CHUNK_SIZE;
use super::command::Command;
use super::connection::{Connection, WINDOW};
use super::handshake::Nonce;
use super::message::Message;
use super::packet::Packet;
use super::redirect;
use super::rejection::Rejection;
use super::session::{Error, Outbox, Role, Session};
use super::url::{RtmpUrl, StreamKey};
use crate::secret::Secret;

/// What a target says.
#[derive(Debug, PartialEq)]
pub enum Event {
    /// It takes the stream; send frames. It may still close at once: that is how nginx-rtmp denies.
    Publishing,
    /// It refuses, now or in mid-stream.
    Rejected(Rejection),
    /// It refuses, for it wants a login, or another one; see [`auth::Dialogue`].
    Demanded(Demand),
    /// It does not take this codec, which was to be sent.
    Unfit(FourCc),
    /// It takes nothing itself and sends the stream there.
    Redirected(RtmpUrl),
    /// It goes on for now, but wants the stream on a new connection to this address.
    Reconnect(RtmpUrl),
}

/// How far a session has come on its way to publishing; each step ends with the server's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The handshake.
    Handshake,
    /// `connect`.
    Connect,
    /// `createStream`, and what goes before it.
    CreateStream,
    /// `publish`.
    Publish,
}

/// The state of the side that connected.
#[derive(Debug)]
pub struct Client {
    url: RtmpUrl,
    key: StreamKey,
    /// What `connect` says of a login.
    login: Option<Secret>,
    state: State,
    /// Whether it says that it can be asked to reconnect.
    is_movable: bool,
    /// What will be sent.
    codecs: Vec<FourCc>,
    /// What the server said of itself.
    capabilities: Capabilities,
    /// The stream's time at which this session began.
    origin: Option<i64>,
    events: VecDeque<Event>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Handshake,
    Connecting,
    Creating,
    /// `publish` was said on this message stream.
    Asking(u32),
    Publishing(u32),
    /// Refused at this step, or if there is none, after the stream had been taken.
    Over(Option<Step>),
}

impl State {
    fn step(self) -> Option<Step> {
        match self {
            Self::Handshake => Some(Step::Handshake),
            Self::Connecting => Some(Step::Connect),
            Self::Creating => Some(Step::CreateStream),
            Self::Asking(_) => Some(Step::Publish),
            Self::Publishing(_) => None,
            Self::Over(at) => at,
        }
    }
}

impl Session<Client> {
    /// A session that will publish to `url` under `key`.
    pub fn client(url: RtmpUrl, key: StreamKey, nonce: &Nonce) -> Self {
        Self::new(Connection::client(nonce), Client::new(url, key))
    }

    /// The same for a stream of these codecs. It is not published where the server's answer to `connect`
    /// plainly has no place for one of them.
    #[must_use]
    pub fn carrying(mut self, codecs: Vec<FourCc>) -> Self {
        self.role.codecs = codecs;
        self
    }

    /// The same, which says of itself that it goes elsewhere when it is asked to: servers that keep to the
    /// specification ask nobody else. OBS says nothing of the kind, so platforms are best told nothing, too.
    #[must_use]
    pub fn movable(mut self) -> Self {
        self.role.is_movable = true;
        self
    }

    /// The same, which says this of a login when it connects: see [`auth::Dialogue::query`].
    #[must_use]
    pub fn with_login(mut self, query: Option<&Secret>) -> Self {
        self.role.login = query.cloned();
        self
    }

    /// Where publishing stands, or stood when the target refused; `None` from the moment on that the
    /// target took the stream.
    pub fn step(&self) -> Option<Step> {
        self.role.state.step()
    }

    /// Where it publishes to.
    pub fn url(&self) -> &RtmpUrl {
        &self.role.url
    }

    /// Sends a frame; nothing happens unless the target takes the stream. The session's clock begins
    /// with the first frame.
    pub fn send(&mut self, packet: &Packet) {
        if let State::Publishing(stream) = self.role.state {
            let timestamp = self.role.session_time(packet.time);
            self.connection.send_packet(stream, timestamp, packet);
        }
    }

    /// Whether a batch may be sent just as it is. If so, the session counts it as sent, and whoever
    /// asked writes it, after all that waits.
    pub fn take_batch(&mut self, batch: &Batch) -> bool {
        match (self.role.state, self.role.origin) {
            (State::Publishing(stream), Some(origin)) => {
                self.connection.take_batch(stream, |time| session_time(origin, time), batch)
            }
            _ => false,
        }
    }

    /// Says goodbye, which ends the broadcast on most platforms; close once it is written.
    pub fn unpublish(&mut self) {
        if let State::Publishing(stream) = self.role.state {
            self.role.state = State::Over(None);
            let unpublish = Command::new("FCUnpublish", 6.0).with_key(&self.role.key);
            let delete = Command::new("deleteStream", 7.0).with(Value::Number(f64::from(stream)));
            self.outbox.say(Message::command(unpublish));
            self.outbox.say(Message::command(delete));
            self.flush();
        }
    }
}

impl Role for Client {
    type Event = Event;

    fn ready(&mut self, out: &mut Outbox) {
        self.state = State::Connecting;
        let (page, login) = (self.url.tc_url(), self.login.as_ref());
        let app = auth::with_query(self.url.app(), login);
        let tc_url = auth::with_query(&page, login);
        let mut object = Value::object([
            ("app", Value::string(app.expose())),
            ("type", Value::string("nonprivate")),
            ("flashVer", Value::string("FMLE/3.0 (compatible; FMSc/1.0)")),
            ("swfUrl", Value::string(page.expose())),
            ("tcUrl", Value::string(tc_url.expose())),
        ]);
        if let (true, Value::Object(properties)) = (self.is_movable, &mut object) {
            properties.push((EXTENDED.to_owned(), Value::Number(RECONNECT.into())));
        }
        out.say(Message::SetChunkSize(CHUNK_SIZE));
        // nginx-rtmp and SRS acknowledge only to those who ask.
        out.say(Message::WindowAckSize(WINDOW));
        out.say(Message::command(Command::new("connect", CONNECT).with_object(object)));
    }

    fn handle(&mut self, message: Message, out: &mut Outbox) -> Result<(), Error> {
        if let Message::Command { command, .. } = message {
            match command.name.as_str() {
                "_result" => self.handle_result(&command, out),
                "_error" => self.handle_error(&command),
                "onStatus" if command.info("code") == Some(RECONNECT_REQUEST) => {
                    self.handle_request(&command)
                }
                "onStatus" => self.handle_status(&command),
                "close" => self.reject(&command),
                _ => {}
            }
        }
        Ok(())
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

impl Client {
    fn new(url: RtmpUrl, key: StreamKey) -> Self {
        Self {
            url,
            key,
            login: None,
            state: State::Handshake,
            is_movable: false,
            codecs: Vec::new(),
            capabilities: Capabilities::default(),
            origin: None,
            events: VecDeque::new(),
        }
    }

    fn handle_result(&mut self, command: &Command, out: &mut Outbox) {
        let transaction = command.transaction;
        match self.state {
            // Some servers answer connect with transaction 0.
            State::Connecting if transaction == CONNECT || transaction == 0.0 => {
                self.capabilities = Capabilities::read(command.objects());
                if let Some(codec) = self.codecs.iter().find(|codec| self.capabilities.refuses(**codec)) {
                    self.events.push_back(Event::Unfit(*codec));
                    self.state = State::Over(self.state.step());
                    return;
                }
                self.state = State::Creating;
                // All at once; only the last is waited for. SRS wants both of the first two or none.
                for (name, transaction) in [("releaseStream", 2.0), ("FCPublish", 3.0)] {
                    out.say(Message::command(Command::new(name, transaction).with_key(&self.key)));
                }
                out.say(Message::command(Command::new("createStream", CREATE_STREAM)));
            }
            State::Creating if transaction == CREATE_STREAM => {
                let stream = command.arguments.first().and_then(stream_id).unwrap_or(1);
                self.state = State::Asking(stream);
                let publish =
                    Command::new("publish", PUBLISH).with_key(&self.key).with(Value::string("live"));
                out.say(Message::Command { stream, command: publish });
            }
            State::Asking(stream) if transaction == PUBLISH => self.publishing(stream),
            _ => {}
        }
    }

    /// Errors in answer to releaseStream and FCPublish mean nothing.
    fn handle_error(&mut self, command: &Command) {
        let expected = match self.state {
            State::Connecting => command.transaction == CONNECT || command.transaction == 0.0,
            State::Creating => command.transaction == CREATE_STREAM,
            State::Asking(_) => command.transaction == PUBLISH,
            _ => false,
        };
        if expected {
            self.reject(command);
        }
    }

    fn handle_status(&mut self, command: &Command) {
        let code = command.info("code").unwrap_or_default();
        if command.info("level") == Some("error") || REFUSALS.iter().any(|word| code.ends_with(word)) {
            self.reject(command);
        } else if let (State::Asking(stream), "NetStream.Publish.Start") = (self.state, code) {
            self.publishing(stream);
        }
    }

    fn publishing(&mut self, stream: u32) {
        self.state = State::Publishing(stream);
        self.events.push_back(Event::Publishing);
    }

    fn reject(&mut self, command: &Command) {
        if matches!(self.state, State::Over(_)) {
            return;
        }
        // What we said ourselves of a login is no demand for one.
        let echo = self.login.as_ref().map_or("", Secret::expose);
        let said = command.info("description").filter(|_| self.state == State::Connecting);
        let said = said.map(|said| if echo.is_empty() { said.to_owned() } else { said.replace(echo, "") });
        let to = redirect::target_of(command).map(|to| redirect::resolve(&self.url, to));
        let rejection = || Rejection::from_peer(command, &self.url, &self.key, self.login.as_ref());
        let event = match (self.state, said.as_deref().and_then(Demand::read), to) {
            (_, Some(demand), _) => Event::Demanded(demand),
            // Whether it closes now or later, the stream has somewhere to go.
            (State::Publishing(_), _, Some(Ok(to))) => return self.request_move(to),
            (_, _, Some(Ok(to))) => Event::Redirected(to),
            (_, _, Some(Err(error))) => Event::Rejected(rejection().with_redirect(error)),
            (_, _, None) => Event::Rejected(rejection()),
        };
        self.state = State::Over(self.state.step());
        self.events.push_back(event);
    }

    /// A request is only that: one that cannot be followed changes nothing.
    fn handle_request(&mut self, command: &Command) {
        let to = redirect::resolve(&self.url, command.info("tcUrl").unwrap_or_default());
        if let (State::Publishing(_), Ok(to)) = (self.state, to) {
            self.request_move(to);
        }
    }

    /// Of many requests the last one counts; they must not pile up.
    fn request_move(&mut self, to: RtmpUrl) {
        self.events.retain(|event| !matches!(event, Event::Reconnect(_)));
        self.events.push_back(Event::Reconnect(to));
    }

    /// Milliseconds since the session's start, modulo 2^32.
    fn session_time(&mut self, time: i64) -> u32 {
        session_time(*self.origin.get_or_insert(time), time)
    }
}

fn session_time(origin: i64, time: i64) -> u32 {
    let elapsed = (time - origin + LEAD_MS).max(0);
    u32::try_from(elapsed.rem_euclid(1 << 32)).unwrap_or(0)
}

fn stream_id(value: &Value) -> Option<u32> {
    let number = value.as_number()?;
    let in_range = (1.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    in_range.then_some(number as u32)
}

pub(super) const RECONNECT_REQUEST: &str = "NetConnection.Connect.ReconnectRequest";

const CONNECT: f64 = 1.0;
const CREATE_STREAM: f64 = 4.0;
const PUBLISH: f64 = 5.0;
/// How far after zero a session's clock begins. Audio that belongs to the time just before the first
/// key frame comes after it, and its time must not be negative.
const LEAD_MS: i64 = 100;
/// Ends of status codes that mean failure, whatever their level.
const REFUSALS: [&str; 5] = ["Rejected", "Denied", "BadName", "Failed", "Unauthorized"];

#[cfg(test)]
mod tests;
