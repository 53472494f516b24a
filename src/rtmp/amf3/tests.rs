use super::super::amf0;
use super::*;
use proptest::prelude::*;

fn decode(bytes: &[u8]) -> Result<Value, Error> {
    Decoder::new(bytes, 16, 1_024).decode()
}

#[test]
fn integers_have_29_bits() {
    for (bytes, number) in [
        (&[4, 0x7f][..], 127.0),
        (&[4, 0x81, 0x00], 128.0),
        (&[4, 0xff, 0xff, 0xff, 0xff], -1.0),
        (&[4, 0xbf, 0xff, 0xff, 0xff], 268_435_455.0),
    ] {
        assert_eq!(decode(bytes), Ok(Value::Number(number)), "{bytes:02x?}");
    }
}

#[test]
fn objects_with_sealed_and_dynamic_members() {
    // {a: true, b: "a"} with `a` sealed, `b` dynamic and its text a reference to the name `a`.
    let bytes = [0x0a, 0x1b, 0x01, 0x03, b'a', 0x03, 0x03, b'b', 0x06, 0x00, 0x01];
    let expected = Value::object([("a", Value::Boolean(true)), ("b", Value::string("a"))]);
    assert_eq!(decode(&bytes), Ok(expected));
}

#[test]
fn arrays_and_bytes() {
    assert_eq!(
        decode(&[0x09, 0x05, 0x01, 0x02, 0x03]),
        Ok(Value::StrictArray(vec![Value::Boolean(false), Value::Boolean(true)]))
    );
    assert_eq!(decode(&[0x0c, 0x05, 1, 2]), Ok(Value::ByteArray(vec![1, 2])));
    assert_eq!(decode(&[0x0c, 0xff, 0xff, 0xff, 0xff, 1]), Err(Error::Truncated));
}

#[test]
fn a_value_within_amf0_hands_back_to_it() {
    let bytes = [0x05, 0x11, 0x04, 0x07, 0x01, 0x01];
    assert_eq!(amf0::decode_all(&bytes).unwrap(), [Value::Null, Value::Number(7.0), Value::Boolean(true)]);
}

#[test]
fn traits_are_given_again_unless_that_makes_a_message_grow() {
    let repeated = |class: &str| {
        let len = (class.len() as u32) << 1 | 1;
        let mut bytes = vec![0x09, 0x05, 0x01, 0x0a, 0x03];
        bytes.extend_from_slice(&[0x80 | (len >> 7) as u8, (len & 0x7f) as u8]);
        bytes.extend_from_slice(class.as_bytes());
        bytes.extend_from_slice(&[0x0a, 0x01]);
        decode(&bytes)
    };
    let object = Value::TypedObject { class: "Point".to_owned(), properties: vec![] };
    assert_eq!(repeated("Point"), Ok(Value::StrictArray(vec![object.clone(), object])));
    assert_eq!(repeated(&"x".repeat(5_000)), Err(Error::Reference));
}

#[test]
fn deep_nesting_is_refused() {
    assert_eq!(decode(&[0x09, 0x03, 0x01].repeat(10_000)), Err(Error::Depth));
}

proptest! {
    #[test]
    fn any_bytes_end_in_ok_or_err(bytes in proptest::collection::vec(prop_oneof![0u8..0x0e, any::<u8>()], 0..200)) {
        let _ = decode(&bytes);
    }
}
