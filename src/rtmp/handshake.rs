//! C0 C1 C2 and S0 S1 S2: the exchange before the first chunk.
//!
//! The server answers a digest C1 (ffmpeg, nginx-rtmp) with a digest, in the layout the client used,
//! and any other C1 simply; it never rejects a C1 or C2 for its contents, since real clients echo
//! anything. The client side is simple, as OBS's is: every platform accepts that. The answer goes out
//! in one piece, because an Elemental encoder does not finish otherwise.

use bytes::{Buf, BytesMut};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of each of the two blocks a side sends after its version byte.
pub const BLOCK: usize = 1536;

/// Random bytes that fill a block; the caller draws them, so that a handshake can be repeated.
pub type Nonce = [u8; BLOCK];

/// What the peer speaks instead of RTMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A TLS ClientHello, or the alert that a TLS server answers plain RTMP with.
    #[error("the peer speaks TLS (rtmps://), but this port is for plain RTMP (rtmp://)")]
    Tls,
    /// A letter: an HTTP request, or RTMP tunnelled in HTTP.
    #[error("the peer speaks HTTP, not RTMP")]
    Http,
    /// The greeting of an SSH server.
    #[error("the peer speaks SSH, not RTMP")]
    Ssh,
    /// RTMPE's version numbers.
    #[error("the peer wants encrypted RTMP (RTMPE), which is not offered: use rtmp:// or rtmps://")]
    Encrypted,
    /// Any other first byte.
    #[error("the peer does not speak RTMP (its first byte is {0:#04x})")]
    Version(u8),
}

/// A handshake in progress.
#[derive(Debug)]
pub struct Handshake {
    side: Side,
    state: State,
}

#[derive(Debug)]
enum Side {
    Server(Box<Nonce>),
    Client,
}

#[derive(Debug, PartialEq)]
enum State {
    /// The version byte and first block are awaited.
    First,
    /// The peer's echo is awaited.
    Second,
    Done,
}

impl Handshake {
    /// The side that was connected to.
    pub fn server(nonce: Box<Nonce>) -> Self {
        Self { side: Side::Server(nonce), state: State::First }
    }

    /// The side that connected; says C0 and C1 at once.
    pub fn client(nonce: &Nonce, out: &mut BytesMut) -> Self {
        out.extend_from_slice(&[VERSION]);
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(after_fields(nonce));
        Self { side: Side::Client, state: State::First }
    }

    /// Takes what is whole of `input`; answers into `out`. True once both sides are through; what
    /// then stands in `input` is the chunk stream.
    ///
    /// # Errors
    /// [`Error`] when the first byte is not RTMP's.
    pub fn handle_input(&mut self, input: &mut BytesMut, out: &mut BytesMut) -> Result<bool, Error> {
        if self.state == State::First {
            check_version(input)?;
            let Some((first, _)) = input.get(1..).and_then(|rest| rest.split_first_chunk::<BLOCK>()) else {
                return Ok(false);
            };
            match &mut self.side {
                Side::Server(nonce) => answer(first, nonce, out),
                Side::Client => out.extend_from_slice(first),
            }
            input.advance(1 + BLOCK);
            self.state = State::Second;
        }
        if self.state == State::Second && input.len() >= BLOCK {
            input.advance(BLOCK);
            self.state = State::Done;
        }
        Ok(self.state == State::Done)
    }
}

fn check_version(input: &[u8]) -> Result<(), Error> {
    match input.first() {
        None | Some(&VERSION) => Ok(()),
        Some(0x15 | 0x16) => Err(Error::Tls),
        Some(6 | 8 | 9) => Err(Error::Encrypted),
        Some(_) if input.starts_with(b"SSH-") => Err(Error::Ssh),
        Some(byte) if byte.is_ascii_alphabetic() => Err(Error::Http),
        Some(byte) => Err(Error::Version(*byte)),
    }
}

