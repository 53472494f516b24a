//! What single steps of a frame's way cost: `cargo bench --bench micro`.
//!
//! They say which step has become slower or quicker. What fanning out costs in all, most of it in the
//! system, is measured by `--bench fanout`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed, and says where")]

use bytes::{Buf, Bytes, BytesMut};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use splitcast::media::{Frame, Kind};
use splitcast::relay::ring::{Cursor, Limits, Ring};
use splitcast::rtmp::chunk::{self, Decoder, Encoder, Payload};
use splitcast::rtmp::{Batch, Client, Packet, RtmpUrl, Server, Session, StreamKey, handshake, server};

/// Bytes of a frame of sound, of a picture, and of a key frame, at 6 Mb/s.
const FRAMES: [usize; 3] = [340, 11_500, 115_000];

fn main() {
    divan::main();
}

/// Takes a message out of chunks.
#[divan::bench(args = [(340, 4_096), (11_500, 4_096), (115_000, 4_096), (115_000, 65_536)])]
fn read_chunks(bencher: Bencher<'_, '_>, (len, chunk_size): (usize, u32)) {
    let mut wire = BytesMut::new();
    let mut encoder = Encoder::default();
    encoder.set_chunk_size(chunk_size);
    let message = Payload { chunk_stream: 6, timestamp: 0, type_id: 9, stream: 1, body: body(len) };
    encoder.encode(&message, &mut wire);
    let input = || {
        let mut decoder = Decoder::new(chunk::Limits::PUBLISHER);
        decoder.set_chunk_size(chunk_size).unwrap();
        (decoder, wire.clone())
    };
    bencher
        .counter(BytesCount::new(len))
        .with_inputs(input)
        .bench_values(|(mut decoder, mut wire)| decoder.decode(&mut wire).unwrap().unwrap());
}

/// Cuts a frame into chunks, once for all targets.
#[divan::bench(args = FRAMES)]
fn cut(bencher: Bencher<'_, '_>, len: usize) {
    let frame = frame(0, len);
    bencher.counter(BytesCount::new(len)).bench(|| Packet::new(&frame, Some(0)));
}

/// Appends a frame to the output of a target that needs a header of its own, or not.
#[divan::bench(args = [false, true])]
fn send(bencher: Bencher<'_, '_>, is_shared: bool) {
    let mut session = publishing();
    let packet = Packet::new(&frame(0, 11_500), is_shared.then_some(0));
    session.send(&packet);
    bencher.bench_local(|| {
        session.send(&packet);
        let unsent = session.unsent();
        session.output().advance(unsent);
    });
}

/// Finds that a target can be sent a batch as it is.
#[divan::bench]
fn take_batch(bencher: Bencher<'_, '_>) {
    let mut session = publishing();
    let packet = Packet::new(&frame(0, 11_500), Some(0));
    session.send(&packet);
    let batch = Batch::new([&packet].into_iter()).unwrap();
    bencher.bench_local(|| assert!(session.take_batch(&batch)));
}

/// Adds a frame to a ring, which so many readers take out again.
#[divan::bench(args = [0, 1, 20, 100])]
fn ring(bencher: Bencher<'_, '_>, readers: usize) {
    let mut ring = Ring::new(Limits::default());
    let mut time = 0;
    ring.push(&Frame { kind: Kind::VideoKey, ..frame(0, 11_500) }, 0, None);
    let mut cursors: Vec<Cursor> = (0..readers).map(|_| Cursor::new(&ring)).collect();
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        time += 16;
        ring.push(&frame(time, 11_500), time, None);
        for cursor in &mut cursors {
            while cursor.next(&ring).unwrap().is_some() {}
        }
    });
}

/// Finds the start for a newcomer in a group of pictures of two seconds.
#[divan::bench]
fn newcomer(bencher: Bencher<'_, '_>) {
    let mut ring = Ring::new(Limits::default());
    ring.push(&Frame { kind: Kind::VideoKey, ..frame(0, 115_000) }, 0, None);
    for number in 1..120 {
        ring.push(&frame(number * 16, 11_500), number * 16, None);
    }
    bencher.bench_local(|| Cursor::new(&ring).next(&ring).unwrap().unwrap());
}

fn body(len: usize) -> Bytes {
    Bytes::from(vec![0x5a; len])
}

fn frame(time: i64, len: usize) -> Frame {
    Frame { kind: Kind::VideoInter, time, payload: body(len) }
}

/// A session whose target has taken the stream.
fn publishing() -> Session<Client> {
    let nonce = [7; handshake::BLOCK];
    let url = RtmpUrl::parse("rtmp://host/live").unwrap();
    let mut client = Session::client(url, StreamKey::new("key"), &nonce);
    let mut server = Session::server(Box::new(nonce));
    let (mut to_client, mut to_server) = (BytesMut::new(), BytesMut::new());
    while client.step().is_some() {
        let said = client.unsent();
        to_server.extend_from_slice(&client.output().copy_to_bytes(said));
        server.handle_input(&mut to_server).unwrap();
        if let Some(server::Event::Publish { .. }) = server.poll_event() {
            Session::<Server>::accept_publish(&mut server);
        }
        let said = server.unsent();
        to_client.extend_from_slice(&server.output().copy_to_bytes(said));
        client.handle_input(&mut to_client).unwrap();
    }
    client
}
