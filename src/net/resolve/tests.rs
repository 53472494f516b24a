use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;

use futures_util::future::join_all;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::advance;

use super::*;

const TEMPORARY: &str = "failed to lookup address information: Temporary failure in name resolution";
const UNKNOWN: &str = "failed to lookup address information: Name or service not known";

/// A resolver whose lookups give these answers in turn.
fn scripted<const N: usize>(answers: [Result<&str, &'static str>; N]) -> Resolver {
    let parse = |answer: Result<&str, &'static str>| answer.map(|text| text.parse::<IpAddr>().unwrap());
    let answers = Mutex::new(answers.map(parse).into_iter());
    Resolver::new(move |_| {
        let answer = answers.lock().unwrap().next().expect("one more lookup than foreseen");
        answer.map(|address| vec![address]).map_err(io::Error::other)
    })
}

fn addresses(text: &str) -> Vec<IpAddr> {
    vec![text.parse().unwrap()]
}

#[tokio::test(start_paused = true)]
async fn a_temporary_failure_leaves_the_last_good_answer_for_ten_minutes() {
    let failure = Err(TEMPORARY);
    let resolver = scripted([Ok("192.0.2.1"), failure, failure, failure]);
    assert_eq!(resolver.resolve("host").await.unwrap(), addresses("192.0.2.1"));
    advance(Duration::from_secs(1)).await;
    assert_eq!(resolver.resolve("host").await.unwrap(), addresses("192.0.2.1"));
    advance(Duration::from_secs(599)).await;
    assert_eq!(resolver.resolve("host").await.unwrap(), addresses("192.0.2.1"));
    advance(Duration::from_secs(1)).await;
    let error = resolver.resolve("host").await.unwrap_err();
    assert!(matches!(error, Error::Lookup(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn one_names_answer_is_no_others() {
    let resolver = scripted([Ok("192.0.2.1"), Err(TEMPORARY)]);
    resolver.resolve("host").await.unwrap();
    assert!(matches!(resolver.resolve("other").await, Err(Error::Lookup(_))));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_no_more_is_not_taken_for_what_it_meant() {
    let resolver = scripted([Ok("192.0.2.1"), Err(UNKNOWN), Err(TEMPORARY)]);
    resolver.resolve("host").await.unwrap();
    advance(Duration::from_secs(1)).await;
    assert!(matches!(resolver.resolve("host").await, Err(Error::UnknownHost)));
    assert!(matches!(resolver.resolve("host").await, Err(Error::Lookup(_))));
}

#[tokio::test(start_paused = true)]
async fn a_newer_answer_takes_the_place_of_the_old() {
    let resolver = scripted([Ok("192.0.2.1"), Ok("192.0.2.2"), Err(TEMPORARY)]);
    for expected in ["192.0.2.1", "192.0.2.2", "192.0.2.2"] {
        assert_eq!(resolver.resolve("host").await.unwrap(), addresses(expected));
        advance(Duration::from_secs(1)).await;
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_unknown() {
    let resolver = Resolver::new(|_| Ok(Vec::new()));
    assert!(matches!(resolver.resolve("host").await, Err(Error::UnknownHost)));
}

#[tokio::test]
async fn an_address_is_not_looked_up() {
    let resolver = scripted([]);
    for address in ["192.0.2.1", "2001:db8::1"] {
        assert_eq!(resolver.resolve(address).await.unwrap(), addresses(address));
    }
}

#[tokio::test]
async fn the_system_knows_this_machine() {
    let found = Resolver::system().resolve("localhost").await.unwrap();
    assert!(found.iter().all(IpAddr::is_loopback) && !found.is_empty(), "{found:?}");
}

/// A resolver whose lookups of names that begin with "hangs" do so until they are released; it tells
/// of each that it begins.
fn hanging() -> (Resolver, Receiver<String>, mpsc::Sender<()>) {
    let (begun, has_begun) = channel(2 * THREADS);
    let (release, released) = mpsc::channel();
    let released = Mutex::new(released);
    let resolver = Resolver::new(move |host| {
        if host.starts_with("hangs") {
            begun.try_send(host.to_owned()).unwrap();
            // An error means that all are released.
            let _ = released.lock().unwrap().recv();
        }
        Ok(addresses("192.0.2.1"))
    });
    (resolver, has_begun, release)
}

#[tokio::test(start_paused = true)]
async fn lookups_that_hang_are_given_up_and_hold_no_more_threads_than_a_few() {
    let (resolver, mut begun, release) = hanging();
    let hosts: Vec<String> = (0..40).map(|n| format!("hangs{n}")).collect();
    let began = Instant::now();
    let giving_up = async {
        for _ in 0..THREADS {
            begun.recv().await.unwrap();
        }
        advance(Duration::from_secs(5)).await;
    };
    let (all, ()) = tokio::join!(join_all(hosts.iter().map(|host| resolver.resolve(host))), giving_up);
    assert_eq!(began.elapsed(), Duration::from_secs(5));
    for result in all {
        assert!(matches!(result, Err(Error::Timeout { step: Step::Resolving, .. })), "{result:?}");
    }
    assert!(begun.try_recv().is_err(), "more lookups at once than allowed");
    assert_eq!(resolver.places.available_permits(), 0);

    drop(release);
    assert_eq!(resolver.resolve("hangs39").await.unwrap(), addresses("192.0.2.1"));
    // What came too late for those who asked serves whoever asks again in need.
    let _all = resolver.places.acquire_many(16).await.unwrap();
    assert!(resolver.found_since("hangs0", None).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_hangs_holds_one_thread_and_no_other_name_up() {
    let (resolver, mut begun, release) = hanging();
    let meanwhile = async {
        begun.recv().await.unwrap();
        assert_eq!(resolver.resolve("host").await.unwrap(), addresses("192.0.2.1"));
        assert_eq!(resolver.places.available_permits(), THREADS - 1);
        advance(Duration::from_secs(5)).await;
    };
    let (hung, ()) = tokio::join!(join_all((0..40).map(|_| resolver.resolve("hangs"))), meanwhile);
    assert!(hung.iter().all(Result::is_err));
    assert!(begun.try_recv().is_err());
    drop(release);
}

#[tokio::test(start_paused = true)]
async fn targets_that_ask_together_share_an_answer() {
    let resolver = scripted([Ok("192.0.2.1")]);
    let all = join_all((0..200).map(|_| resolver.resolve("host"))).await;
    assert!(all.into_iter().all(|found| found.unwrap() == addresses("192.0.2.1")));
}

#[tokio::test(start_paused = true)]
async fn only_so_many_names_are_remembered_and_the_newest_at_that() {
    let looked_up = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looked_up);
    let resolver = Resolver::new(move |_| match count.fetch_add(1, SeqCst) {
        0..=NAMES => Ok(addresses("192.0.2.1")),
        _ => Err(io::Error::other(TEMPORARY)),
    });
    for n in 0..=NAMES {
        resolver.resolve(&format!("host{n}")).await.unwrap();
        advance(Duration::from_millis(1)).await;
    }
    assert_eq!(lock(&resolver.names).len(), NAMES);
    assert!(resolver.resolve("host1").await.is_ok());
    assert!(resolver.resolve(&format!("host{NAMES}")).await.is_ok());
    assert!(resolver.resolve("host0").await.is_err());
}

#[cfg(not(windows))]
#[test]
fn the_systems_words_tell_a_wrong_name_from_a_bad_moment() {
    let said =
        |words: &str| is_final(&io::Error::other(format!("failed to lookup address information: {words}")));
    for words in [
        // glibc.
        "Name or service not known",
        "No address associated with hostname",
        // musl.
        "Name does not resolve",
        "Name has no usable address",
        // macOS.
        "nodename nor servname provided, or not known",
        "No address associated with nodename",
    ] {
        assert!(said(words), "{words}");
    }
    for words in [
        "Temporary failure in name resolution",
        "Try again",
        "Non-recoverable failure in name resolution",
        "?",
    ] {
        assert!(!said(words), "{words}");
    }
}
