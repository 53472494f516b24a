//! Puts the parts together, starts them, and stops them in order.
//!
//! All that can be wrong is found before anything is begun: addresses are bound first, so that a
//! second relay on the same ports leaves no trace. On a signal, targets are left, listeners close, and
//! encoders are let go. Unless told otherwise, targets are left without a goodbye: to a platform that
//! is a lost connection, which it waits for, while a goodbye would end the broadcast.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use self::serve::{serve, serve_page};
use self::tls::Tls;
use crate::api::{self, Access, IngestPorts, Listener};
use crate::config::{Config, Logging, OnExit};
use crate::control::{Control, Settings};
use crate::net::{self, Dialer, Guard};
use crate::relay::{Board, Ingest, Registry, Supervisor, Workers};
use crate::store::Store;

mod greeting;
mod panics;
mod serve;
mod tls;

pub use self::panics::log_panics;

/// A relay that is ready to run.
pub struct App {
    control: Arc<Control>,
    ingest: Arc<Ingest>,
    rtmp: TcpListener,
    /// For RTMPS alone, if wanted.
    rtmps: Option<TcpListener>,
    http: TcpListener,
    tls: Option<Tls>,
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
        let trust = net::tls::trust(config.target_ca.as_deref())?;
        if let Some(tls) = &config.tls {
            tls::check(tls).await?;
        }
        let rtmp = bind(config.rtmp, "--rtmp").await?;
        let rtmps = match config.tls.as_ref().and_then(|tls| tls.rtmps) {
            Some(address) => Some(bind(address, "--rtmps").await?),
            None => None,
        };
        let http = bind(config.http, "--http").await?;
        let metrics = match config.metrics {
            Some(address) => Some(bind_metrics(address).await?),
            None => None,
        };
        let redirect = match config.tls.as_ref().and_then(|tls| tls.redirect) {
            Some(address) => Some(bind(address, "--redirect-http").await?),
            None => None,
        };
        let (rtmp_address, http_address) = (rtmp.local_addr()?, http.local_addr()?);
        let metrics_address = metrics.as_ref().map(TcpListener::local_addr).transpose()?;
        let rtmps_address = rtmps.as_ref().map(TcpListener::local_addr).transpose()?;
        let own_addresses =
            [rtmp_address, http_address].into_iter().chain(metrics_address).chain(rtmps_address).collect();
        let store = Store::open(&config.data_dir).await?;
        let tls = match config.tls {
            Some(tls) => Some(Tls::open(tls, redirect, &config.data_dir).await?),
            None => None,
        };

        let (tracker, stop, board) =
            (TaskTracker::new(), CancellationToken::new(), Arc::new(Board::default()));
        let registry = Registry::new(store.key_hasher());
        let guard = Guard::new(config.allow_targets, own_addresses);
        let dialer = Arc::new(Dialer::new(guard, trust));
        let threads = CancellationToken::new();
        let workers = Workers::start(config.workers, &threads).context("no threads can be started")?;
        let (shown, known, seed) = (Arc::clone(&board), Arc::clone(&registry), rand::random());
        let (post, fetch) = (Arc::clone(&dialer), Arc::clone(&dialer));
        let supervisor = Supervisor::new(shown, known, dialer, workers, tracker.clone(), seed);
        let ingest =
            Ingest::new(registry, tracker.clone(), stop.clone()).counting(Arc::clone(board.refusals()));
        let certificate = tls.as_ref().map(Tls::certificate);
        let control = Arc::new(
            Control::new(store, board, supervisor)
                .with_post(post)
                .with_fetch(fetch)
                .with_settings(settings)
                .with_certificate(certificate),
        );
        control.start().await?;
        let names = tls.iter().flat_map(Tls::names);
        let access = Access::new(config.api_token, config.hosts.into_iter().chain(names));
        let rtmps_port = tls.as_ref().map(|_| rtmps_address.unwrap_or(rtmp_address).port());
        let ports = IngestPorts { rtmp: rtmp_address.port(), rtmps: rtmps_port };
        let router = api::router(Arc::clone(&control), access, ports, stop.clone());
        let router = api::identified(router, config.trusted_proxies);
        Ok(Self {
            control,
            ingest: Arc::new(ingest),
            rtmp,
            rtmps,
            http,
            tls,
            router,
            metrics,
            tracker,
            stop,
            on_exit: config.on_exit,
            threads: threads.drop_guard(),
        })
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
            rtmps,
            http,
            tls,
            router,
            metrics,
            tracker,
            stop,
            on_exit,
            threads: _threads,
        } = self;
        let listening = Arc::clone(&control);
        let secured = rtmps.zip(tls.as_ref().map(Tls::door));
        let entrances = [(rtmp, Tls::door_for_all(tls.as_ref()))].into_iter().chain(secured).collect();
        tracker.spawn(async move { listening.while_listening(ingest.serve(entrances)).await });
        if let Some(metrics) = metrics {
            let numbers = api::metrics::server(Arc::clone(&control));
            tracker.spawn(serve(Listener::new(metrics), numbers, stop.clone()));
        }
        let port = http.local_addr()?.port();
        let mut listener = Listener::new(http);
        if let Some(https) = tls.as_ref().and_then(Tls::https) {
            listener = listener.with_tls(https);
        }
        if let Some(tls) = tls {
            tls.start(port, &tracker, &stop);
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
