use bytes::{Buf, BufMut, Bytes, BytesMut};
use proptest::prelude::*;

use super::{CHUNK_SIZE, Decoder, Encoder, Error, Limits, Payload};
use crate::media::{Frame, Kind};
use crate::rtmp::message::channel;
use crate::rtmp::{Output, Packet};

fn message(chunk_stream: u32, timestamp: u32, body: &[u8]) -> Payload {
    Payload { chunk_stream, timestamp, type_id: 9, stream: 1, body: Bytes::copy_from_slice(body) }
}

fn decode_all(decoder: &mut Decoder, bytes: &[u8]) -> Result<Vec<Payload>, Error> {
    let mut input = BytesMut::from(bytes);
    let mut messages = Vec::new();
    while let Some(message) = decoder.decode(&mut input)? {
        messages.push(message);
    }
    Ok(messages)
}

fn publisher() -> Decoder {
    Decoder::new(Limits::PUBLISHER)
}

fn times(bytes: &[u8]) -> Vec<u32> {
    decode_all(&mut publisher(), bytes).unwrap().iter().map(|message| message.timestamp).collect()
}

/// A header of type 0 for a one-byte message on chunk stream 4, with that byte.
fn full(time: u32) -> Vec<u8> {
    let mut out = vec![0x04];
    let short = time.min(0xff_ffff).to_be_bytes();
    out.extend_from_slice(&short[1..]);
    out.extend_from_slice(&[0, 0, 1, 9, 1, 0, 0, 0]);
    if time >= 0xff_ffff {
        out.extend_from_slice(&time.to_be_bytes());
    }
    out.push(0xaa);
    out
}

fn any_message() -> impl Strategy<Value = Payload> {
    let chunk_stream =
        prop_oneof![2u32..8, Just(63u32), 64u32..66, Just(319u32), Just(320u32), Just(65_599u32)];
    let time = prop_oneof![0u32..100, 0xff_fff0u32..0x100_0010, any::<u32>()];
    let body = proptest::collection::vec(any::<u8>(), 0..600);
    (chunk_stream, time, prop_oneof![Just(8u8), Just(9u8)], 0u32..3, body).prop_map(
        |(chunk_stream, timestamp, type_id, stream, body)| Payload {
            chunk_stream,
            timestamp,
            type_id,
            stream,
            body: body.into(),
        },
    )
}

proptest! {
    #[test]
    fn any_messages_chunked_and_cut_anywhere_come_out_the_same(
        messages in proptest::collection::vec(any_message(), 1..12),
        chunk_size in 1u32..300,
        cut in 1usize..50,
    ) {
        let mut encoder = Encoder::default();
        let mut decoder = publisher();
        encoder.set_chunk_size(chunk_size);
        decoder.set_chunk_size(chunk_size).unwrap();
        let mut wire = BytesMut::new();
        messages.iter().for_each(|message| encoder.encode(message, &mut wire));
        let mut input = BytesMut::new();
        let mut got = Vec::new();
        for piece in wire.chunks(cut) {
            input.extend_from_slice(piece);
            while let Some(message) = decoder.decode(&mut input).unwrap() {
                got.push(message);
            }
        }
        prop_assert_eq!(got, messages);
        prop_assert!(input.is_empty());
    }

    #[test]
    fn random_bytes_never_panic_and_never_hold_more_than_came(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let mut decoder = Decoder::new(Limits::STRANGER);
        let mut input = BytesMut::from(&bytes[..]);
        while let Ok(Some(message)) = decoder.decode(&mut input) {
            prop_assert!(message.body.len() <= bytes.len());
        }
    }
}

#[test]
fn a_declared_length_costs_nothing() {
    let mut decoder = publisher();
    let mut input = BytesMut::from(&[0x04, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 1, 0, 0, 0, 0xaa][..]);
    assert_eq!(decoder.decode(&mut input), Ok(None));
    assert!(input.is_empty());
    assert!(decoder.held_capacity() <= 1_024);
}

#[test]
fn interleaved_messages_are_put_together() {
    let (one, two) = (message(4, 0, &[1; 200]), message(6, 0, &[2; 200]));
    let halves = |message: &Payload| {
        let mut wire = BytesMut::new();
        Encoder::default().encode(message, &mut wire);
        let rest = wire.split_off(12 + 128);
        (wire, rest)
    };
    let ((one_a, one_b), (two_a, two_b)) = (halves(&one), halves(&two));
    let wire = [one_a, two_a, one_b, two_b].concat();
    assert_eq!(decode_all(&mut publisher(), &wire).unwrap(), [one, two]);
}

