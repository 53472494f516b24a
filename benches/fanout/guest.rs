//! The client's side of RTMP until a server takes a stream, over any connection that blocks.

use std::io::{self, Read, Write};

use super::chunks::SET_CHUNK_SIZE;
use super::footage::{CHUNK, STREAM};
use super::host::{COMMAND, WINDOW_SIZE};
use super::interrupt;
use crate::rig::wire::{HANDSHAKE, Header, NULL, number, object, string};

/// Asks the server at the other end to take the stream `key` in the application `app`.
pub(crate) fn publish(connection: &mut (impl Read + Write), app: &str, key: &str) -> io::Result<()> {
    shake_hands(connection)?;
    say(connection, 2, SET_CHUNK_SIZE, 0, &(CHUNK as u32).to_be_bytes())?;
    // As OBS does.
    say(connection, 2, WINDOW_SIZE, 0, &2_500_000_u32.to_be_bytes())?;
    let address = format!("rtmp://127.0.0.1/{app}");
    let connect = object(&[("app", app), ("type", "nonprivate"), ("tcUrl", &address)]);
    say(connection, 3, COMMAND, 0, &[string("connect"), number(1.0), connect].concat())?;
    hear(connection, "NetConnection.Connect.Success")?;
    say(connection, 3, COMMAND, 0, &[string("createStream"), number(2.0), NULL.to_vec()].concat())?;
    hear(connection, "_result")?;
    let publish = [string("publish"), number(3.0), NULL.to_vec(), string(key), string("live")];
    say(connection, 3, COMMAND, STREAM, &publish.concat())?;
    hear(connection, "NetStream.Publish.Start")
}

fn shake_hands(connection: &mut (impl Read + Write)) -> io::Result<()> {
    let mut hello = [0; 1 + HANDSHAKE];
    hello[0] = 3;
    connection.write_all(&hello)?;
    let mut answer = [0; 1 + 2 * HANDSHAKE];
    connection.read_exact(&mut answer)?;
    connection.write_all(&answer[1..=HANDSHAKE])
}

fn say(out: &mut impl Write, channel: u8, kind: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
    out.write_all(&Header { channel, kind, stream, time: 0 }.message(payload, CHUNK))
}

/// Reads until the server has said `words`, which nothing follows until it is asked more. Servers set a
/// chunk size before their first long message, so words are not cut in two.
fn hear(connection: &mut impl Read, words: &str) -> io::Result<()> {
    let mut heard: Vec<u8> = Vec::new();
    let mut buffer = [0; 4096];
    while !heard.windows(words.len()).any(|window| window == words.as_bytes()) {
        match interrupt::retry(|| connection.read(&mut buffer))? {
            0 => return Err(io::Error::other(format!("the server hung up instead of saying {words}"))),
            count => heard.extend(&buffer[..count]),
        }
    }
    Ok(())
}
