//! How connections to targets are ended.

use std::time::Duration;

use tokio::time::timeout;

use super::outlet::Line;
use crate::net::{self, Link};
use crate::rtmp::{Client, Session};

/// Leaves a connection that another one replaces. Its server gets what it was sent and is told no goodbye, which
/// would end the broadcast.
pub(super) async fn part_with(old: Line) {
    farewell(old, false, false).await;
}

/// Ends a connection over which nothing was sent.
pub(super) async fn unused(link: Option<Link<Client>>, says_goodbye: bool) {
    if let Some(mut link) = link {
        if says_goodbye {
            link.with(Session::unpublish);
        }
        let _ = timeout(FAREWELL, link.close()).await;
    }
}

/// Ends a session in good order if it can be done, but ends it.
pub(super) async fn farewell(mut line: Line, sends_rest: bool, says_goodbye: bool) {
    let parting = part(&mut line, sends_rest, says_goodbye);
    if !matches!(timeout(FAREWELL, parting).await, Ok(Ok(()))) {
        tracing::debug!("the target was gone before the goodbye");
        line.link.reset();
    }
}

/// Ends a session in good order. What the encoder sent before it ended is sent first.
async fn part(line: &mut Line, sends_rest: bool, says_goodbye: bool) -> Result<(), net::Error> {
    let Line { link, feed } = line;
    feed.end_with_broadcast();
    while sends_rest && let Ok(Some(packet)) = feed.try_recv() {
        link.with(|session| session.send(&packet));
        while !link.has_room() {
            link.next().await?;
        }
    }
    if says_goodbye {
        link.with(Session::unpublish);
    }
    link.close().await
}

/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(3);
