//! What the book says as time goes by.

use super::book::Book;
use super::clock;
use crate::control::desk::TURN;
use crate::control::error::Error;
use crate::control::tests::desk;
use crate::model::{
    ApiToken, Name, Pass, PassDigest, Password, PasswordHash, Role, Scope, Session, SessionId, TokenId, User,
    UserId,
};
use crate::store::{self, KeptSession, KeptUser};

const HOUR: i64 = 3600;

fn digest(n: u8) -> PassDigest {
    PassDigest([n; 32])
}

fn session(id: i64, seen_at: i64) -> Session {
    let (address, agent) = (String::new(), String::new());
    Session { id: SessionId(id), user: UserId(1), created_at: 0, seen_at, address, agent }
}

fn user(role: Role) -> KeptUser {
    let name = Name::parse("Ada").unwrap();
    let user = User { id: UserId(1), name, role, created_at: 0, last_login_at: None };
    KeptUser { user, password: PasswordHash(String::new()) }
}

fn book(role: Role) -> Book {
    let mut book = Book::default();
    book.enter_user(user(role));
    book
}

#[test]
fn a_session_ends_half_a_day_after_its_last_use() {
    let mut book = book(Role::Viewer);
    book.enter_session(digest(1), session(1, 0), 20);
    for hours in [0, 11, 22] {
        assert_eq!(book.by_session(&digest(1), hours * HOUR).unwrap().scope, Scope::Read);
    }
    assert!(book.by_session(&digest(1), 34 * HOUR).is_none());
    assert_eq!(book.take_uses(34 * HOUR).ended, [SessionId(1)]);
    assert!(book.take_uses(34 * HOUR).is_empty());
}

#[test]
fn a_session_ends_after_a_week_whatever_its_use() {
    let mut book = book(Role::Owner);
    book.enter_session(digest(1), session(1, 0), 20);
    for hours in (0..168).step_by(6) {
        assert!(book.by_session(&digest(1), hours * HOUR).is_some(), "{hours}");
    }
    assert!(book.by_session(&digest(1), 168 * HOUR).is_none());
}

#[test]
fn a_clock_that_went_back_ends_nothing() {
    let mut book = book(Role::Owner);
    book.enter_session(digest(1), session(1, 100 * HOUR), 20);
    assert!(book.by_session(&digest(1), HOUR).is_some());
}

#[test]
fn the_oldest_sessions_make_room() {
    let mut book = book(Role::Owner);
    for id in 1..=4 {
        book.enter_session(digest(id), session(id.into(), 0), 3);
    }
    let ids: Vec<i64> = book.sessions_of(UserId(1)).iter().map(|session| session.id.0).collect();
    assert_eq!(ids, [4, 3, 2]);
}

#[test]
fn a_token_ends_when_it_says() {
    let mut book = book(Role::Owner);
    let name = Name::parse("t").unwrap();
    let hint = String::new();
    book.enter_token(
        digest(1),
        ApiToken {
            id: TokenId(1),
            name,
            scope: Scope::Edit,
            hint,
            made_by: None,
            created_at: 0,
            expires_at: Some(10),
            last_used_at: None,
        },
    );
    assert_eq!(book.by_token(&digest(1), 9).unwrap().scope, Scope::Edit);
    assert!(book.by_token(&digest(1), 10).is_none());
    assert_eq!(book.take_uses(10).tokens, [(TokenId(1), 9)]);
}

#[test]
fn reading_anew_forgets_neither_late_uses_nor_what_could_not_be_stored() {
    let mut book = book(Role::Owner);
    book.enter_session(digest(1), session(1, 0), 20);
    let unstored = book.next_unstored();
    book.enter_session(digest(2), session(unstored.0, 0), 20);
    book.by_session(&digest(1), HOUR).unwrap();
    let kept = KeptSession { session: session(1, 0), digest: digest(1) };
    book.read_anew(vec![user(Role::Owner)], vec![kept], Vec::new());
    let seen: Vec<i64> = book.sessions_of(UserId(1)).iter().map(|session| session.seen_at).collect();
    assert_eq!(seen, [HOUR, 0]);
    assert!(book.by_session(&digest(2), HOUR).is_some());
}

#[tokio::test]
async fn what_a_caller_left_half_done_is_read_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let name = Name::parse("Ada").unwrap();
    let change = control.change_access().await.unwrap();
    control.store.create_user(&name, Role::Owner, &PasswordHash(String::new())).await.unwrap();
    drop(change);
    let entered = async {
        while control.needs_set_up() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = control.keep_access() => unreachable!("it goes on"),
        () = entered => {}
    }
}

#[tokio::test]
async fn a_change_does_not_wait_for_ever_and_is_a_suspicion() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    let hangs = control.change_access().await.unwrap();
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let late = control.change_access().await;
    assert!(matches!(late.err(), Some(Error::Store(store::Error::Busy))));
    assert!((TURN..TURN * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
    drop(hangs);
    control.health.suspicion().await;
}

#[tokio::test]
async fn who_logs_in_while_nothing_can_be_stored_is_let_in() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let (name, password) = (Name::parse("Ada").unwrap(), || Password::choose("correct horse").unwrap());
    control.create_user(&name, Role::Owner, password()).await.unwrap();
    control.close().await;
    let visitor = super::Visitor { address: [192, 0, 2, 1].into(), agent: String::new() };
    let (_, pass) = control.log_in("ada", password(), &visitor).await.unwrap();
    assert_eq!(control.by_session(&pass).unwrap().scope, Scope::Admin);
    assert!(control.by_session(&Pass::claim("other")).is_none());
    assert!(clock::now() > 0);
}
