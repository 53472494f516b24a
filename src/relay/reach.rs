//! From an address to a server that takes the stream, over all that servers ask for on the way.

use futures_util::future::BoxFuture;

use super::failure::Why;
use crate::model::Endpoint;
use crate::net::{self, Link, Transport};
use crate::rtmp::auth::Dialogue;
use crate::rtmp::{Client, RtmpUrl, Session};

/// How servers are connected to, and who hears of it.
pub(super) trait Way: Sync {
    /// Connects to a server.
    fn open<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<(Transport, Session<Client>), net::Error>>;

    /// A step begins.
    fn step(&self, step: net::Step);

    /// It is connected once more.
    fn detour(&self, detour: Detour<'_>);
}

/// Why one connection is not enough.
#[derive(Debug, Clone, Copy)]
pub(super) enum Detour<'a> {
    /// The server wants a login, which takes as many connections as it wants words.
    Login,
    /// The server sends the stream on to another one.
    Moved(&'a RtmpUrl),
}

/// Reaches a server that takes the stream, over others that send it on.
pub(super) async fn reach(way: &dyn Way, endpoint: &Endpoint) -> Result<Link<Client>, Why> {
    let mut sent_to: Option<Endpoint> = None;
    for _ in 0..MOST_SERVERS {
        match (reach_server(way, sent_to.as_ref().unwrap_or(endpoint)).await, sent_to) {
            (Err(Why::Redirected(url)), _) => {
                way.detour(Detour::Moved(&url));
                sent_to = Some(Endpoint { url, ..endpoint.clone() });
            }
            (Err(why), Some(Endpoint { url: to, .. })) => {
                return Err(Why::Elsewhere { to, why: Box::new(why) });
            }
            (reached, _) => return reached,
        }
    }
    Err(Why::Redirected(sent_to.map_or_else(|| endpoint.url.clone(), |last| last.url)))
}

async fn reach_server(way: &dyn Way, endpoint: &Endpoint) -> Result<Link<Client>, Why> {
    let mut login = Dialogue::new(endpoint.login.clone(), rand::random());
    loop {
        let (transport, session) = way.open(endpoint).await?;
        let mut link = Link::new(transport, session.with_login(login.query()));
        match net::ask(&mut link, &|step| way.step(step)).await {
            Ok(()) => return Ok(link),
            Err(net::AskError::Demanded(demand)) => login.heed(&demand, endpoint.url.app())?,
            Err(net::AskError::Link(error)) => return Err(error.into()),
            Err(net::AskError::Rejected { why, .. }) => return Err(Why::Rejected(why)),
            Err(net::AskError::Unfit(codec)) => return Err(Why::Unfit(codec)),
            Err(net::AskError::Redirected(to)) => return Err(Why::Redirected(to)),
        }
        way.detour(Detour::Login);
    }
}

/// The server that was asked, and those that each one sends on to.
const MOST_SERVERS: usize = 4;
