use super::*;
use crate::rtmp::command::Level;

fn client() -> Client {
    let url = RtmpUrl::parse("rtmps://h:443/live2?backup=1").unwrap();
    Client::new(url, StreamKey::new("CANARY"))
}

fn hear(client: &mut Client, command: Command) -> Vec<Message> {
    let mut out = Outbox::default();
    client.handle(Message::command(command), &mut out).unwrap();
    out.take()
}

fn names(said: &[Message]) -> Vec<&str> {
    said.iter()
        .filter_map(|message| match message {
            Message::Command { command, .. } => Some(command.name.as_str()),
            _ => None,
        })
        .collect()
}

fn asking() -> Client {
    let mut client = client();
    client.ready(&mut Outbox::default());
    hear(&mut client, Command::result(1.0));
    hear(&mut client, Command::result(4.0).with(Value::Number(1.0)));
    assert_eq!(client.state, State::Asking(1));
    client
}

#[test]
fn says_what_obs_says_in_its_order() {
    let mut client = client();
    let mut out = Outbox::default();
    client.ready(&mut out);
    let said = out.take();
    let Some(Message::Command { stream: 0, command }) = said.last() else { panic!() };
    assert!(matches!(said[0], Message::SetChunkSize(4_096)));
    let Value::Object(properties) = &command.object else { panic!() };
    let keys: Vec<_> = properties.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["app", "type", "flashVer", "swfUrl", "tcUrl"]);
    assert_eq!(command.object.property("app"), Some(&Value::string("live2?backup=1")));
    assert_eq!(command.object.property("tcUrl"), Some(&Value::string("rtmps://h:443/live2?backup=1")));
    let said = hear(&mut client, Command::result(1.0));
    assert_eq!(names(&said), ["releaseStream", "FCPublish", "createStream"]);
    let said = hear(&mut client, Command::result(4.0).with(Value::Number(1.0)));
    assert!(matches!(&said[..], [Message::Command { stream: 1, command }] if command.name == "publish"));
}

#[test]
fn neither_on_fc_publish_nor_an_early_error_says_anything() {
    let mut client = asking();
    let info = Value::object([("code", Value::string("NetStream.Publish.Start"))]);
    hear(&mut client, Command::new("onFCPublish", 0.0).with(info));
    hear(&mut client, Command::new("onFCPublish", 0.0));
    hear(&mut client, Command::error(2.0, "NetConnection.Call.Failed", ""));
    assert_eq!(client.poll_event(), None);
}

#[test]
fn start_by_status_or_by_result_is_success() {
    for answer in [Command::on_status(Level::Status, "NetStream.Publish.Start", ""), Command::result(5.0)] {
        let mut client = asking();
        hear(&mut client, answer);
        assert_eq!(client.poll_event(), Some(Event::Publishing));
    }
}

#[test]
fn an_error_is_a_refusal_also_in_mid_stream() {
    for refusal in [
        Command::on_status(Level::Error, "NetStream.Publish.BadName", "Already publishing"),
        Command::on_status(Level::Status, "NetStream.Publish.Denied", ""),
        Command::error(5.0, "NetStream.Publish.Rejected", ""),
        Command::new("close", 0.0),
    ] {
        let mut client = asking();
        hear(&mut client, refusal);
        assert!(matches!(client.poll_event(), Some(Event::Rejected(_))));
    }
    let mut client = asking();
    hear(&mut client, Command::result(5.0));
    hear(&mut client, Command::on_status(Level::Error, "NetStream.Publish.BadName", ""));
    assert_eq!(client.poll_event(), Some(Event::Publishing));
    assert!(matches!(client.poll_event(), Some(Event::Rejected(_))));
}

#[test]
fn a_refused_connect_says_why() {
    let mut client = client();
    client.ready(&mut Outbox::default());
    hear(&mut client, Command::error(1.0, "NetConnection.Connect.Rejected", "unknown app"));
    let Some(Event::Rejected(why)) = client.poll_event() else { panic!() };
    assert_eq!(why.to_string(), "unknown app (NetConnection.Connect.Rejected)");
}

