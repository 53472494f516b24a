//! What is printed at the start.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use tokio::net::TcpListener;

use super::App;
use crate::relay::footprint::Formula;

impl App {
    /// What a person who started the relay wants to know.
    pub fn greeting(&self) -> anyhow::Result<String> {
        let (rtmp, http) = (self.rtmp.local_addr()?, self.http.local_addr()?);
        let (server, page) = (reachable(rtmp), SocketAddr::new(loopback_if_any(http.ip()), http.port()));
        let page = self.tls.as_ref().map_or_else(|| format!("http://{page}"), |tls| tls.origin(page));
        let rtmps = self.rtmps.as_ref().map(TcpListener::local_addr).transpose()?.map_or(server, reachable);
        let secure = match &self.tls {
            Some(tls) => format!("  or           {}\n", tls.ingest(rtmps)),
            None => String::new(),
        };
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
            "splitcast {}\n\n  Stream to    rtmp://{server}/live\n{secure}  Stream key   on the dashboard\n  \
             Dashboard    {page}{link}{once}\n{metrics}  \
             Memory       {Formula}\n",
            env!("CARGO_PKG_VERSION")
        ))
    }
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
