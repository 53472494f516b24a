//! Bytes that wait to be written, some of them shared with other connections.

use std::collections::VecDeque;
use std::fmt;
use std::io::IoSlice;

use bytes::{Buf, Bytes, BytesMut};

/// Bytes that wait to be written: headers and small messages, which are this connection's own, and
/// between them the bodies of frames, which it shares with others and does not copy. Read through
/// [`Buf`].
#[derive(Default)]
pub struct Output {
    own: BytesMut,
    order: VecDeque<Segment>,
    len: usize,
}

/// What comes next.
enum Segment {
    /// That many bytes of the connection's own.
    Own(usize),
    Shared(Bytes),
}

/// Bytes of a body that is copied rather than shared: to do that is as cheap, and saves a segment.
const SMALL: usize = 512;

/// Bytes of the connection's own, and segments, for which room is kept while nothing waits.
const ROOM: usize = 1 << 10;
const SEGMENTS: usize = 32;

impl Output {
    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends what is written into the buffer, which may hold earlier bytes.
    pub(super) fn write<T>(&mut self, write: impl FnOnce(&mut BytesMut) -> T) -> T {
        let before = self.own.len();
        let written = write(&mut self.own);
        let more = self.own.len() - before;
        self.len += more;
        if let Some(Segment::Own(last)) = self.order.back_mut() {
            *last += more;
        } else if more > 0 {
            self.order.push_back(Segment::Own(more));
        }
        written
    }

    /// Appends bytes that others have, too.
    pub fn share(&mut self, bytes: Bytes) {
        if bytes.len() <= SMALL {
            self.write(|own| own.extend_from_slice(&bytes));
        } else {
            self.len += bytes.len();
            self.order.push_back(Segment::Shared(bytes));
        }
    }

    /// Gives back memory that a burst has taken.
    fn rest(&mut self) {
        if self.own.capacity() > ROOM {
            self.own = BytesMut::new();
        } else {
            self.own.clear();
        }
        if self.order.capacity() > SEGMENTS {
            self.order = VecDeque::new();
        }
    }
}

impl Buf for Output {
    fn remaining(&self) -> usize {
        self.len
    }

    fn chunk(&self) -> &[u8] {
        match self.order.front() {
            Some(Segment::Own(len)) => self.own.get(..*len).unwrap_or_default(),
            Some(Segment::Shared(bytes)) => bytes,
            None => &[],
        }
    }

    fn advance(&mut self, mut count: usize) {
        self.len -= count;
        while count > 0 {
            let Some(segment) = self.order.front_mut() else {
                break;
            };
            let (taken, left) = match segment {
                Segment::Own(len) => {
                    let taken = count.min(*len);
                    self.own.advance(taken);
                    *len -= taken;
                    (taken, *len)
                }
                Segment::Shared(bytes) => {
                    let taken = count.min(bytes.len());
                    bytes.advance(taken);
                    (taken, bytes.len())
                }
            };
            count -= taken;
            if left == 0 {
                self.order.pop_front();
            }
        }
        if self.len == 0 {
            self.rest();
        }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut own: &[u8] = &self.own;
        let mut used = 0;
        for (slice, segment) in slices.iter_mut().zip(&self.order) {
            *slice = IoSlice::new(match segment {
                Segment::Own(len) => {
                    let (these, rest) = own.split_at_checked(*len).unwrap_or((own, &[]));
                    own = rest;
                    these
                }
                Segment::Shared(bytes) => bytes,
            });
            used += 1;
        }
        used
    }
}

/// What is said holds keys and is never shown.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Act {
        Write(Vec<u8>),
        Share(Vec<u8>),
        Take(usize),
    }

    fn any_act() -> impl Strategy<Value = Act> {
        let bytes = |most| proptest::collection::vec(any::<u8>(), 0..most);
        prop_oneof![
            bytes(40).prop_map(Act::Write),
            bytes(2 * SMALL).prop_map(Act::Share),
            (0usize..2_000).prop_map(Act::Take),
        ]
    }

    proptest! {
        #[test]
        fn bytes_come_out_in_the_order_in_which_they_went_in(
            acts in proptest::collection::vec(any_act(), 0..60),
            most in 1usize..8,
        ) {
            let mut output = Output::default();
            let (mut put, mut got) = (Vec::new(), Vec::new());
            for act in acts {
                match act {
                    Act::Write(bytes) => {
                        put.extend_from_slice(&bytes);
                        output.write(|own| own.extend_from_slice(&bytes));
                    }
                    Act::Share(bytes) => {
                        put.extend_from_slice(&bytes);
                        output.share(Bytes::from(bytes));
                    }
                    Act::Take(count) => {
                        let mut slices = vec![IoSlice::new(&[]); most];
                        let used = output.chunks_vectored(&mut slices);
                        let shown: Vec<u8> = slices[..used].iter().flat_map(|slice| slice.to_vec()).collect();
                        prop_assert!(!shown.is_empty() || output.is_empty());
                        prop_assert!(shown.starts_with(output.chunk()));
                        let count = count.min(shown.len());
                        got.extend_from_slice(&shown[..count]);
                        output.advance(count);
                    }
                }
                prop_assert_eq!(output.len(), put.len() - got.len());
            }
            let rest = output.len();
            got.extend_from_slice(&output.copy_to_bytes(rest));
            prop_assert_eq!(got, put);
            prop_assert!(output.own.capacity() <= ROOM && output.order.capacity() <= SEGMENTS);
        }
    }

    #[test]
    fn long_bytes_are_shared_and_not_copied() {
        let body = Bytes::from(vec![1; SMALL + 1]);
        let mut output = Output::default();
        output.share(body.clone());
        assert_eq!(output.chunk().as_ptr(), body.as_ptr());
    }
}
