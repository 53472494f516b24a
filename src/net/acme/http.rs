//! How an authority is reached: HTTPS, each request on a connection of its own. There are a dozen of
//! them every other month.

use std::future::{Future, pending};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::net::race;
use crate::net::resolve::Resolver;

/// Speaks with authorities.
#[derive(Clone)]
pub(super) struct Client {
    tls: TlsConnector,
    resolver: Arc<Resolver>,
}

/// Why there is no answer, in words that follow on "the directory cannot be reached".
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("{0}")]
    Lookup(#[from] crate::net::Error),
    #[error("the connection could not be opened: {0}")]
    Connect(io::Error),
    #[error(
        "TLS could not be agreed on: {0}; if it is an authority of your own, name its certificate with --acme-ca"
    )]
    Tls(io::Error),
    #[error("an address in the directory is not one of https://")]
    Address,
    #[error("no answer within {} s", LIMIT.as_secs())]
    Timeout,
    #[error("{0}")]
    Http(#[from] hyper::Error),
    #[error("its answer broke off or is too long")]
    Body,
}

impl Client {
    pub(super) fn new(tls: Arc<ClientConfig>) -> Self {
        Self { tls: TlsConnector::from(tls), resolver: Arc::new(Resolver::system()) }
    }

    async fn exchange(
        &self,
        mut request: Request<BodyWrapper<Bytes>>,
    ) -> Result<Response<Full<Bytes>>, Unreachable> {
        let uri = request.uri().clone();
        let (host, port) = place(&uri).ok_or(Unreachable::Address)?;
        let stream = self.connect(host, port).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let authority = HeaderValue::from_str(authority).map_err(|_| Unreachable::Address)?;
        request.headers_mut().insert(HOST, authority);
        *request.uri_mut() = uri.path_and_query().map_or_else(Uri::default, |path| Uri::from(path.clone()));
        let answer = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, LONGEST).collect().await.map_err(|_| Unreachable::Body)?;
            Ok(Response::from_parts(head, Full::new(body.to_bytes())))
        };
        // What ends the connection early is told by the request too.
        let kept_going = async {
            let _ = connection.await;
            pending().await
        };
        tokio::select! {
            answer = answer => answer,
            never = kept_going => never,
        }
    }

    async fn connect(&self, host: &str, port: u16) -> Result<TlsStream<TcpStream>, Unreachable> {
        let host = host.trim_matches(['[', ']']);
        let addresses = self.resolver.resolve(host).await?;
        let addresses: Vec<_> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        let addresses = race::interleave(&addresses);
        let connecting = race::first(&addresses, |address| async move {
            let connecting = timeout(PER_ADDRESS, TcpStream::connect(address));
            connecting.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        });
        let tcp = connecting.await.map_err(Unreachable::Connect)?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Unreachable::Address)?;
        self.tls.connect(name, tcp).await.map_err(Unreachable::Tls)
    }
}

fn place(uri: &Uri) -> Option<(&str, u16)> {
    let is_https = uri.scheme_str() == Some("https");
    let host = uri.host().filter(|_| is_https)?;
    Some((host, uri.port_u16().unwrap_or(443)))
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.clone();
        Box::pin(async move {
            let answer = timeout(LIMIT, client.exchange(request)).await;
            let answer = answer.unwrap_or(Err(Unreachable::Timeout));
            answer.map(BytesResponse::from).map_err(|error| Error::Other(Box::new(error)))
        })
    }
}

/// How long one request may take, all in all.
const LIMIT: Duration = Duration::from_secs(30);

/// How long one address of several may take.
const PER_ADDRESS: Duration = Duration::from_secs(5);

/// More than any answer needs.
const LONGEST: usize = 1 << 20;