#[test]
fn a_new_chunk_size_holds_within_a_message() {
    let mut decoder = publisher();
    let mut wire = BytesMut::new();
    Encoder::default().encode(&message(4, 0, &[7; 300]), &mut wire);
    let mut first = wire.split_to(12 + 128);
    assert_eq!(decoder.decode(&mut first), Ok(None));
    decoder.set_chunk_size(4_096).unwrap();
    let mut rest = BytesMut::from(&[0xc4][..]);
    rest.extend_from_slice(&[7; 172]);
    assert_eq!(decoder.decode(&mut rest).unwrap().unwrap().body, vec![7; 300]);
}

#[test]
fn an_abort_forgets_the_part_that_came() {
    let mut decoder = publisher();
    let mut wire = BytesMut::new();
    Encoder::default().encode(&message(4, 0, &[7; 300]), &mut wire);
    decoder.decode(&mut wire.split_to(12 + 128)).unwrap();
    decoder.abort(4);
    // A header of the same length, which would otherwise go on with the message.
    let mut next = vec![0x44, 0, 0, 5, 0, 1, 44, 9];
    for (index, chunk) in [8; 300].chunks(128).enumerate() {
        next.extend((index > 0).then_some(0xc4));
        next.extend_from_slice(chunk);
    }
    let got = decode_all(&mut decoder, &next).unwrap();
    assert_eq!((got.len(), got[0].timestamp, &got[0].body[..]), (1, 5, &[8; 300][..]));
}

#[test]
fn a_full_header_within_a_message_begins_a_new_one() {
    let mut wire = BytesMut::new();
    Encoder::default().encode(&message(4, 0, &[7; 300]), &mut wire);
    wire.truncate(12 + 128);
    wire.extend_from_slice(&full(5));
    assert_eq!(times(&wire), [5]);
}

#[test]
fn an_equal_delta_header_within_a_message_continues_it() {
    let mut wire = BytesMut::new();
    Encoder::default().encode(&message(4, 0, &[7; 200]), &mut wire);
    wire.truncate(12 + 128);
    wire.extend_from_slice(&[0x44, 0, 0, 9, 0, 0, 200, 9]);
    wire.extend_from_slice(&[7; 72]);
    let got = decode_all(&mut publisher(), &wire).unwrap();
    assert_eq!((got[0].timestamp, got[0].body.len()), (0, 200));
}

#[test]
fn a_type_3_header_repeats_the_delta_and_after_a_full_header_its_time() {
    let delta = [0x44, 0, 0, 10, 0, 0, 1, 9, 0xbb];
    assert_eq!(times(&[&full(100)[..], &delta, &[0xc4, 0xcc], &[0xc4, 0xdd]].concat()), [100, 110, 120, 130]);
    assert_eq!(times(&[&full(26)[..], &[0xc4, 0xcc]].concat()), [26, 52]);
}

#[test]
fn an_extended_delta_is_a_delta() {
    // ffmpeg, publishing from 20,000 s on: type 1 with a delta of more than 24 bits.
    let mut wire = full(44);
    wire.extend_from_slice(&[0x44, 0xff, 0xff, 0xff, 0, 0, 1, 9]);
    wire.put_u32(19_999_956);
    wire.push(0xbb);
    wire.extend_from_slice(&[0x44, 0, 0, 34, 0, 0, 1, 9, 0xcc]);
    assert_eq!(times(&wire), [44, 20_000_000, 20_000_034]);
}

#[test]
fn a_wrapped_delta_steps_back() {
    // GStreamer writes a negative step as an extended delta modulo 2^32.
    let mut wire = full(100);
    wire.extend_from_slice(&[0x44, 0xff, 0xff, 0xff, 0, 0, 1, 9]);
    wire.put_u32(0xffff_fff0);
    wire.push(0xbb);
    assert_eq!(times(&wire), [100, 84]);
}

#[test]
fn peers_may_leave_extended_timestamps_out_of_continuations() {
    for omits in [false, true] {
        let mut wire = vec![0x04, 0xff, 0xff, 0xff, 0, 0, 200, 9, 1, 0, 0, 0];
        wire.put_u32(0x0100_0000);
        wire.extend_from_slice(&[7; 128]);
        wire.push(0xc4);
        if !omits {
            wire.put_u32(0x0100_0000);
        }
        wire.extend_from_slice(&[7; 72]);
        let wire = wire.repeat(2);
        let got = decode_all(&mut publisher(), &wire).unwrap();
        assert_eq!(got.len(), 2, "omits: {omits}");
        assert!(got.iter().all(|m| m.body == vec![7; 200] && m.timestamp == 0x0100_0000));
    }
}

