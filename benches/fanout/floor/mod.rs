//! The floors: what no relay can do for less. One thread reads from each source and writes the same bytes to
//! every target, with no more between the two than its kind has.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;

use mio::{Events, Interest, Poll, Token};

use self::output::Output;
use self::rechunk::Rechunker;
use super::chunks::Nobody;
use super::host::Host;
use super::interrupt;

mod output;
mod rechunk;

/// What a floor does between reading and writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Nothing.
    Tee,
    /// It joins messages and cuts them into chunks anew, once for all targets.
    Rechunk,
}

/// The command line of a floor.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Floor {
    #[arg(long)]
    pub(crate) kind: Kind,
    /// The port that sources publish to.
    #[arg(long)]
    pub(crate) listen: u16,
    /// The port of all targets.
    #[arg(long)]
    pub(crate) to: u16,
    /// How many sources there will be.
    #[arg(long)]
    pub(crate) streams: usize,
    /// How many targets each has.
    #[arg(long)]
    pub(crate) targets: usize,
    /// Uses TLS with certificates that this authority signed.
    #[arg(long)]
    pub(crate) ca: Option<PathBuf>,
}

impl Floor {
    /// Serves until it is killed or all sources have gone.
    pub(crate) fn run(&self) -> io::Result<()> {
        let listener = TcpListener::bind(("127.0.0.1", self.listen))?;
        let mut poll = Poll::new()?;
        let mut lines = Vec::new();
        for _ in 0..self.streams {
            let mut line = self.accept(&listener)?;
            line.register(&poll, lines.len() * (self.targets + 1))?;
            lines.push(line);
        }
        let mut events = Events::with_capacity(1024);
        let mut buffer = vec![0; READ];
        loop {
            interrupt::poll(&mut poll, &mut events, None)?;
            for event in &events {
                let Token(token) = event.token();
                let line = &mut lines[token / (self.targets + 1)];
                match (token % (self.targets + 1)).checked_sub(1) {
                    None => line.forward(&mut buffer)?,
                    Some(output) => {
                        let output = &mut line.outputs[output];
                        if event.is_readable() {
                            output.listen()?;
                        }
                        output.catch_up()?;
                        line.resume(&mut buffer)?;
                    }
                }
            }
        }
    }

    /// Lets a source publish, once all its targets take the stream.
    fn accept(&self, listener: &TcpListener) -> io::Result<Line> {
        let (mut source, _) = listener.accept()?;
        source.set_nodelay(true)?;
        let mut host = Host::new();
        let mut buffer = [0; 4096];
        while host.publication().is_none() {
            source.write_all(&std::mem::take(host.answers()))?;
            match source.read(&mut buffer)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => host.read(&buffer[..count], &mut Nobody),
            }
        }
        let key = host.publication().map(|(_, key)| key.to_owned()).unwrap_or_default();
        let tls = self.ca.as_deref().map(output::tls_config);
        let outputs = (0..self.targets)
            .map(|target| Output::connect(self.to, &format!("t{target}"), &key, tls.as_ref()))
            .collect::<io::Result<_>>()?;
        source.write_all(&std::mem::take(host.answers()))?;
        source.set_nonblocking(true)?;
        Ok(Line::new(source, outputs, (self.kind == Kind::Rechunk).then_some(host)))
    }
}

/// A source and its targets.
struct Line {
    source: mio::net::TcpStream,
    outputs: Vec<Output>,
    /// What reads and cuts chunks, if that is done.
    rechunking: Option<(Host, Rechunker)>,
    /// Whether the source has to wait for a target.
    is_paused: bool,
}

impl Line {
    fn new(source: TcpStream, outputs: Vec<Output>, host: Option<Host>) -> Self {
        let source = mio::net::TcpStream::from_std(source);
        let rechunking = host.map(|host| (host, Rechunker::default()));
        Self { source, outputs, rechunking, is_paused: false }
    }

    fn register(&mut self, poll: &Poll, first: usize) -> io::Result<()> {
        poll.registry().register(&mut self.source, Token(first), Interest::READABLE)?;
        for (output, token) in self.outputs.iter_mut().zip(first + 1..) {
            let both = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(output.socket(), Token(token), both)?;
        }
        Ok(())
    }

    /// Reads and writes until there is nothing to read or a target has to be waited for.
    fn forward(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        while !self.is_paused {
            let count = match self.source.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            match &mut self.rechunking {
                None => write_to_all(&mut self.outputs, &buffer[..count])?,
                Some((host, rechunker)) => {
                    host.read(&buffer[..count], rechunker);
                    if !host.answers().is_empty() {
                        self.source.write_all(&std::mem::take(host.answers()))?;
                    }
                    if !rechunker.complete().is_empty() {
                        write_to_all(&mut self.outputs, rechunker.complete())?;
                        rechunker.complete().clear();
                    }
                }
            }
            self.is_paused = self.outputs.iter().any(Output::is_full);
            // A socket that gave less than it could is empty, and tells when it is not.
            if count < buffer.len() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Goes on with a source that waited, once no target has too much to catch up with.
    fn resume(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        if self.is_paused && !self.outputs.iter().any(Output::is_full) {
            self.is_paused = false;
            self.forward(buffer)?;
        }
        Ok(())
    }
}

fn write_to_all(outputs: &mut [Output], bytes: &[u8]) -> io::Result<()> {
    outputs.iter_mut().try_for_each(|output| output.write(bytes))
}

/// Bytes read at a time.
const READ: usize = 256 << 10;
