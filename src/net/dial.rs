//! Reaches a target, or who else is told something: name, address, TCP, TLS, each with its own time limit.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::certificate::Shown;
use super::resolve::Resolver;
use super::tls::Trust;
use super::{Error, Guard, Socket, Step, Transport, race};
use crate::rtmp::RtmpUrl;
use crate::rtmp::url::Scheme;

/// How targets are reached: over the network, or in tests by a script.
pub trait Dial: Send + Sync {
    /// Connects to a target; tells each step as it begins.
    fn dial<'a>(
        &'a self,
        to: &'a RtmpUrl,
        progress: &'a (dyn Fn(Step) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, Error>>;

    /// The same for somebody who wants to know what is found on the way, as far as that is known.
    fn explore<'a>(
        &'a self,
        to: &'a RtmpUrl,
        tell: &'a (dyn Fn(Told) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, Error>> {
        Box::pin(async move { self.dial(to, &|step| tell(Told::Step(step))).await })
    }
}

/// What is told to who wants to know more than whether a server can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A step begins.
    Step(Step),
    /// These are the host's addresses.
    Addresses(Vec<IpAddr>),
    /// This one answered first.
    Peer(SocketAddr),
    /// The server showed this certificate, which may be good or not.
    Certificate(Shown),
    /// This version of TLS was agreed on.
    Secured(&'static str),
}

/// Reaches targets over the network.
#[derive(Clone)]
pub struct Dialer {
    resolver: Arc<Resolver>,
    guard: Guard,
    trust: Trust,
}

impl Dialer {
    /// A dialer that dials what `guard` permits and believes whom `trust` vouches for.
    pub fn new(guard: Guard, trust: Trust) -> Self {
        Self { resolver: Arc::new(Resolver::system()), guard, trust }
    }

    /// Connects to a host, through TLS if `secure`; tells each step as it begins.
    ///
    /// # Errors
    /// Why it could not be reached.
    pub async fn reach(
        &self,
        (host, port): (&str, u16),
        secure: bool,
        progress: &(dyn Fn(Step) + Send + Sync),
    ) -> Result<Transport, Error> {
        let tell = |told| {
            if let Told::Step(step) = told {
                progress(step);
            }
        };
        let socket = self.connect((host, port), &tell).await?;
        if !secure {
            return Ok(socket.into());
        }
        progress(Step::Tls);
        secured(self.trust.config(), host, socket).await
    }

    /// Looks up the name and opens a TCP connection.
    async fn connect(
        &self,
        (host, port): (&str, u16),
        tell: &(dyn Fn(Told) + Send + Sync),
    ) -> Result<Socket, Error> {
        tell(Told::Step(Step::Resolving));
        let addresses = self.resolver.resolve(host).await?;
        tell(Told::Addresses(addresses.clone()));
        let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, port));
        let addresses = self.guard.filter(addresses)?;

        tell(Told::Step(Step::Connecting));
        let addresses = race::interleave(&addresses);
        let connecting = race::first(&addresses, |address| async move {
            timeout(PER_ADDRESS, open(address)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        });
        let stream = within(Step::Connecting, connecting).await?.map_err(Error::from_connect)?;
        if let Ok(peer) = stream.peer_addr() {
            tell(Told::Peer(peer));
        }
        Ok(stream.into())
    }

    /// As [`Dialer::reach`] does it with TLS, and tells what the server shows.
    async fn secure(
        &self,
        host: &str,
        socket: Socket,
        tell: &(dyn Fn(Told) + Send + Sync),
    ) -> Result<Transport, Error> {
        tell(Told::Step(Step::Tls));
        let (config, noting) = self.trust.noting();
        let secured = secured(config, host, socket).await;
        if let Some(shown) = noting.shown() {
            tell(Told::Certificate(shown));
        }
        let transport = secured?;
        if let Some(version) = transport.tls_version() {
            tell(Told::Secured(version));
        }
        Ok(transport)
    }
}

impl Dial for Dialer {
    fn dial<'a>(
        &'a self,
        to: &'a RtmpUrl,
        progress: &'a (dyn Fn(Step) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, Error>> {
        Box::pin(self.reach((to.host(), to.port()), to.scheme() == Scheme::Rtmps, progress))
    }

    fn explore<'a>(
        &'a self,
        to: &'a RtmpUrl,
        tell: &'a (dyn Fn(Told) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, Error>> {
        Box::pin(async move {
            let socket = self.connect((to.host(), to.port()), tell).await?;
            match to.scheme() {
                Scheme::Rtmp => Ok(socket.into()),
                Scheme::Rtmps => self.secure(to.host(), socket, tell).await,
            }
        })
    }
}

/// Agrees on TLS.
async fn secured(config: Arc<ClientConfig>, host: &str, socket: Socket) -> Result<Transport, Error> {
    let (name, tls) = (server_name(host)?, TlsConnector::from(config));
    let stream = within(Step::Tls, tls.connect(name, socket)).await?.map_err(Error::from_tls)?;
    Ok(stream.into())
}

/// Gives a step its time.
async fn within<T>(step: Step, work: impl Future<Output = T>) -> Result<T, Error> {
    let limit = step.limit();
    timeout(limit, work).await.map_err(|_| Error::Timeout { step, limit })
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    let stream = socket.connect(address).await?;
    set_options(&stream)?;
    Ok(stream)
}

/// Small writes leave at once; a dead peer is noticed within half a minute; and the kernel holds
/// little that was not sent: 500 stalled targets otherwise pin gigabytes of its memory.
fn set_options(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(15)).with_interval(Duration::from_secs(5));
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    {
        socket.set_tcp_keepalive(&keepalive.with_retries(3))?;
        socket.set_tcp_user_timeout(Some(Duration::from_secs(15)))?;
        socket.set_tcp_notsent_lowat(128 << 10)?;
    }
    Ok(())
}

fn server_name(host: &str) -> Result<ServerName<'static>, Error> {
    let invalid = |error| Error::Tls(io::Error::new(io::ErrorKind::InvalidInput, error));
    ServerName::try_from(host.to_owned()).map_err(invalid)
}

/// How long one address of several may take.
pub(super) const PER_ADDRESS: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