#[test]
fn each_step_ends_with_the_servers_answer_and_a_refusal_stays_where_it_came() {
    let answers = [Command::result(1.0), Command::result(4.0).with(Value::Number(1.0)), Command::result(5.0)];
    let expected = [Some(Step::Connect), Some(Step::CreateStream), Some(Step::Publish), None];
    for (answered, step) in expected.into_iter().enumerate() {
        let mut client = client();
        assert_eq!(client.state.step(), Some(Step::Handshake));
        client.ready(&mut Outbox::default());
        for answer in answers.iter().take(answered) {
            hear(&mut client, answer.clone());
        }
        assert_eq!(client.state.step(), step);
        hear(&mut client, Command::on_status(Level::Error, "NetStream.Failed", ""));
        assert_eq!(client.state, State::Over(step));
    }
}

#[test]
fn a_stream_number_out_of_range_is_taken_for_1() {
    let mut client = client();
    client.ready(&mut Outbox::default());
    hear(&mut client, Command::result(1.0));
    hear(&mut client, Command::result(4.0).with(Value::Number(-7.0)));
    assert_eq!(client.state, State::Asking(1));
}

#[test]
fn the_sessions_clock_begins_just_after_zero_and_is_never_negative() {
    let mut client = client();
    assert_eq!(client.session_time(500_000), 100);
    assert_eq!(client.session_time(500_033), 133);
    assert_eq!(client.session_time(499_993), 93);
    assert_eq!(client.session_time(400_000), 0);
    assert_eq!(client.session_time(500_000 + (1 << 32)), 100);
}

#[test]
fn a_login_goes_into_app_and_address_and_nowhere_else() {
    for (url, app) in [
        ("rtmp://h/live", "live?authmod=adobe&user=ann"),
        ("rtmp://h/live?backup=1", "live?backup=1&authmod=adobe&user=ann"),
    ] {
        let login = Some(Secret::new("authmod=adobe&user=ann"));
        let mut client = Client { url: RtmpUrl::parse(url).unwrap(), login, ..client() };
        let mut out = Outbox::default();
        client.ready(&mut out);
        let said = out.take();
        let Some(Message::Command { command, .. }) = said.last() else { panic!() };
        let text = |name| command.object.property(name).and_then(Value::as_str).unwrap().to_owned();
        assert_eq!(text("app"), app);
        assert_eq!(text("tcUrl"), format!("rtmp://h/{app}"));
        assert_eq!(text("swfUrl"), url);
    }
}

#[test]
fn only_who_is_asked_to_says_that_it_can_be_moved() {
    for is_movable in [false, true] {
        let mut client = Client { is_movable, ..client() };
        let mut out = Outbox::default();
        client.ready(&mut out);
        let said = out.take();
        let Some(Message::Command { command, .. }) = said.last() else { panic!() };
        let expected = is_movable.then_some(&Value::Number(1.0));
        assert_eq!(command.object.property("capsEx"), expected);
    }
}

/// A server's answer to `connect`, with a property in the first or the second object.
fn connected(name: &str, value: &Value, is_second: bool) -> Command {
    let (with, without) = (Value::object([(name, value.clone())]), Value::object([]));
    let (server, info) = if is_second { (without, with) } else { (with, without) };
    Command::result(1.0).with_object(server).with(info)
}

#[test]
fn a_codec_that_the_server_has_no_place_for_is_not_published() {
    let av1_alone = Value::StrictArray(vec![Value::string("av01")]);
    for is_second in [false, true] {
        let mut client = client();
        client.codecs = vec![FourCc(*b"avc1"), FourCc(*b"hvc1")];
        client.ready(&mut Outbox::default());
        assert_eq!(hear(&mut client, connected("fourCcList", &av1_alone, is_second)), []);
        assert_eq!(client.poll_event(), Some(Event::Unfit(FourCc(*b"hvc1"))));
        assert_eq!(client.state, State::Over(Some(Step::Connect)));
    }
    // Of a codec that is not sent nothing is asked.
    let mut client = client();
    client.codecs = vec![FourCc(*b"av01"), FourCc(*b"mp4a")];
    client.ready(&mut Outbox::default());
    assert_eq!(hear(&mut client, connected("fourCcList", &av1_alone, true)).len(), 3);
    assert_eq!(client.poll_event(), None);
}

fn request(to: Option<&str>) -> Command {
    let code = ("code", Value::string(RECONNECT_REQUEST));
    let level = ("level", Value::string("status"));
    Command::new("onStatus", 0.0).with(match to {
        Some(to) => Value::object([level, code, ("tcUrl", Value::string(to))]),
        None => Value::object([level, code]),
    })
}

