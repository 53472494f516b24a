//! TLS, for the page and for encoders: opens what the certificate comes from, and starts what keeps it good.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::serve;
use crate::api::{self, Listener};
use crate::config::{self, Certificates};
use crate::net::acme::{Domain, Keeper};
use crate::net::certificates::{Files, Served};
use crate::net::{Acceptor, Door};

/// TLS, ready to be spoken.
pub(super) struct Tls {
    served: Arc<Served>,
    /// How the page and the API are served, if by TLS.
    https: Option<api::Tls>,
    encoders: Acceptor,
    source: Source,
    /// What the certificate is asked for; nothing if it is from files.
    names: Vec<Domain>,
    redirect: Option<TcpListener>,
}

enum Source {
    Files(Files),
    Acme(Box<Keeper>),
}

/// Finds what is wrong with files before anything is begun.
pub(super) async fn check(config: &config::Tls) -> anyhow::Result<()> {
    match &config.certificates {
        Certificates::Files(files) => drop(files.load().await?),
        Certificates::Acme(settings) => drop(settings.trust()?),
    }
    Ok(())
}

impl Tls {
    /// Reads the certificate that is there; `redirect` is the listener for plain HTTP.
    pub(super) async fn open(
        config: config::Tls,
        redirect: Option<TcpListener>,
        data_dir: &Path,
    ) -> anyhow::Result<Self> {
        let served = Arc::new(Served::default());
        let (source, names) = match config.certificates {
            Certificates::Files(files) => {
                served.show(files.load().await?);
                (Source::Files(files), Vec::new())
            }
            Certificates::Acme(settings) => {
                let names = settings.domains.clone();
                let keeper = Keeper::open(settings, redirect.is_some(), data_dir, Arc::clone(&served))?;
                (Source::Acme(Box::new(keeper)), names)
            }
        };
        let https = config.https.then(|| api::Tls::new(Arc::clone(&served))).transpose()?;
        let encoders = Acceptor::new(served.server_config_for_encoders()?, Arc::clone(&served));
        Ok(Self { served, https, encoders, source, names, redirect })
    }

    /// How the listener for HTTPS speaks, if it does.
    pub(super) fn https(&self) -> Option<api::Tls> {
        self.https.clone()
    }

    /// Who is let in at a port for RTMPS.
    pub(super) fn door(&self) -> Door {
        Door::for_tls(self.encoders.clone())
    }

    /// Who is let in at the port for RTMP.
    pub(super) fn door_for_all(tls: Option<&Self>) -> Door {
        Door::for_all(tls.map(|tls| tls.encoders.clone()))
    }

    /// What it shows, which changes with time.
    pub(super) fn certificate(&self) -> Arc<Served> {
        Arc::clone(&self.served)
    }

    /// By which names browsers reach the page.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(Domain::to_string)
    }

    /// What a browser calls the page that is served at `page`.
    pub(super) fn origin(&self, page: SocketAddr) -> String {
        match (self.names.first(), page.port()) {
            _ if self.https.is_none() => format!("http://{page}"),
            (Some(name), 443) => format!("https://{name}"),
            (Some(name), port) => format!("https://{name}:{port}"),
            (None, _) => format!("https://{page}"),
        }
    }

    /// The server's address for an encoder that connects to `server` by RTMPS: under the certificate's name, for
    /// encoders compare it.
    pub(super) fn ingest(&self, server: SocketAddr) -> String {
        let port = server.port();
        let asked_for = self.names.first().map(Domain::to_string);
        let shown = || {
            let chain = self.served.shown()?;
            chain.names().iter().find(|name| !name.starts_with('*')).cloned()
        };
        match asked_for.or_else(shown) {
            Some(name) => format!("rtmps://{name}:{port}/live"),
            None => format!("rtmps://{server}/live"),
        }
    }

    /// Keeps the certificate good, and sends plain HTTP to `port`, until `stop`.
    pub(super) fn start(self, port: u16, tracker: &TaskTracker, stop: &CancellationToken) {
        let Self { served, source, redirect, .. } = self;
        if let Some(listener) = redirect {
            let router = api::redirect(Arc::clone(&served), port);
            tracker.spawn(serve(Listener::new(listener), router, stop.clone()));
        }
        let stop = stop.clone();
        tracker.spawn(async move { stop.run_until_cancelled(keep(source, &served)).await });
    }
}

async fn keep(source: Source, served: &Served) {
    let asked = Notify::new();
    let kept = async {
        match source {
            Source::Files(files) => files.keep_shown(served, &asked).await,
            Source::Acme(keeper) => keeper.keep(&asked).await,
        }
    };
    tokio::join!(kept, served.warn_before_expiry(), pass_on_hangups(&asked));
}

/// Whoever has changed the files, or mended what kept an authority out, need not wait.
#[cfg(unix)]
async fn pass_on_hangups(asked: &Notify) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()).inspect_err(|error| {
        tracing::warn!(%error, "SIGHUP cannot be waited for");
    }) else {
        return;
    };
    while hangups.recv().await.is_some() {
        tracing::info!("SIGHUP: the TLS certificate is looked at");
        asked.notify_one();
    }
}

#[cfg(not(unix))]
async fn pass_on_hangups(_asked: &Notify) {}
