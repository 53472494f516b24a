//! A port that passes on to another one and keeps what its callers say.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::dialogue::{self, Message};
use super::flv::Packet;

/// Serves for as long as the test runs.
#[derive(Clone)]
pub(crate) struct Tap {
    port: u16,
    callers: Arc<Mutex<Vec<Caller>>>,
}

/// Who called.
#[derive(Default)]
struct Caller {
    said: Vec<u8>,
    is_over: bool,
}

impl Tap {
    /// A tap on the way to a server on `to` of loopback.
    pub(crate) fn to(to: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let tap = Self { port: listener.local_addr().unwrap().port(), callers: Arc::default() };
        let serving = tap.clone();
        thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                // Who cannot be passed on is hung up on, and sees it.
                let _ = serving.pass_on(caller, to);
            }
        });
        tap
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many have called.
    pub(crate) fn callers(&self) -> usize {
        self.lock().len()
    }

    /// The bytes that the caller `number`, counted from 0, has said so far.
    pub(crate) fn said(&self, number: usize) -> Vec<u8> {
        self.lock().get(number).map(|caller| caller.said.clone()).unwrap_or_default()
    }

    /// Whether all that the caller `number` will ever say is known.
    pub(crate) fn is_over(&self, number: usize) -> bool {
        self.lock().get(number).is_some_and(|caller| caller.is_over)
    }

    /// The messages in them.
    pub(crate) fn messages(&self, number: usize) -> Vec<Message> {
        dialogue::messages(&self.said(number))
    }

    /// The tags among them.
    pub(crate) fn packets(&self, number: usize) -> Vec<Packet> {
        dialogue::packets(&self.said(number))
    }

    fn pass_on(&self, near: TcpStream, to: u16) -> io::Result<()> {
        let far = TcpStream::connect((Ipv4Addr::LOCALHOST, to))?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        let number = {
            let mut callers = self.lock();
            callers.push(Caller::default());
            callers.len() - 1
        };
        let (answers, heard) = (far.try_clone()?, near.try_clone()?);
        thread::spawn(move || copy(&answers, &heard, |_| {}));
        let tap = self.clone();
        thread::spawn(move || {
            copy(&near, &far, |bytes| tap.lock()[number].said.extend(bytes));
            tap.lock()[number].is_over = true;
        });
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Caller>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes on until either side ends, which both then see.
fn copy(mut from: &TcpStream, mut to: &TcpStream, keep: impl Fn(&[u8])) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        keep(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // The other side may have gone already.
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
