//! One HTTP POST, to tell somebody something: over a connection of our own, under the address policy
//! that holds for targets, since who may name an address to call could reach as much by it.
//!
//! Nothing of the answer is believed or shown but its status: it comes from a stranger. A redirect is an
//! answer like any other and not followed, for it would lead past what an operator has chosen.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::{Dialer, Error, Step};
use crate::secret::Secret;

/// What is posted, and where to.
#[derive(Debug, Clone)]
pub struct PostRequest {
    /// Whether through TLS.
    pub secure: bool,
    /// The host's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The path with its query: to some services the only secret there is.
    pub path: Secret,
    /// Headers of its own.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Bytes,
}

/// What is taken of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// Why there is no answer. Never repeats the path, nor what the server said.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The address policy forbids it.
    #[error(
        "the address {address} may not be called. If you trust it, start splitcast with --allow-targets \
         {suggestion}"
    )]
    Forbidden {
        /// One of the host's addresses.
        address: std::net::IpAddr,
        /// What to write after `--allow-targets`.
        suggestion: String,
    },
    /// A port that services other than HTTP use.
    #[error(
        "port {0} may not be called: below 1024 only 80 and 443 may, unless the address is listed in \
         --allow-targets"
    )]
    Port(u16),
    /// It would be called by itself.
    #[error("the address is this relay's own")]
    Loop,
    /// Plain HTTP where TLS was tried.
    #[error("TLS could not be agreed on; if the server speaks plain HTTP, write http:// instead of https://")]
    NotTls,
    /// It could not be reached otherwise.
    #[error(transparent)]
    Unreached(Error),
    /// Something answers that is not HTTP.
    #[error("the server does not speak HTTP there; if it speaks TLS, write https:// instead of http://")]
    NotHttp,
    /// The connection ended before there was an answer.
    #[error("the server closed the connection without an answer")]
    Closed,
    /// All of it took too long.
    #[error("no answer within {} s", LIMIT.as_secs())]
    Timeout,
    /// Nothing can be sent like this.
    #[error("the address is not one that can be called")]
    Unfit,
}

/// How something is posted: over the network, or in tests by a script.
pub trait Post: Send + Sync {
    /// Posts, and waits for the answer's status. Cancel-safe: the connection is closed.
    fn post<'a>(&'a self, request: &'a PostRequest) -> BoxFuture<'a, Result<Answer, PostError>>;
}

impl Post for Dialer {
    fn post<'a>(&'a self, request: &'a PostRequest) -> BoxFuture<'a, Result<Answer, PostError>> {
        let posting = timeout(LIMIT, exchange(self, request));
        Box::pin(async move { posting.await.unwrap_or(Err(PostError::Timeout)) })
    }
}

/// For a desk without a network.
pub struct Nowhere;

impl Post for Nowhere {
    fn post<'a>(&'a self, _: &'a PostRequest) -> BoxFuture<'a, Result<Answer, PostError>> {
        Box::pin(async { Err(PostError::Unfit) })
    }
}

async fn exchange(dialer: &Dialer, to: &PostRequest) -> Result<Answer, PostError> {
    let request = request(to)?;
    call(dialer, (&to.host, to.port), to.secure, request, async |response| {
        let answer = Answer::of(&response);
        // Read, so that the server sees a good end; what it says there changes nothing.
        let _ = timeout(TO_THE_END, drain(response.into_body())).await;
        answer
    })
    .await
}

/// Asks one thing over a connection of its own; `read` takes of the answer what is wanted of it.
pub(super) async fn call<T>(
    dialer: &Dialer,
    to: (&str, u16),
    secure: bool,
    request: Request<Full<Bytes>>,
    read: impl AsyncFnOnce(Response<Incoming>) -> T,
) -> Result<T, PostError> {
    let transport = dialer.reach(to, secure, &|_| {}).await?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_READ)
        .handshake::<_, Full<Bytes>>(TokioIo::new(transport))
        .await
        .map_err(|error| from_hyper(&error))?;
    let answering = async {
        let response = sender.send_request(request).await.map_err(|error| from_hyper(&error))?;
        Ok(read(response).await)
    };
    let (mut answering, mut connection) = (std::pin::pin!(answering), std::pin::pin!(connection));
    tokio::select! {
        answer = &mut answering => answer,
        // The answer may have come with the end.
        _ = &mut connection => answering.await,
    }
}

fn request(to: &PostRequest) -> Result<Request<Full<Bytes>>, PostError> {
    let mut request = Request::post(to.path.expose())
        .header(HOST, host_header(&to.host, to.port))
        .header(USER_AGENT, AGENT)
        .header(CONTENT_TYPE, "application/json")
        .header(CONNECTION, "close");
    for (name, value) in &to.headers {
        request = request.header(*name, value);
    }
    request.body(Full::new(to.body.clone())).map_err(|_| PostError::Unfit)
}

/// What a server is asked as.
pub(super) fn host_header(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

async fn drain(mut body: Incoming) {
    let mut left = MOST_READ;
    while let Some(Ok(frame)) = body.frame().await {
        let size = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(size) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

impl Answer {
    fn of(response: &Response<Incoming>) -> Self {
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Self { status: response.status().as_u16(), retry_after: seconds.map(Duration::from_secs) }
    }
}

impl From<Error> for PostError {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden { address, suggestion } => Self::Forbidden { address, suggestion },
            Error::Port(port) => Self::Port(port),
            Error::Loop => Self::Loop,
            Error::NotTls | Error::TlsClosed | Error::Timeout { step: Step::Tls, .. } => Self::NotTls,
            error => Self::Unreached(error),
        }
    }
}

fn from_hyper(error: &hyper::Error) -> PostError {
    if error.is_parse() || error.is_parse_too_large() { PostError::NotHttp } else { PostError::Closed }
}

pub(super) const AGENT: &str = concat!("splitcast/", env!("CARGO_PKG_VERSION"));

/// From looking up the name to the answer's head.
const LIMIT: Duration = Duration::from_secs(5);

/// How long the rest of an answer is waited for.
const TO_THE_END: Duration = Duration::from_secs(1);

/// What is read of an answer at most: so much of its head, and of its body.
const MOST_READ: usize = 64 << 10;

#[cfg(test)]
mod tests;
