//! One connection of a relay to the server of a target.

use std::sync::Arc;

use mio::net::TcpStream;
use rustls::ServerConfig;

use super::intake::{Desk, Intake};
use super::ledger::Window;
use super::transport::{Reading, Transport};
use super::{Audience, Manner, Receipts, allowance};
use crate::chunks::Nobody;
use crate::clock;
use crate::host::Host;

pub(crate) struct Connection {
    transport: Transport,
    host: Host,
    intake: Intake,
    place: Option<Place>,
}

/// Which target it is, once it has said so.
#[derive(Clone, Copy)]
struct Place {
    ledger: usize,
    stream: u16,
    manner: Manner,
    /// When its manner began, and what it has read since.
    since: Option<u64>,
    read: u64,
}

/// How far reading has come.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    /// There is no more now.
    Done,
    /// There may be more at once.
    Unfinished,
    /// The connection is closed.
    Over,
}

impl Connection {
    pub(crate) fn new(socket: TcpStream, tls: Option<&Arc<ServerConfig>>) -> Self {
        let transport = Transport::new(socket, tls);
        Self { transport, host: Host::new(), intake: Intake::default(), place: None }
    }

    /// How it reads now.
    pub(crate) fn manner(&self) -> Manner {
        let misbehaving = self.place.filter(|place| place.since.is_some());
        misbehaving.map_or(Manner::Healthy, |place| place.manner)
    }

    /// Reads what there is, but no more than is fair to others, and tells how many bytes it was.
    pub(crate) fn serve(
        &mut self,
        audience: &Audience,
        receipts: &mut Receipts,
        window: Window,
        buffer: &mut [u8],
    ) -> (Progress, u64) {
        let mut bytes = 0;
        for _ in 0..READS {
            let share = self.share(buffer.len());
            if share == 0 {
                return (Progress::Done, bytes);
            }
            let outcome = match self.place {
                Some(place) => self.read_media(place, audience, receipts, window, &mut buffer[..share]),
                None => self.read_dialogue(audience, receipts, &mut buffer[..share]),
            };
            let answers = std::mem::take(self.host.answers());
            if !answers.is_empty() && self.transport.write(&answers).is_err() {
                return (Progress::Over, bytes);
            }
            match outcome {
                Reading::Nothing => return (Progress::Done, bytes),
                Reading::End => return (Progress::Over, bytes),
                Reading::Bytes(count) => {
                    bytes += count as u64;
                    self.behave(count as u64, receipts);
                    if self.manner() == Manner::HangsUp {
                        return (Progress::Over, bytes);
                    }
                    // A socket that gave less than it could is empty, and tells when it is not.
                    if count < share {
                        return (Progress::Done, bytes);
                    }
                }
            }
        }
        (Progress::Unfinished, bytes)
    }

    /// How much may be read now.
    fn share(&self, whole: usize) -> usize {
        match self.place {
            Some(Place { since: Some(_), manner: Manner::Stalls, .. }) => 0,
            Some(Place { since: Some(since), manner: Manner::Trickles(rate), read, .. }) => {
                whole.min(allowance(rate, since).saturating_sub(read) as usize)
            }
            _ => whole,
        }
    }

    fn behave(&mut self, count: u64, receipts: &Receipts) {
        let Some(place) = &mut self.place else { return };
        if place.since.is_some() {
            place.read += count;
        } else if place.manner != Manner::Healthy && receipts.ledgers[place.ledger].first_key.is_some() {
            place.since = Some(clock::now());
        }
    }

    /// Reads until it says which target it is.
    fn read_dialogue(&mut self, audience: &Audience, receipts: &mut Receipts, buffer: &mut [u8]) -> Reading {
        let host = &mut self.host;
        let outcome = self.transport.read(buffer, |bytes| host.read(bytes, &mut Nobody));
        if let Some((app, key)) = self.host.publication() {
            let number = |name: &str| name.get(1..).and_then(|digits| digits.parse::<usize>().ok());
            let (Some(target), Some(stream)) = (number(app), number(key)) else { return Reading::End };
            let ledger = stream * audience.manners.len() + target;
            receipts.ledgers[ledger].connections += 1;
            let manner = audience.manners[target];
            self.place = Some(Place { ledger, stream: stream as u16, manner, since: None, read: 0 });
        }
        outcome
    }

    fn read_media(
        &mut self,
        place: Place,
        audience: &Audience,
        receipts: &mut Receipts,
        window: Window,
        buffer: &mut [u8],
    ) -> Reading {
        let counts = place.manner == Manner::Healthy;
        let mut desk = Desk {
            intake: &mut self.intake,
            ledger: &mut receipts.ledgers[place.ledger],
            with_key: &mut receipts.with_key,
            latency: Some(&mut receipts.latency).filter(|_| counts),
            window,
            stream: place.stream,
            hash_one_of: audience.hash_one_of,
        };
        let host = &mut self.host;
        self.transport.read(buffer, |bytes| host.read(bytes, &mut desk))
    }
}

/// Reads of the whole buffer before it is others' turn.
const READS: usize = 4;