#[test]
fn a_type_3_header_may_begin_a_message_with_an_absolute_extended_time() {
    let mut wire = full(0x0100_0000);
    wire.push(0xc4);
    wire.put_u32(0x0100_0021);
    wire.push(0xbb);
    assert_eq!(times(&wire), [0x0100_0000, 0x0100_0021]);
}

#[test]
fn extended_timestamps_are_written_in_continuations() {
    let mut wire = BytesMut::new();
    Encoder::default().encode(&message(4, 0x0100_0000, &[7; 129]), &mut wire);
    assert_eq!(wire[16 + 128..], [0xc4, 1, 0, 0, 0, 7]);
    let mut wire = BytesMut::new();
    Encoder::default().encode(&message(4, 0xff_ffff, &[7]), &mut wire);
    assert_eq!(wire[12..16], [0, 0xff, 0xff, 0xff]);
}

#[test]
fn new_messages_begin_with_type_0_or_1() {
    let mut encoder = Encoder::default();
    let mut first_bytes = Vec::new();
    for time in [100, 133, 133, 100, 100 + 0xff_ffff] {
        let mut wire = BytesMut::new();
        encoder.encode(&message(4, time, &[1]), &mut wire);
        first_bytes.push(wire[0] >> 6);
    }
    assert_eq!(first_bytes, [0, 1, 1, 0, 0]);
}

#[test]
fn a_fresh_chunk_stream_may_open_with_a_delta_but_not_with_less() {
    assert_eq!(times(&[0x44, 0, 0, 9, 0, 0, 1, 9, 0xaa]), [9]);
    assert_eq!(decode_all(&mut publisher(), &[0x84, 0, 0, 9]), Err(Error::NoHeader(4)));
    assert_eq!(decode_all(&mut publisher(), &[0xc4]), Err(Error::NoHeader(4)));
}

#[test]
fn limits_hold() {
    let mut stranger = Decoder::new(Limits::STRANGER);
    let long = [0x04, 0, 0, 0, 1, 0, 1, 20, 0, 0, 0, 0];
    assert_eq!(decode_all(&mut stranger, &long), Err(Error::TooLong { type_id: 20, length: 65_537 }));

    let mut stranger = Decoder::new(Limits::STRANGER);
    let open = |id: u8| [id, 0, 0, 0, 0, 0, 2, 9, 1, 0, 0, 0, 0xaa, 0xbb];
    let wire: Vec<u8> = (2..11).flat_map(open).collect();
    assert_eq!(decode_all(&mut stranger, &wire), Err(Error::TooManyChunkStreams));

    let mut stranger = Decoder::new(Limits::STRANGER);
    stranger.set_chunk_size(1).unwrap();
    let part = |id: u8| [id, 0, 0, 0, 0, 0, 2, 9, 1, 0, 0, 0, 0xaa];
    let wire: Vec<u8> = (2..5).flat_map(part).collect();
    assert_eq!(decode_all(&mut stranger, &wire), Err(Error::TooManyPartials));

    let mut stranger = Decoder::new(Limits::STRANGER);
    stranger.set_chunk_size(33_000).unwrap();
    let half = |id: u8| [&[id, 0, 0, 0, 0, 0xff, 0xff, 9, 1, 0, 0, 0][..], &[0; 33_000]].concat();
    assert_eq!(decode_all(&mut stranger, &half(2)), Ok(vec![]));
    assert_eq!(decode_all(&mut stranger, &half(3)), Err(Error::TooManyPartials));

    assert_eq!(publisher().set_chunk_size(0), Err(Error::ChunkSize));
    assert_eq!(publisher().set_chunk_size(0x8000_0000), Err(Error::ChunkSize));
}

#[test]
fn a_frame_made_for_all_stands_on_the_wire_as_if_it_were_made_for_one() {
    // The first on its chunk stream, before and after headers need more for its time.
    for timestamp in [0, 0xff_fffe, 0xff_ffff, 0x0100_0000, u32::MAX] {
        let payload = Bytes::from(vec![0x27; 10_000]);
        let packet =
            Packet::new(&Frame { kind: Kind::VideoInter, time: 0, payload: payload.clone() }, Some(0));
        let encoder = || {
            let mut encoder = Encoder::default();
            encoder.set_chunk_size(CHUNK_SIZE);
            encoder
        };
        let mut shared = Output::default();
        encoder().encode_packet(1, timestamp, &packet, &mut shared);
        let (chunk_stream, type_id) = channel(Kind::VideoInter);
        let message =
            Payload { chunk_stream: chunk_stream.into(), timestamp, type_id, stream: 1, body: payload };
        let mut own = BytesMut::new();
        encoder().encode(&message, &mut own);
        let len = shared.len();
        assert_eq!(shared.copy_to_bytes(len), own, "{timestamp:#x}");
    }
}
