//! Serves one connection: HTTP/1.1, one request after another.
//!
//! Axum's own serving knows no limit of time for a request's head, and none for a connection on which
//! there is none.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::listener::Accepted;
use super::places::Busy;

/// Serves a connection until it ends; from `stop`, only the request that it has.
pub async fn serve_connection(accepted: Accepted, router: Router, stop: CancellationToken) {
    let Accepted { connection, peer, place } = accepted;
    let place = Arc::new(place);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let busy = place.busy();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer.await?.map(|body| Answer { body, _busy: busy })) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(BUFFER);
    let mut serving = pin!(http.serve_connection(TokioIo::new(connection), service));
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = place.sent_away() => return,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::trace!(%error, "a connection ended early");
    }
}

/// The body of an answer, with which its request ends.
struct Answer {
    body: Body,
    _busy: Busy,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How long the head of a request may take to come whole, from the end of the one before.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// What is held of a request that is read and of an answer that is written; a longer head is refused.
const BUFFER: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Listener;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::{Instant, sleep};

    /// A client, and the serving of its connection.
    async fn client() -> (TcpStream, impl Future<Output = ()>) {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(tcp.local_addr().unwrap()).await.unwrap();
        let accepted = Listener::new(tcp).accept().await;
        let router = Router::new().route("/", get(async || "here"));
        (client, serve_connection(accepted, router, CancellationToken::new()))
    }

    #[tokio::test]
    async fn a_head_that_never_ends_is_not_waited_for() {
        let (mut client, serving) = client().await;
        tokio::time::pause();
        let began = Instant::now();
        let trickle = async {
            while client.write_all(b"G").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! {
            () = serving => {}
            () = trickle => {}
        }
        assert!((HEAD_TIMEOUT..HEAD_TIMEOUT * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_connection_is_kept_for_a_while_after_an_answer() {
        let (mut client, serving) = client().await;
        tokio::time::pause();
        let asking = async {
            for pause in [0, 20, 20] {
                sleep(Duration::from_secs(pause)).await;
                client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
                let mut answer = [0; 512];
                let count = client.read(&mut answer).await.unwrap();
                assert!(answer.starts_with(b"HTTP/1.1 200") && answer[..count].ends_with(b"here"));
            }
            assert_eq!(client.read(&mut [0; 512]).await.unwrap(), 0);
        };
        tokio::join!(asking, serving);
    }
}
