//! One HTTP GET, of a list that is public: over a connection of our own, under the address policy that holds
//! for targets, as for [what is posted](super::post).
//!
//! The answer comes from a stranger: of its body only so much is read, and whoever asked for it has to look at
//! every word of it. A redirect is not followed.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, CONNECTION, HOST, USER_AGENT};
use hyper::{Request, Response};
use tokio::time::timeout;

use super::post::{AGENT, call, host_header};
use super::{Dialer, Nowhere, PostError};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Whether through TLS.
    pub secure: bool,
    /// The host's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The path with its query.
    pub path: String,
}

/// Why it was not got. Never repeats what the server said.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no answer.
    #[error(transparent)]
    Unanswered(#[from] PostError),
    /// The answer is something else.
    #[error("the server answered with the HTTP status {0} instead of the list")]
    Status(u16),
    /// The answer is longer than any list would be.
    #[error("the server's answer is longer than {} KiB", MOST_READ >> 10)]
    TooLong,
    /// The answer ended in the middle.
    #[error("the server closed the connection in the middle of its answer")]
    Cut,
    /// All of it took too long.
    #[error("the answer was not complete within {} s", LIMIT.as_secs())]
    Timeout,
}

impl Page {
    /// A page that everybody may see, by its address; `None` if that is not one of HTTPS.
    pub fn at(address: &str) -> Option<Self> {
        let (host, path) = address.strip_prefix("https://")?.split_once('/')?;
        Some(Self { secure: true, host: host.to_owned(), port: 443, path: format!("/{path}") })
    }
}

/// How something is got: over the network, or in tests by a script.
pub trait Fetch: Send + Sync {
    /// Gets it whole. Cancel-safe: the connection is closed.
    fn fetch<'a>(&'a self, page: &'a Page) -> BoxFuture<'a, Result<Bytes, FetchError>>;
}

impl Fetch for Dialer {
    fn fetch<'a>(&'a self, page: &'a Page) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        let getting = timeout(LIMIT, get(self, page));
        Box::pin(async move { getting.await.unwrap_or(Err(FetchError::Timeout)) })
    }
}

impl Fetch for Nowhere {
    fn fetch<'a>(&'a self, _: &'a Page) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        Box::pin(async { Err(PostError::Unfit.into()) })
    }
}

async fn get(dialer: &Dialer, page: &Page) -> Result<Bytes, FetchError> {
    let request = Request::get(&page.path)
        .header(HOST, host_header(&page.host, page.port))
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "application/json")
        .header(CONNECTION, "close")
        .body(Full::default())
        .map_err(|_| PostError::Unfit)?;
    call(dialer, (&page.host, page.port), page.secure, request, body).await?
}

async fn body(response: Response<Incoming>) -> Result<Bytes, FetchError> {
    if response.status().as_u16() != 200 {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let (mut body, mut read) = (response.into_body(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| FetchError::Cut)?;
        let Some(data) = frame.data_ref() else { continue };
        if read.len() + data.len() > MOST_READ {
            return Err(FetchError::TooLong);
        }
        read.extend_from_slice(data);
    }
    Ok(read.freeze())
}

/// From looking up the name to the last byte.
const LIMIT: Duration = Duration::from_secs(10);

/// What is read of a body at most. Twitch's list takes some ten of it.
const MOST_READ: usize = 256 << 10;

#[cfg(test)]
mod tests;
