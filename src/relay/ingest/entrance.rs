//! From the listener to the first word of RTMP: who is let in, and what is said of those who are not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::Instrument;

use super::{Ingest, TO_PUBLISH};
use crate::net::door::TurnedAway;
use crate::net::{self, Door, Link};
use crate::relay::gate::Pass;
use crate::relay::status::Refused;
use crate::rtmp::{Server, connection, session};

impl Ingest {
    /// Serves listeners until told to stop. Strangers are counted together, whichever port they come to.
    pub async fn serve(self: Arc<Self>, entrances: Vec<(TcpListener, Door)>) {
        join_all(entrances.iter().map(|(listener, door)| self.serve_one(listener, door))).await;
    }

    async fn serve_one(self: &Arc<Self>, listener: &TcpListener, door: &Door) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer, door),
                Err(error) => {
                    // Most likely out of file descriptors: others must end before this can go on.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr, door: &Door) {
        let Some(pass) = self.gate.enter(peer.ip()) else {
            self.strangers.refusals.count(Refused::Crowd);
            tracing::debug!(%peer, "too many connections without a stream key; closed");
            return;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "a connection was gone before it began");
            return;
        }
        let (ingest, door) = (Arc::clone(self), door.clone());
        let serving = async move {
            if let Err(error) = ingest.serve_stranger(stream, &door, peer, pass).await {
                tracing::info!(%error, "connection ended");
            }
        };
        self.tracker.spawn(serving.instrument(tracing::info_span!("ingest", %peer)));
    }

    async fn serve_stranger(
        &self,
        stream: TcpStream,
        door: &Door,
        peer: SocketAddr,
        pass: Pass,
    ) -> Result<(), net::Error> {
        let deadline = Instant::now() + TO_PUBLISH;
        let opened = tokio::select! {
            () = self.stop.cancelled() => return Ok(()),
            opened = timeout_at(deadline, door.open(stream)) => opened,
        };
        match opened {
            Ok(Ok(transport)) => return self.serve_until(deadline, transport, peer, pass).await,
            Ok(Err(reason)) => self.turn_away(&reason),
            Err(_) => self.let_go_late(),
        }
        Ok(())
    }

    fn turn_away(&self, reason: &TurnedAway) {
        let counted = match reason {
            TurnedAway::Silent | TurnedAway::Broken(_) | TurnedAway::Authority => None,
            TurnedAway::NoTls | TurnedAway::OnlyTls | TurnedAway::Nonsense(_) => Some(Refused::Language),
            TurnedAway::NotAgreed(_) => Some(Refused::Tls),
        };
        match counted {
            Some(refused) => {
                self.strangers.refusals.count(refused);
                tracing::info!("connection refused: {reason}");
            }
            None => tracing::debug!("connection ended: {reason}"),
        }
    }

    pub(super) fn let_go_late(&self) {
        self.strangers.refusals.count(Refused::Late);
        tracing::info!("no stream key within {} s; closed", TO_PUBLISH.as_secs());
    }

    /// Counts what was no RTMP, and says what a close may mean that cannot be told from others.
    pub(super) fn judge(&self, error: net::Error, link: &Link<Server>) -> Result<(), net::Error> {
        match error {
            // With GnuTLS, as in Debian's ffmpeg, a certificate is judged once TLS stands.
            net::Error::Closed if link.is_tls() && !link.has_heard() => {
                self.strangers.refusals.count(Refused::Tls);
                tracing::info!(
                    "the client said nothing once TLS was agreed on: most likely it refuses the certificate, \
                     which must be signed by an authority that the client trusts, be made out to the host name \
                     that the client was given, and not be expired"
                );
                return Ok(());
            }
            net::Error::Rtmp(session::Error::Connection(connection::Error::Handshake(_))) => {
                self.strangers.refusals.count(Refused::Language);
            }
            _ => {}
        }
        Err(error)
    }
}
