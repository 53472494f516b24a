use super::*;

fn nonce(seed: u8) -> Nonce {
    std::array::from_fn(|index| (index as u8).wrapping_mul(31).wrapping_add(seed))
}

/// A C1 as ffmpeg makes it, in either layout.
fn digest_c1(layout: Layout) -> Nonce {
    let mut block = nonce(7);
    overwrite(&mut block, 0, &[0, 0, 0, 0, 9, 0, 124, 2]);
    let at = layout.digest_at(&block);
    let digest = digest_without(&block, at, CLIENT_KEY);
    overwrite(&mut block, at, &digest);
    block
}

fn serve(c1: &Nonce) -> BytesMut {
    let mut server = Handshake::server(Box::new(nonce(1)));
    let mut out = BytesMut::new();
    let mut input = BytesMut::from(&[&[VERSION], &c1[..]].concat()[..]);
    assert_eq!(server.handle_input(&mut input, &mut out), Ok(false));
    assert_eq!(out.len(), 1 + 2 * BLOCK);
    out
}

#[test]
fn a_simple_client_is_echoed() {
    let mut c1 = nonce(5);
    overwrite(&mut c1, 4, &[0; 4]);
    let out = serve(&c1);
    assert_eq!(out[5..9], [0; 4]);
    assert_eq!(out[1 + BLOCK..], c1);
}

#[test]
fn a_digest_client_is_answered_with_digests_in_its_layout() {
    for layout in [Layout::DigestFirst, Layout::KeyFirst] {
        let c1 = digest_c1(layout);
        let out = serve(&c1);
        let s1: Nonce = out[1..=BLOCK].try_into().unwrap();
        let at = layout.digest_at(&s1);
        assert_ne!(s1[4..8], [0; 4]);
        assert_eq!(s1[at..at + 32], digest_without(&s1, at, SERVER_KEY));
        let s2 = &out[1 + BLOCK..];
        let c1_at = layout.digest_at(&c1);
        let key = hmac(&[SERVER_KEY, &SHARED_KEY].concat(), &[&c1[c1_at..c1_at + 32]]);
        assert_eq!(s2[BLOCK - 32..], hmac(&key, &[&s2[..BLOCK - 32]]));
    }
}

#[test]
fn a_wrong_digest_is_answered_simply() {
    let mut c1 = digest_c1(Layout::DigestFirst);
    c1[1000] ^= 1;
    assert_eq!(serve(&c1)[1 + BLOCK..], c1);
}

#[test]
fn both_sides_meet_and_leave_the_chunks_alone() {
    let mut to_server = BytesMut::new();
    let mut client = Handshake::client(&nonce(2), &mut to_server);
    let mut server = Handshake::server(Box::new(nonce(3)));
    let mut to_client = BytesMut::new();
    assert!(!server.handle_input(&mut to_server, &mut to_client).unwrap());
    assert!(client.handle_input(&mut to_client, &mut to_server).unwrap());
    to_server.extend_from_slice(b"chunks");
    assert!(server.handle_input(&mut to_server, &mut to_client).unwrap());
    assert_eq!(&to_server[..], b"chunks");
}

#[test]
fn any_second_block_is_accepted() {
    let mut server = Handshake::server(Box::new(nonce(3)));
    let mut input = BytesMut::from(&[&[VERSION], &nonce(9)[..], &[0xaa; BLOCK]].concat()[..]);
    assert!(server.handle_input(&mut input, &mut BytesMut::new()).unwrap());
}

#[test]
fn says_what_a_stranger_speaks() {
    for (byte, error) in [
        (0x16, Error::Tls),
        (b'G', Error::Http),
        (b'p', Error::Http),
        (6, Error::Encrypted),
        (0, Error::Version(0)),
    ] {
        let mut server = Handshake::server(Box::new(nonce(0)));
        let mut input = BytesMut::from(&[byte][..]);
        assert_eq!(server.handle_input(&mut input, &mut BytesMut::new()), Err(error));
    }
    let mut client = Handshake::client(&nonce(0), &mut BytesMut::new());
    let mut input = BytesMut::from("SSH-2.0-OpenSSH_9.2p1");
    assert_eq!(client.handle_input(&mut input, &mut BytesMut::new()), Err(Error::Ssh));
}

#[test]
fn the_long_key_is_hashed_first() {
    // RFC 4231, test case 6: a key longer than the block.
    let mac = hmac(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]);
    assert_eq!(mac[..4], [0x60, 0xe4, 0x31, 0x59]);
}
