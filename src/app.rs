//! Puts the parts together, starts them, and stops them in order.
//!
//! All that can be wrong is found before anything is begun: addresses are bound first, so that a
//! second relay on the same ports leaves no trace. On a signal, targets are left, listeners close, and
//! encoders are let go. Unless told otherwise, targets are left without a goodbye: to a platform that
//! is a lost connection, which it waits for, while a goodbye would end the broadcast.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use self::https::Https;
use self::serve::{serve, serve_page};
use crate::api::{self, Access, Listener};
use crate::config::{Config, Logging, OnExit};
use crate::control::{Control, Settings};
use crate::net::{Dialer, Guard, tls};
use crate::relay::footprint::Formula;
use crate::relay::{Board, Ingest, Registry, Supervisor, Workers};
use crate::store::Store;

mod https;
mod panics;
mod serve;

pub use self::panics::log_panics;

/// A relay that is ready to run.
pub struct App {
    control: Arc<Control>,
    ingest: Arc<Ingest>,
    rtmp: TcpListener,
    http: TcpListener,
    https: Option<Https>,
    router: axum::Router,
    /// Where numbers are served, if anywhere.
    metrics: Option<TcpListener>,
    tracker: TaskTracker,
    stop: CancellationToken,
    on_exit: OnExit,
    /// Ends the threads that carry streams.
    threads: DropGuard,
}

impl App {
    /// Binds the addresses, opens the store and starts what is wanted.
    ///
    /// # Errors
    /// One sentence on what cannot be used, and what to do about it.
    pub async fn start(config: Config, logging: Logging) -> anyhow::Result<Self> {
        let settings = Settings { flags: config.shown(), logging };
        let tls = tls::client_config(config.target_ca.as_deref())?;
        if let Some(https) = &config.https {
            https::check(https).await?;
        }
        let rtmp = bind(config.rtmp, "--rtmp").await?;
        let http = bind(config.http, "--http").await?;
        let metrics = match config.metrics {
            Some(address) => Some(bind_metrics(address).await?),
            None => None,
        };
        let redirect = match config.https.as_ref().and_then(|https| https.redirect) {
            Some(address) => Some(bind(address, "--redirect-http").await?),
            None => None,
        };
        let (rtmp_address, http_address) = (rtmp.local_addr()?, http.local_addr()?);
        let metrics_address = metrics.as_ref().map(TcpListener::local_addr).transpose()?;
        let own_addresses = [rtmp_address, http_address].into_iter().chain(metrics_address).collect();
        let store = Store::open(&config.data_dir).await?;
        let https = match config.https {
            Some(https) => Some(Https::open(https, redirect, &config.data_dir).await?),
            None => None,
        };

        let (tracker, stop, board) =
            (TaskTracker::new(), CancellationToken::new(), Arc::new(Board::default()));
        let registry = Registry::new(store.key_hasher());
        let guard = Guard::new(config.allow_targets, own_addresses);
        let dialer = Arc::new(Dialer::new(guard, tls));
        let threads = CancellationToken::new();
        let workers = Workers::start(config.workers, &threads).context("no threads can be started")?;
        let (shown, known, seed) = (Arc::clone(&board), Arc::clone(&registry), rand::random());
        let (post, fetch) = (Arc::clone(&dialer), Arc::clone(&dialer));
        let supervisor = Supervisor::new(shown, known, dialer, workers, tracker.clone(), seed);
        let ingest =
            Ingest::new(registry, tracker.clone(), stop.clone()).counting(Arc::clone(board.refusals()));
        let certificate = https.as_ref().map(Https::certificate);
        let control = Arc::new(
            Control::new(store, board, supervisor)
                .with_post(post)
                .with_fetch(fetch)
                .with_settings(settings)
                .with_certificate(certificate),
        );
        control.start().await?;
        let names = https.iter().flat_map(Https::names);
        let access = Access::new(config.api_token, config.hosts.into_iter().chain(names));
        let router = api::router(Arc::clone(&control), access, rtmp_address.port(), stop.clone());
        let router = api::identified(router, config.trusted_proxies);
        Ok(Self {
            control,
            ingest: Arc::new(ingest),
            rtmp,
            http,
            https,
            router,
            metrics,
            tracker,
            stop,
            on_exit: config.on_exit,
            threads: threads.drop_guard(),
        })
    }

    /// What a person who started the relay wants to know.
    pub fn greeting(&self) -> anyhow::Result<String> {
        let (rtmp, http) = (self.rtmp.local_addr()?, self.http.local_addr()?);
        let (server, page) = (reachable(rtmp), SocketAddr::new(loopback_if_any(http.ip()), http.port()));
        let page = self.https.as_ref().map_or_else(|| format!("http://{page}"), |https| https.origin(page));
        let (link, once) = match self.control.set_up_pass() {
            Some(pass) => (
                format!("/#setup={}", pass.expose()),
                "\n               (open it once, to choose a password)",
            ),
            None => (String::new(), ""),
        };
        let metrics = match self.metrics.as_ref().map(TcpListener::local_addr).transpose()? {
            Some(address) => format!("  Metrics      http://{address}/metrics\n"),
            None => String::new(),
        };
        Ok(format!(
            "splitcast {}\n\n  Stream to    rtmp://{server}/live\n  Stream key   on the dashboard\n  \
             Dashboard    {page}{link}{once}\n{metrics}  \
             Memory       {Formula}\n",
            env!("CARGO_PKG_VERSION")
        ))
    }

