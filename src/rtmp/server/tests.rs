use super::*;
use crate::rtmp::capabilities::RECONNECT;

/// Says commands to the role, without bytes.
fn hear(server: &mut Server, commands: Vec<(u32, Command)>) -> Result<Vec<Message>, Error> {
    let mut out = Outbox::default();
    for (stream, command) in commands {
        server.handle(Message::Command { stream, command }, &mut out)?;
    }
    Ok(out.take())
}

fn fresh() -> Server {
    Server::new(None)
}

fn connect(app: &str) -> (u32, Command) {
    (0, Command::new("connect", 1.0).with_object(Value::object([("app", Value::string(app))])))
}

fn publish(name: &str) -> (u32, Command) {
    (1, Command::new("publish", 5.0).with(Value::string(name)).with(Value::string("live")))
}

#[test]
fn connect_is_answered_in_the_order_that_encoders_need() {
    let said = hear(&mut fresh(), vec![connect("live")]).unwrap();
    let [
        Message::WindowAckSize(_),
        Message::SetPeerBandwidth(_),
        Message::SetChunkSize(65_536),
        Message::Command { stream: 0, command },
    ] = &said[..]
    else {
        panic!("{said:?}");
    };
    assert_eq!((command.name.as_str(), command.transaction), ("_result", 1.0));
    assert_eq!(command.info("code"), Some("NetConnection.Connect.Success"));
    for object in command.objects() {
        assert_eq!(Capabilities::read([object]), Capabilities::of_relay());
    }
}

#[test]
fn what_an_encoder_says_of_itself_is_remembered() {
    let mut server = fresh();
    hear(&mut server, vec![connect("live")]).unwrap();
    assert_eq!(server.capabilities, Capabilities::default());
    let object = Value::object([("app", Value::string("live")), ("capsEx", Value::Number(3.0))]);
    hear(&mut server, vec![(0, Command::new("connect", 1.0).with_object(object))]).unwrap();
    assert!(server.capabilities.has(RECONNECT));
}

#[test]
fn the_first_message_stream_is_1() {
    let said = hear(&mut fresh(), vec![connect("live"), (0, Command::new("createStream", 4.0))]).unwrap();
    let Some(Message::Command { command, .. }) = said.last() else { panic!() };
    assert_eq!((command.transaction, &command.arguments[..]), (4.0, &[Value::Number(1.0)][..]));
}

#[test]
fn publishing_needs_connect_and_nothing_else() {
    assert!(hear(&mut fresh(), vec![publish("k")]).is_err());
    let mut server = fresh();
    hear(&mut server, vec![connect("live/"), publish("k")]).unwrap();
    let expected = Event::Publish { app: Secret::new("live"), keys: vec![StreamKey::new("k")] };
    assert_eq!(server.poll_event(), Some(expected));
}

#[test]
fn calls_without_a_transaction_get_no_answer() {
    let mut server = fresh();
    hear(&mut server, vec![connect("live")]).unwrap();
    for name in ["releaseStream", "FCPublish", "setPeerInfo"] {
        assert_eq!(hear(&mut server, vec![(0, Command::new(name, 0.0))]).unwrap(), []);
        assert_eq!(hear(&mut server, vec![(0, Command::new(name, 2.0))]).unwrap().len(), 1);
    }
}

#[test]
fn the_end_may_name_its_stream_by_number_by_key_or_not_at_all() {
    for argument in [Some(Value::Number(1.0)), Some(Value::string("key")), None] {
        let mut server = fresh();
        server.state = State::Publishing(1);
        server.streams = 1;
        let command =
            Command { arguments: argument.into_iter().collect(), ..Command::new("deleteStream", 7.0) };
        hear(&mut server, vec![(0, command)]).unwrap();
        assert_eq!(server.poll_event(), Some(Event::Unpublish));
    }
}

#[test]
fn deleting_another_stream_ends_nothing() {
    let mut server = fresh();
    server.state = State::Publishing(1);
    server.streams = 2;
    hear(&mut server, vec![(0, Command::new("deleteStream", 7.0).with(Value::Number(2.0)))]).unwrap();
    assert_eq!(server.poll_event(), None);
}

#[test]
fn a_player_is_told_that_nothing_is_played() {
    let mut server = fresh();
    let play = (1, Command::new("play", 4.0).with(Value::string("key")));
    let said = hear(&mut server, vec![connect("live"), play]).unwrap();
    let Some(Message::Command { stream: 1, command }) = said.last() else { panic!("{said:?}") };
    assert_eq!(command.info("level"), Some("error"));
    assert!(command.info("description").unwrap().contains("nothing is played here"));
    assert!(matches!(server.poll_event(), Some(Event::Refused(_))));
}

#[test]
fn message_streams_and_stray_media_are_bounded() {
    let mut server = fresh();
    let create = (0, Command::new("createStream", 2.0));
    let mut commands = vec![connect("live")];
    commands.extend(std::iter::repeat_n(create, 9));
    assert!(hear(&mut server, commands).is_err());

    let mut server = fresh();
    let payload = bytes::Bytes::from(vec![0; 1 << 20]);
    let tag = Tag { kind: crate::media::Kind::Audio, timestamp: 0, payload };
    let media = Message::Media { stream: 1, tags: vec![tag] };
    assert!(server.handle(media.clone(), &mut Outbox::default()).is_ok());
    assert!(server.handle(media, &mut Outbox::default()).is_err());
    assert_eq!(server.poll_event(), None);
}

/// A door that lets nobody in but who says how he is called.
struct Closed;

impl Authenticator for Closed {
    fn authenticate(&mut self, app: &str, offer: &Offer) -> Option<Rejection> {
        assert_eq!(app, "live");
        (*offer == Offer::Nothing).then(crate::rtmp::auth::adobe::login_wanted)
    }
}

#[test]
fn who_is_turned_away_at_connect_is_told_why_and_heard_no_more() {
    let mut server = Server { authenticator: Some(Box::new(Closed)), ..fresh() };
    let said = hear(&mut server, vec![connect("live/?x=1"), publish("k")]).unwrap();
    let [Message::SetChunkSize(_), Message::Command { stream: 0, command }] = &said[..] else {
        panic!("{said:?}");
    };
    assert_eq!((command.name.as_str(), command.transaction), ("_error", 1.0));
    assert_eq!(command.info("code"), Some("NetConnection.Connect.Rejected"));
    assert!(command.info("description").unwrap().contains("[ code=403 need auth; authmod=adobe ]"));
    assert!(matches!(server.poll_event(), Some(Event::Refused(_))));
    assert_eq!(server.poll_event(), None);

    let mut server = Server { authenticator: Some(Box::new(Closed)), ..fresh() };
    hear(&mut server, vec![connect("live?authmod=adobe&user=ann"), publish("k")]).unwrap();
    let Some(Event::Publish { app, keys }) = server.poll_event() else { panic!() };
    assert_eq!((app.expose(), keys[0].expose()), ("live", "k"));
}
