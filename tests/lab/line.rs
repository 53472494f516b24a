//! A line between two programs that can fail without either of them being told.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::task::{self, Task};

/// A port that passes on to another one. What happens to it happens to the connections that there are;
/// later ones are passed on again.
pub(crate) struct Line {
    port: u16,
    events: watch::Sender<Event>,
    _serving: Task,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Laid,
    Swallow,
    CutNear,
    Release,
}

impl Line {
    /// A line to a server on `port` of loopback.
    pub(crate) fn to(port: u16) -> Self {
        let listener = listen().unwrap();
        let own = listener.local_addr().unwrap().port();
        let events = watch::Sender::new(Event::Laid);
        let serving = Task::spawn(serve(listener, port, events.clone()));
        Self { port: own, events, _serving: serving }
    }

    /// Where the line begins.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Nothing passes any more, and nobody is told: both sides' connections stay open.
    pub(crate) fn swallow(&self) {
        self.events.send_replace(Event::Swallow);
    }

    /// Resets the connection of the caller; the server's stays open.
    pub(crate) fn cut_near(&self) {
        self.events.send_replace(Event::CutNear);
    }

    /// Ends what was kept open.
    pub(crate) fn release(&self) {
        self.events.send_replace(Event::Release);
    }
}

fn listen() -> io::Result<TcpListener> {
    let _runtime = task::handle().enter();
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(16)
}

async fn serve(listener: TcpListener, to: u16, events: watch::Sender<Event>) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        connections.spawn(pass_on(near, to, events.subscribe()));
    }
}

/// What goes wrong here is seen by both sides.
async fn pass_on(mut near: TcpStream, to: u16, mut events: watch::Receiver<Event>) -> io::Result<()> {
    let mut far = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await?;
    tokio::select! {
        over = copy_bidirectional(&mut near, &mut far) => return over.map(drop),
        _ = events.changed() => {}
    }
    let event = *events.borrow_and_update();
    let kept = match event {
        Event::CutNear => {
            SockRef::from(&near).set_linger(Some(Duration::ZERO))?;
            drop(near);
            [None, Some(far)]
        }
        _ => [Some(near), Some(far)],
    };
    // An error means that the line itself is gone, and all goes with it.
    let _ = events.changed().await;
    drop(kept);
    Ok(())
}
