//! Connects to the first of several addresses that answers, as RFC 8305 ("happy eyeballs") has it:
//! both families in turn, each a moment after the one before, the losers dropped.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

/// The head start of an address over the next.
const STAGGER: Duration = Duration::from_millis(250);

/// Sorts addresses so that the families take turns, beginning with IPv4, which most ingests prefer
/// to serve.
pub(super) fn interleave(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let (v4, v6): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(SocketAddr::is_ipv4);
    let longest = v4.len().max(v6.len());
    (0..longest).flat_map(|index| [v4.get(index), v6.get(index)]).flatten().copied().collect()
}

/// The first success, or the failure that tells most. `connect` is called for each address in turn, at once if
/// the one before has failed.
pub(super) async fn first<T, F>(addresses: &[SocketAddr], connect: impl Fn(SocketAddr) -> F) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut waiting = addresses.iter().copied();
    let mut running = FuturesUnordered::new();
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    running.extend(waiting.next().map(&connect));
    while !running.is_empty() {
        tokio::select! {
            Some(result) = running.next() => match result {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    if telling(&error) >= telling(&failure) {
                        failure = error;
                    }
                    running.extend(waiting.next().map(&connect));
                }
            },
            () = sleep(STAGGER), if waiting.len() > 0 => running.extend(waiting.next().map(&connect)),
        }
    }
    Err(failure)
}

/// How much a failure says about the target. A machine that refuses is there; one that is silent may
/// be; and that one family leads nowhere is how most homes are.
fn telling(error: &io::Error) -> u8 {
    use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut};
    match error.kind() {
        AddrNotAvailable | HostUnreachable | NetworkDown | NetworkUnreachable => 0,
        TimedOut => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn families_take_turns() {
        let sorted = interleave(&["[::1]:1", "[::2]:1", "1.1.1.1:1", "2.2.2.2:1", "[::3]:1"].map(address));
        assert_eq!(sorted, ["1.1.1.1:1", "[::1]:1", "2.2.2.2:1", "[::2]:1", "[::3]:1"].map(address));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_address_gives_way_after_a_moment() {
        let began = Instant::now();
        let addresses = ["1.1.1.1:1", "[::1]:1"].map(address);
        let won = first(&addresses, |address| async move {
            if address.is_ipv4() {
                std::future::pending::<()>().await;
            }
            Ok(address)
        });
        assert_eq!(won.await.unwrap(), addresses[1]);
        assert_eq!(began.elapsed(), STAGGER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_gives_way_at_once() {
        let began = Instant::now();
        let addresses = ["1.1.1.1:1", "[::1]:1"].map(address);
        let lost = first(&addresses, |_| async { Err::<(), _>(io::ErrorKind::ConnectionRefused.into()) });
        assert_eq!(lost.await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_failure_that_tells_most_is_told_whenever_it_came() {
        use io::ErrorKind::{ConnectionRefused, NetworkUnreachable, TimedOut};
        for (kinds, told) in [
            ([ConnectionRefused, NetworkUnreachable], ConnectionRefused),
            ([NetworkUnreachable, ConnectionRefused], ConnectionRefused),
            ([ConnectionRefused, TimedOut], ConnectionRefused),
            ([NetworkUnreachable, TimedOut], TimedOut),
            ([NetworkUnreachable, NetworkUnreachable], NetworkUnreachable),
        ] {
            let [v4, v6] = kinds;
            let addresses = ["1.1.1.1:1", "[::1]:1"].map(address);
            let lost = first(&addresses, |address| async move {
                Err::<(), _>(if address.is_ipv4() { v4 } else { v6 }.into())
            });
            assert_eq!(lost.await.unwrap_err().kind(), told);
        }
    }
}
