use super::*;
use proptest::prelude::*;

fn encoded(value: &Value) -> BytesMut {
    let mut out = BytesMut::new();
    value.encode(&mut out);
    out
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<f64>().prop_filter("NaN differs from itself", |n| !n.is_nan()).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        ".{0,12}".prop_map(Value::String),
        Just(Value::Null),
        Just(Value::Undefined),
        Just(Value::Unsupported),
        any::<u16>().prop_map(Value::Reference),
        (0.0..1e15, any::<i16>()).prop_map(|(millis, zone)| Value::Date { millis, zone }),
        "[a-z<>]{0,9}".prop_map(Value::Xml),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        let properties = proptest::collection::vec(("[a-z0-9]{1,8}", inner.clone()), 0..6);
        prop_oneof![
            properties.clone().prop_map(Value::Object),
            properties.clone().prop_map(Value::EcmaArray),
            ("[a-z]{0,5}", properties)
                .prop_map(|(class, properties)| Value::TypedObject { class, properties }),
            proptest::collection::vec(inner, 0..6).prop_map(Value::StrictArray),
        ]
    })
}

proptest! {
    #[test]
    fn round_trips(values in proptest::collection::vec(any_value(), 0..5)) {
        let mut bytes = BytesMut::new();
        values.iter().for_each(|value| value.encode(&mut bytes));
        prop_assert_eq!(decode_all(&bytes).unwrap(), values);
    }

    #[test]
    fn any_bytes_end_in_ok_or_err(bytes in proptest::collection::vec(prop_oneof![0u8..0x13, any::<u8>()], 0..300)) {
        let _ = decode_all(&bytes);
    }

    #[test]
    fn a_cut_message_keeps_the_values_before_the_cut(text in "[a-z]{1,9}", cut in 1usize..30) {
        let mut bytes = encoded(&Value::string(text.clone()));
        let whole = bytes.len();
        Value::object([("name", Value::string("abcdefghijklmnopqrstuvwxyz"))]).encode(&mut bytes);
        bytes.truncate(whole + cut);
        let values = decode_all(&bytes).unwrap();
        prop_assert_eq!(values.first(), Some(&Value::string(text)));
    }
}

#[test]
fn counts_and_missing_ends_are_forgiven() {
    // An ECMA array that claims 20 properties, holds one, and is cut before its end marker.
    let bytes = b"\x08\x00\x00\x00\x14\x00\x01a\x05";
    assert_eq!(decode_all(bytes).unwrap(), [Value::EcmaArray(vec![("a".to_owned(), Value::Null)])]);
    // A strict array that claims four thousand million values.
    assert_eq!(decode_all(b"\x05\x0a\xff\xff\xff\xff\x05").unwrap(), [Value::Null]);
}

#[test]
fn strings_need_not_be_utf_8() {
    assert_eq!(decode_all(b"\x02\x00\x02a\xff").unwrap(), [Value::string("a\u{fffd}")]);
}

#[test]
fn deep_nesting_is_refused_before_the_stack_is_gone() {
    let arrays = b"\x0a\x00\x00\x00\x01".repeat(100_000);
    assert_eq!(decode_all(&arrays), Err(Error::Depth));
    let objects = b"\x03\x00\x01a".repeat(100_000);
    assert_eq!(decode_all(&objects), Err(Error::Depth));
}

#[test]
fn many_values_are_refused() {
    assert_eq!(decode_all(&[NULL; 1_024]).unwrap().len(), 1_024);
    assert_eq!(decode_all(&[NULL; 1_025]), Err(Error::Count));
}

#[test]
fn debug_output_shows_no_contents() {
    let value = Value::object([("CANARY", Value::string("CANARY"))]);
    assert_eq!(format!("{value:?} {:?}", Value::string("CANARY")), "object(1) string(6)");
}

#[test]
fn a_long_string_has_its_own_marker() {
    let value = Value::String("x".repeat(70_000));
    assert_eq!(encoded(&value)[0], LONG_STRING);
    assert_eq!(decode_all(&encoded(&value)).unwrap(), [value]);
}
