//! A target that refuses every publisher and repeats the stream key in its reason, as some platforms
//! do. What it says must be fit to be logged and shown all the same.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::wire::{HANDSHAKE, Header, NULL, number, object, string};

/// Starts a server that says that `key` is not welcome, and gives its URL. It serves as long as the
/// test runs.
pub(crate) fn start(key: &'static str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            // A caller who hangs up early has nothing more to be told.
            let _ = Conversation { socket, heard: Vec::new() }.hold(key);
        }
    });
    format!("rtmp://127.0.0.1:{port}/live")
}

struct Conversation {
    socket: TcpStream,
    heard: Vec<u8>,
}

impl Conversation {
    fn hold(mut self, key: &str) -> io::Result<()> {
        let mut hello = [0; 1 + HANDSHAKE];
        self.socket.read_exact(&mut hello)?;
        self.socket.write_all(&[&hello, &hello[1..]].concat())?;
        self.hear("connect")?;
        let success = object(&[("level", "status"), ("code", "NetConnection.Connect.Success")]);
        self.say(0, &[string("_result"), number(1.0), object(&[]), success])?;
        let asked = self.hear("createStream")?;
        let transaction = [&[0], &asked[1..9]].concat();
        self.say(0, &[string("_result"), transaction, NULL.to_vec(), number(1.0)])?;
        self.hear("publish")?;
        let reason = format!("the stream key {key} is not welcome");
        let refusal = object(&[
            ("level", "error"),
            ("code", "NetStream.Publish.Denied"),
            ("description", &reason),
            ("details", key),
        ]);
        self.say(1, &[string("onStatus"), number(0.0), NULL.to_vec(), refusal])?;
        io::copy(&mut self.socket, &mut io::sink()).map(drop)
    }

    fn say(&mut self, stream: u32, values: &[Vec<u8>]) -> io::Result<()> {
        let header = Header { channel: 3, kind: 20, stream, time: 0 };
        self.socket.write_all(&header.message(&values.concat(), DEFAULT_CHUNK))
    }

    /// Reads until the caller has said `word` as a whole string and at least a number after it; gives
    /// what follows the word.
    fn hear(&mut self, word: &str) -> io::Result<Vec<u8>> {
        let word = string(word);
        let mut buffer = [0; 4096];
        loop {
            let at = self.heard.windows(word.len()).position(|window| window == word);
            let after = at.map(|at| self.heard[at + word.len()..].to_vec());
            match after {
                Some(after) if after.len() >= 9 => return Ok(after),
                _ => {}
            }
            let count = self.socket.read(&mut buffer)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.heard.extend(&buffer[..count]);
        }
    }
}

/// What both sides begin with.
const DEFAULT_CHUNK: usize = 128;