    /// Runs until a signal asks it to stop; a second signal, or a task that does not end in time,
    /// makes it stop at once.
    ///
    /// # Errors
    /// When it could not go on, or was stopped by force.
    pub async fn run(self) -> anyhow::Result<()> {
        let Self {
            control,
            ingest,
            rtmp,
            http,
            https,
            router,
            metrics,
            tracker,
            stop,
            on_exit,
            threads: _threads,
        } = self;
        let listening = Arc::clone(&control);
        tracker.spawn(async move { listening.while_listening(ingest.serve(rtmp)).await });
        if let Some(metrics) = metrics {
            let numbers = api::metrics::server(Arc::clone(&control));
            tracker.spawn(serve(Listener::new(metrics), numbers, stop.clone()));
        }
        let port = http.local_addr()?.port();
        let mut listener = Listener::new(http);
        if let Some(https) = https {
            listener = listener.with_tls(https.tls());
            https.start(port, &tracker, &stop);
        }
        let serving = tracker.spawn(serve_page(listener, router, stop.clone()));
        let applying = Arc::clone(&control);
        let until_stop = stop.clone();
        tracker.spawn(async move { until_stop.run_until_cancelled(applying.keep_applied()).await });
        let (keeping, until_stop) = (Arc::clone(&control), stop.clone());
        tracker.spawn(async move { until_stop.run_until_cancelled(keeping.keep_access()).await });
        let (caring, until_stop) = (Arc::clone(&control), stop.clone());
        tracker.spawn(async move { until_stop.run_until_cancelled(caring.keep_healthy()).await });
        let (copying, until_stop) = (Arc::clone(&control), stop.clone());
        tracker.spawn(async move { until_stop.run_until_cancelled(copying.keep_backups()).await });
        // On a tracker of its own: it ends after all others, to keep what they do last.
        let (recording, all_ended) = (Arc::clone(&control), CancellationToken::new());
        let until_all_ended = all_ended.clone();
        let mut records = TaskTracker::new().spawn(async move {
            let history = recording.keep_history(until_all_ended.clone());
            tokio::join!(history, recording.keep_webhooks(until_all_ended));
        });

        tokio::select! {
            result = signal() => tracing::info!(signal = result?, "stopping"),
            () = stop.cancelled() => tracing::error!("the dashboard's listener failed; stopping"),
        }
        let asked = Instant::now();
        // Targets first: to one without a hold, an encoder that is let go would be the end.
        control.leave(on_exit == OnExit::End);
        stop.cancel();
        tracker.close();
        let in_time = tokio::select! {
            all = timeout(GRACE, tracker.wait()) => all.is_ok(),
            second = signal() => {
                second?;
                false
            }
        };
        all_ended.cancel();
        let putting_away = async {
            let kept = (&mut records).await;
            control.close().await;
            kept
        };
        if timeout_at(asked + STORE_GRACE, putting_away).await.is_err() {
            records.abort();
            tracing::warn!("the database does not answer; what targets did last is not recorded");
        }
        if !in_time {
            bail!("some connections did not end in time and were cut");
        }
        serving.await.context("the dashboard's listener failed")
    }
}

async fn bind_metrics(address: SocketAddr) -> anyhow::Result<TcpListener> {
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "whoever can reach this address can read numbers about streams and targets there, without a \
             token; no keys, names or addresses are among them"
        );
    }
    bind(address, "--metrics").await
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is already in use: stop the program that uses it, or choose another port with {flag}"
        ),
        io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("{address} may not be used by this user: choose a port above 1023 with {flag}")
        }
        io::ErrorKind::AddrNotAvailable => {
            anyhow::anyhow!("{address} is not an address of this machine: choose another with {flag}")
        }
        _ => anyhow::anyhow!("{address} ({flag}) cannot be used: {error}"),
    })
}

/// An address under which an encoder may reach a listener: where it listens everywhere, the address
/// that this machine has in its network.
fn reachable(listener: SocketAddr) -> SocketAddr {
    if !listener.ip().is_unspecified() {
        return listener;
    }
    // Connecting a UDP socket sends nothing; it only chooses the address to send from.
    let own = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        Ok::<_, io::Error>(socket.local_addr()?.ip())
    };
    SocketAddr::new(own().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), listener.port())
}

fn loopback_if_any(ip: IpAddr) -> IpAddr {
    if ip.is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { ip }
}

/// Waits until the process is asked to end.
#[cfg(unix)]
async fn signal() -> io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok("SIGTERM"),
        _ = interrupt.recv() => Ok("SIGINT"),
    }
}

/// Waits until the process is asked to end.
#[cfg(not(unix))]
async fn signal() -> io::Result<&'static str> {
    tokio::signal::ctrl_c().await?;
    Ok("Ctrl-C")
}

/// How long connections may take to end. Goodbyes are bounded well below it.
const GRACE: Duration = Duration::from_secs(4);

/// How long it may take, all in all, until what happened last is written down and the store is closed.
/// A store that is not closed has lost nothing that it acknowledged.
const STORE_GRACE: Duration = Duration::from_millis(4_500);
