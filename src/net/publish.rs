//! From an open connection to a target that takes the stream.

use tokio::time::{Instant, timeout_at};

use super::{Error, Link, Step, Turn};
use crate::rtmp::auth::Demand;
use crate::rtmp::client::Event;
use crate::rtmp::url::Scheme;
use crate::rtmp::{Client, FourCc, Rejection, RtmpUrl};

/// Why a target that was reached did not take the stream.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The connection broke, or no answer came in time.
    #[error(transparent)]
    Link(#[from] Error),
    /// The target refused.
    #[error("the server refused the stream: {why}")]
    Rejected {
        /// What it refused: [`Step::Connect`], [`Step::CreateStream`] or [`Step::Publish`].
        step: Step,
        /// Its words.
        why: Rejection,
    },
    /// The target wants a login, or another one, over a new connection.
    #[error("the server asks for a user name and a password")]
    Demanded(Demand),
    /// The target does not take what was to be sent, so that nothing was published.
    #[error("the server does not accept {0}")]
    Unfit(FourCc),
    /// The target sends the stream elsewhere.
    #[error("the server sends the stream to {}", .0.origin())]
    Redirected(RtmpUrl),
}

/// Drives a new session until its target takes the stream; tells each step as it begins, and gives
/// each its own time.
///
/// # Errors
/// When the target does not take the stream, or does not answer in time.
pub async fn ask(link: &mut Link<Client>, progress: &(dyn Fn(Step) + Send + Sync)) -> Result<(), AskError> {
    let mut step = Step::Handshake;
    progress(step);
    let mut deadline = Instant::now() + step.limit();
    loop {
        let late = |_| Error::Timeout { step, limit: step.limit() };
        let turn = timeout_at(deadline, link.next()).await.map_err(late)?;
        if let Some(reached) = link.with(|session| session.step()).map(Step::from)
            && reached != step
        {
            step = reached;
            progress(step);
            deadline = Instant::now() + step.limit();
        }
        match turn.map_err(|error| explain(error, step, link.with(|session| session.url().scheme())))? {
            Turn::Event(Event::Publishing) => return Ok(()),
            Turn::Event(Event::Rejected(why)) => return Err(AskError::Rejected { step, why }),
            Turn::Event(Event::Demanded(demand)) => return Err(AskError::Demanded(demand)),
            Turn::Event(Event::Unfit(codec)) => return Err(AskError::Unfit(codec)),
            Turn::Event(Event::Redirected(to)) => return Err(AskError::Redirected(to)),
            Turn::Event(Event::Reconnect(_)) | Turn::Room => {}
        }
    }
}

/// Recognises a server that expects TLS where plain RTMP was spoken.
fn explain(error: Error, step: Step, spoken: Scheme) -> Error {
    use crate::rtmp::{connection, handshake, session};
    const TLS: session::Error =
        session::Error::Connection(connection::Error::Handshake(handshake::Error::Tls));
    match (error, spoken) {
        (Error::Rtmp(TLS), Scheme::Rtmp) => Error::WantsTls,
        (Error::Closed, Scheme::Rtmp) if step == Step::Handshake => Error::ClosedUnheard,
        (error, _) => error,
    }
}

#[cfg(test)]
mod tests;