/// Says S0, S1 and S2.
fn answer(c1: &Nonce, nonce: &Nonce, out: &mut BytesMut) {
    out.extend_from_slice(&[VERSION]);
    match find_digest(c1) {
        Some((layout, digest)) => {
            out.extend_from_slice(&signed_s1(nonce, layout));
            out.extend_from_slice(&signed_s2(nonce, &digest));
        }
        None => {
            // A simple S1 has zero version bytes: with others ffmpeg, as a player, wants a digest.
            out.extend_from_slice(&[0; 8]);
            out.extend_from_slice(after_fields(nonce));
            out.extend_from_slice(c1);
        }
    }
}

/// Where the four bytes stand that say where the digest stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Layout {
    /// At 8, before the digest; ffmpeg's and nginx-rtmp's.
    DigestFirst,
    /// At 772, after the key; Flash Player's newer one.
    KeyFirst,
}

impl Layout {
    fn digest_at(self, block: &Nonce) -> usize {
        let at = match self {
            Self::DigestFirst => 8,
            Self::KeyFirst => 772,
        };
        let sum: usize = block.iter().skip(at).take(4).map(|byte| usize::from(*byte)).sum();
        at + 4 + sum % 728
    }
}

/// Looks for the digest of a client that sends one. A zero version field means that it does not.
fn find_digest(c1: &Nonce) -> Option<(Layout, [u8; 32])> {
    if c1.get(4..8)? == [0; 4] {
        return None;
    }
    [Layout::DigestFirst, Layout::KeyFirst].into_iter().find_map(|layout| {
        let at = layout.digest_at(c1);
        let digest = digest_without(c1, at, CLIENT_KEY);
        (c1.get(at..at + DIGEST)? == digest).then_some((layout, digest))
    })
}

fn signed_s1(nonce: &Nonce, layout: Layout) -> Nonce {
    let mut block = *nonce;
    for (byte, fixed) in block.iter_mut().zip([0, 0, 0, 0].into_iter().chain(SERVER_VERSION)) {
        *byte = fixed;
    }
    let at = layout.digest_at(&block);
    let digest = digest_without(&block, at, SERVER_KEY);
    overwrite(&mut block, at, &digest);
    block
}

fn signed_s2(nonce: &Nonce, client_digest: &[u8; 32]) -> Nonce {
    let mut block = *nonce;
    // S2 must not show the random bytes of S1 again.
    block.reverse();
    let at = BLOCK - DIGEST;
    let full_key = [SERVER_KEY, &SHARED_KEY].concat();
    let key = hmac(&full_key, &[client_digest]);
    let digest = hmac(&key, &[block.get(..at).unwrap_or_default()]);
    overwrite(&mut block, at, &digest);
    block
}

/// HMAC-SHA256 of a block with the 32 bytes at `at` left out.
fn digest_without(block: &Nonce, at: usize, key: &[u8]) -> [u8; 32] {
    let (before, rest) = block.split_at_checked(at).unwrap_or((block, &[]));
    hmac(key, &[before, rest.get(DIGEST..).unwrap_or_default()])
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn overwrite(block: &mut Nonce, at: usize, bytes: &[u8]) {
    for (slot, byte) in block.iter_mut().skip(at).zip(bytes) {
        *slot = *byte;
    }
}

/// A block less the time and version fields.
fn after_fields(block: &Nonce) -> &[u8] {
    block.get(8..).unwrap_or_default()
}

const VERSION: u8 = 3;
const DIGEST: usize = 32;
/// Any non-zero version will do.
const SERVER_VERSION: [u8; 4] = [4, 5, 0, 1];
/// The digest handshake's keys are part of the protocol that clients expect.
const CLIENT_KEY: &[u8] = b"Genuine Adobe Flash Player 001";
const SERVER_KEY: &[u8] = b"Genuine Adobe Flash Media Server 001";
const SHARED_KEY: [u8; 32] = [
    0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57, 0x6e,
    0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
];

#[cfg(test)]
mod tests;
