use super::*;
use futures_util::FutureExt;
use std::future::{pending, ready};

fn server(name: &str) -> Server {
    (name.to_owned(), 1935)
}

async fn fail(limiter: &Limiter, name: &str, targets: std::ops::RangeInclusive<i64>) {
    for id in targets {
        limiter.admit(server(name), pending()).await.failed(TargetId(id));
    }
}

/// Five targets fail for as long as it takes to be more than a restart.
async fn break_down(limiter: &Limiter, name: &str) {
    fail(limiter, name, 1..=5).await;
    tokio::time::advance(RESTART).await;
    fail(limiter, name, 5..=5).await;
}

#[tokio::test(start_paused = true)]
async fn connections_begin_at_a_pace_and_few_at_once() {
    let limiter = Limiter::default();
    let began = Instant::now();
    for _ in 0..STARTS_AT_FIRST {
        limiter.admit(server("a"), pending()).await.answered();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    for _ in 0..STARTS_PER_SECOND {
        limiter.admit(server("a"), pending()).await.answered();
    }
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    let mut under_way = Vec::new();
    for _ in 0..AT_ONCE {
        under_way.push(limiter.admit(server("a"), pending()).await);
    }
    let mut waiting = Box::pin(limiter.admit(server("a"), ready(())));
    assert!(timeout(Duration::from_secs(60), &mut waiting).await.is_err());
    under_way.pop();
    timeout(Duration::from_secs(1), waiting).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_long_rest_allows_no_more_at_once_than_there_was_at_first() {
    let limiter = Limiter::default();
    tokio::time::advance(Duration::from_secs(3_600)).await;
    let began = Instant::now();
    for _ in 0..STARTS_AT_FIRST + STARTS_PER_SECOND {
        limiter.admit(server("a"), pending()).await.answered();
    }
    assert_eq!(began.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_five_targets_rests_and_others_do_not() {
    let limiter = Limiter::default();
    fail(&limiter, "a", 1..=4).await;
    tokio::time::advance(RESTART).await;
    // The same target again is no fifth.
    fail(&limiter, "a", 4..=4).await;
    assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
    fail(&limiter, "a", 5..=5).await;
    let began = Instant::now();
    limiter.admit(server("b"), pending()).await.answered();
    limiter.admit(server("a"), ready(())).await.failed(TargetId(9));
    assert!(began.elapsed() < Duration::from_secs(1), "neither others nor the urgent wait");
    limiter.admit(server("a"), pending()).await.answered();
    assert!((REST..REST * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_restarted_or_takes_others_does_not_rest() {
    let limiter = Limiter::default();
    fail(&limiter, "a", 1..=20).await;
    assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
    tokio::time::advance(RESTART).await;
    limiter.admit(server("a"), pending()).await.answered();
    fail(&limiter, "a", 1..=20).await;
    assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn one_asks_for_all_and_they_come_back_slowly() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    let probe = limiter.admit(server("a"), pending()).await;
    let began = Instant::now();
    assert!(timeout(Duration::from_secs(5), limiter.admit(server("a"), pending())).await.is_err());
    probe.failed(TargetId(1));
    let probe = limiter.admit(server("a"), pending()).await;
    assert!(began.elapsed() >= REST, "the rest begins anew");
    probe.answered();
    let began = Instant::now();
    for _ in 0..21 {
        limiter.admit(server("a"), pending()).await.answered();
    }
    assert_eq!(began.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_fails_again_is_left_alone_by_those_who_wait_for_their_turn() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    limiter.admit(server("a"), pending()).await.answered();
    let line = (0..100).map(|_| limiter.admit(server("a"), pending()).map(Leave::answered));
    let mut line = futures_util::future::join_all(line);
    assert!(timeout(Duration::from_secs(1), &mut line).await.is_err());
    for id in 1..=5 {
        limiter.note_failure(&server("a"), TargetId(id));
    }
    tokio::time::advance(RESTART).await;
    limiter.note_failure(&server("a"), TargetId(5));
    let began = Instant::now();
    line.await;
    assert!(began.elapsed() >= REST + Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_holds_up_nobody() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    limiter.admit(server("a"), pending()).await.answered();
    for _ in 0..100 {
        let _ = timeout(Duration::from_millis(1), limiter.admit(server("a"), pending())).await;
    }
    timeout(Duration::from_secs(1), limiter.admit(server("a"), pending())).await.unwrap().answered();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_has_been_well_for_long_is_gone_back_to_at_once() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    limiter.admit(server("a"), pending()).await.answered();
    tokio::time::advance(WINDOW * 2).await;
    let began = Instant::now();
    for _ in 0..40 {
        limiter.admit(server("a"), pending()).await.answered();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn failures_that_lie_far_apart_are_no_fault_of_the_server() {
    let limiter = Limiter::default();
    for id in 1..=10 {
        fail(&limiter, "a", id..=id).await;
        tokio::time::advance(WINDOW / 4).await;
    }
    assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_answer_hears_it_at_once() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    let probe = limiter.admit(server("a"), pending()).await;
    let answer = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        probe.answered();
    };
    let began = Instant::now();
    let (leave, ()) = tokio::join!(limiter.admit(server("a"), pending()), answer);
    leave.answered();
    assert_eq!(began.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn one_that_never_learns_the_answer_does_not_shorten_a_rest() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    let probe = limiter.admit(server("a"), pending()).await;
    limiter.note_failure(&server("a"), TargetId(9));
    let began = Instant::now();
    drop(probe);
    limiter.admit(server("a"), pending()).await.answered();
    assert!(began.elapsed() >= REST);
}

#[tokio::test(start_paused = true)]
async fn who_is_urged_while_it_waits_waits_no_longer() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    let began = Instant::now();
    limiter.admit(server("a"), tokio::time::sleep(Duration::from_secs(1))).await.answered();
    assert_eq!(began.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn one_that_never_learns_the_answer_lets_another_ask() {
    let limiter = Limiter::default();
    break_down(&limiter, "a").await;
    drop(limiter.admit(server("a"), pending()).await);
    let began = Instant::now();
    limiter.admit(server("a"), pending()).await.answered();
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn servers_that_failed_long_ago_are_forgotten() {
    let limiter = Limiter::default();
    for n in 0..100 {
        fail(&limiter, &format!("host{n}"), 1..=1).await;
    }
    break_down(&limiter, "resting").await;
    tokio::time::advance(REST + WINDOW).await;
    fail(&limiter, "last", 1..=1).await;
    assert_eq!(limiter.lock().servers.len(), 1);
}