#[test]
fn a_request_to_reconnect_tells_where_to_and_ends_nothing() {
    for (to, expected) in [
        (None, "rtmps://h:443/live2?backup=1"),
        (Some(""), "rtmps://h:443/live2?backup=1"),
        (Some("rtmps://other/live?x=1"), "rtmps://other/live?x=1"),
        (Some("/live3"), "rtmps://h:443/live3"),
    ] {
        let mut client = publishing();
        hear(&mut client, request(to));
        assert_eq!(client.poll_event(), Some(Event::Reconnect(RtmpUrl::parse(expected).unwrap())));
        assert_eq!(client.state, State::Publishing(1));
    }
}

fn publishing() -> Client {
    let mut client = asking();
    hear(&mut client, Command::result(5.0));
    assert_eq!(client.poll_event(), Some(Event::Publishing));
    client
}

#[test]
fn requests_that_make_no_sense_or_come_too_early_are_not_heard_and_many_are_one() {
    for to in ["rtmp://h/live2", "http://h/live2", "\0", "rtmps://"] {
        let mut client = publishing();
        hear(&mut client, request(Some(to)));
        assert_eq!(client.poll_event(), None, "{to}");
        assert_eq!(client.state, State::Publishing(1));
    }
    let mut client = asking();
    hear(&mut client, request(None));
    assert_eq!(client.poll_event(), None);
    let mut client = publishing();
    for number in 0..1_000 {
        hear(&mut client, request(Some(&format!("/live{number}"))));
    }
    let last = RtmpUrl::parse("rtmps://h:443/live999").unwrap();
    assert_eq!(client.poll_event(), Some(Event::Reconnect(last)));
    assert_eq!(client.poll_event(), None);
}

#[test]
fn a_redirect_is_followed_to_addresses_that_are_as_safe() {
    let moved = |to: &str| {
        let extra = Value::object([("code", Value::Number(302.0)), ("redirect", Value::string(to))]);
        Value::object([
            ("level", Value::string("error")),
            ("code", Value::string("NetConnection.Connect.Rejected")),
            ("ex", extra),
        ])
    };
    for name in ["_error", "onStatus"] {
        let mut client = client();
        client.ready(&mut Outbox::default());
        hear(&mut client, Command::new(name, 1.0).with(moved("rtmps://b/live?CANARY")));
        let to = RtmpUrl::parse("rtmps://b/live?CANARY").unwrap();
        assert_eq!(client.poll_event(), Some(Event::Redirected(to)));
        assert_eq!(client.state, State::Over(Some(Step::Connect)));

        let mut client = asking();
        hear(&mut client, Command::new(name, 5.0).with(moved("rtmp://b/CANARY")));
        let Some(Event::Rejected(why)) = client.poll_event() else { panic!() };
        assert!(why.description.contains("without TLS") && !why.to_string().contains("CANARY"), "{why}");
    }
}

#[test]
fn only_a_refused_connect_can_be_about_a_login() {
    let words = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
    let mut connecting = client();
    connecting.ready(&mut Outbox::default());
    hear(&mut connecting, Command::error(1.0, "NetConnection.Connect.Rejected", words));
    let wanted = Demand::Login(auth::Scheme::Adobe);
    assert_eq!(connecting.poll_event(), Some(Event::Demanded(wanted)));
    hear(&mut connecting, Command::new("close", 0.0));
    assert_eq!(connecting.poll_event(), None);
    assert_eq!(connecting.state.step(), Some(Step::Connect));

    let said = "authmod=adobe&user=ann";
    let mut echoed = Client { login: Some(Secret::new(said)), ..client() };
    echoed.ready(&mut Outbox::default());
    let words_of_app = format!("no such application live?{said}");
    hear(&mut echoed, Command::error(1.0, "NetConnection.Connect.Rejected", &words_of_app));
    assert!(matches!(echoed.poll_event(), Some(Event::Rejected(_))));

    let mut asking = asking();
    hear(&mut asking, Command::on_status(Level::Error, "NetStream.Publish.Denied", words));
    assert!(matches!(asking.poll_event(), Some(Event::Rejected(_))));
}

#[test]
fn a_redirect_in_mid_stream_is_a_request() {
    let mut client = publishing();
    let extra = Value::object([("code", Value::Number(302.0)), ("redirect", Value::string("/live3"))]);
    let info = Value::object([("level", Value::string("error")), ("ex", extra)]);
    hear(&mut client, Command::new("onStatus", 0.0).with(info));
    let to = RtmpUrl::parse("rtmps://h:443/live3").unwrap();
    assert_eq!(client.poll_event(), Some(Event::Reconnect(to)));
    assert_eq!(client.state, State::Publishing(1));
}
