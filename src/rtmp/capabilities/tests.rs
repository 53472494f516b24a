use bytes::BytesMut;
use proptest::prelude::*;

use super::super::amf0;
use super::*;

fn any_which() -> impl Strategy<Value = Which> {
    let four_cc = proptest::array::uniform4(b' '..=b'~').prop_map(|bytes| Which::One(FourCc(bytes)));
    prop_oneof![Just(Which::Any), four_cc]
}

fn any_map() -> impl Strategy<Value = Option<Vec<(Which, Abilities)>>> {
    proptest::option::of(proptest::collection::vec((any_which(), any::<u32>()), 0..MOST))
}

prop_compose! {
    fn any_capabilities()(
        codecs in proptest::option::of(proptest::collection::vec(any_which(), 0..MOST)),
        video in any_map(),
        audio in any_map(),
        extended: Option<u32>,
    ) -> Capabilities {
        Capabilities { codecs, video, audio, extended }
    }
}

/// Any value, some of them where capabilities stand.
fn any_value() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just(CODECS.to_owned()),
        Just(VIDEO.to_owned()),
        Just(EXTENDED.to_owned()),
        Just("hvc1".to_owned()),
        ".{0,5}",
    ];
    let leaf = prop_oneof![
        any::<f64>().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        prop_oneof![Just("*".to_owned()), Just("av01".to_owned()), ".{0,6}"].prop_map(Value::String),
        Just(Value::Null),
        Just(Value::Reference(0)),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        let named = proptest::collection::vec((name.clone(), inner.clone()), 0..8);
        prop_oneof![
            proptest::collection::vec(inner, 0..8).prop_map(Value::StrictArray),
            named.clone().prop_map(Value::Object),
            named.prop_map(Value::EcmaArray),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_said_is_understood(said in any_capabilities()) {
        let mut wire = BytesMut::new();
        Value::Object(said.properties()).encode(&mut wire);
        let heard = amf0::decode_all(&wire).unwrap();
        prop_assert_eq!(Capabilities::read(&heard), said);
    }

    #[test]
    fn anything_can_be_read(values in proptest::collection::vec(any_value(), 0..4)) {
        let read = Capabilities::read(&values);
        for list in [&read.video, &read.audio].into_iter().flatten() {
            prop_assert!(list.len() <= MOST);
        }
        // Whatever was made of it can be said again.
        let again = [Value::Object(read.properties())];
        prop_assert_eq!(Capabilities::read(&again), read);
    }
}

fn of(properties: &[(&str, Value)]) -> Capabilities {
    let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Capabilities::read(&[Value::Object(properties)])
}

fn list(codecs: &[&str]) -> Value {
    Value::StrictArray(codecs.iter().copied().map(Value::string).collect())
}

fn map(codec: &str, bits: f64) -> Value {
    Value::object([(codec, Value::Number(bits))])
}

const HEVC: FourCc = FourCc(*b"hvc1");
const AV1: FourCc = FourCc(*b"av01");
const OPUS: FourCc = FourCc(*b"Opus");

#[test]
fn a_codec_is_refused_only_where_others_of_its_medium_are_named() {
    for (said, refused) in [
        (vec![], vec![]),
        (vec![(CODECS, list(&["av01", "vp09"]))], vec![HEVC]),
        (vec![(CODECS, list(&["av01", "Opus"]))], vec![HEVC]),
        (vec![(CODECS, list(&["*"]))], vec![]),
        (vec![(CODECS, list(&["av01", "*"]))], vec![]),
        // What says nothing.
        (vec![(CODECS, list(&[]))], vec![]),
        (vec![(CODECS, list(&["????", "hevc, please"]))], vec![]),
        (vec![(CODECS, Value::Number(7.0))], vec![]),
        (vec![(VIDEO, Value::object([]))], vec![]),
        // What is done with it matters.
        (vec![(VIDEO, map("hvc1", 4.0))], vec![AV1]),
        (vec![(VIDEO, map("hvc1", 1.0))], vec![AV1]),
        (vec![(VIDEO, map("hvc1", 2.0))], vec![HEVC, AV1]),
        (vec![(VIDEO, map("*", 4.0))], vec![]),
        (vec![(VIDEO, Value::object([("hvc1", Value::Boolean(true))]))], vec![AV1]),
        (vec![(AUDIO, map("mp4a", 4.0))], vec![OPUS]),
        // One yes is enough.
        (vec![(CODECS, list(&["av01"])), (VIDEO, map("hvc1", 4.0))], vec![]),
        (vec![(CODECS, list(&["av01"])), (VIDEO, map("vp09", 4.0))], vec![HEVC]),
    ] {
        let capabilities = of(&said);
        let all = [HEVC, AV1, OPUS];
        let got: Vec<FourCc> = all.into_iter().filter(|codec| capabilities.refuses(*codec)).collect();
        assert_eq!(got, refused, "{capabilities:?}");
        for classic in [b"avc1", b"mp4a", b".mp3", b"zzzz"] {
            assert!(!capabilities.refuses(FourCc(*classic)), "{capabilities:?}");
        }
    }
}

#[test]
fn both_objects_of_an_answer_are_read() {
    let server = Value::object([("capsEx", Value::Number(f64::NAN)), ("fmsVer", Value::string("x"))]);
    let info = Value::object([("capsEx", Value::Number(3.0)), (CODECS, list(&["av01"]))]);
    let read = Capabilities::read(&[server, info]);
    assert!(read.has(RECONNECT | MULTITRACK) && !read.has(MOD_EX));
    assert_eq!(read.codecs, Some(vec![Which::One(AV1)]));
    assert!(!Capabilities::default().has(RECONNECT));
}

#[test]
fn this_relay_takes_everything() {
    let relay = Capabilities::of_relay();
    assert!([HEVC, AV1, OPUS].into_iter().all(|codec| !relay.refuses(codec)));
    assert_eq!(relay.extended, Some(15));
    let names: Vec<String> = relay.properties().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, [CODECS, VIDEO, AUDIO, EXTENDED]);
}

#[test]
fn codecs_are_called_what_people_call_them() {
    assert_eq!(HEVC.to_string(), "HEVC");
    assert_eq!(FourCc([b'x', 0, b'\n', 0xff]).to_string(), "x\\x00\\n\\xff");
}
