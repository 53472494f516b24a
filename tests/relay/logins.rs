//! User names and passwords: encoders that must log in, and targets that ask for it, under paused time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use splitcast::model::{AppName, ErrorKind, Rules, Step, StreamChange, StreamId, TargetState, WantedStream};
use splitcast::net::{Link, Turn};
use splitcast::relay::Ingest;
use splitcast::relay::gate::Gate;
use splitcast::relay::ingest::{ONE_MORE, TRIES};
use splitcast::relay::status::{Refused, SourceState};
use splitcast::rtmp::auth::adobe::{self, Challenge};
use splitcast::rtmp::auth::{Dialogue, Login, Offer, Password, User};
use splitcast::rtmp::server::Authenticator;
use splitcast::rtmp::{Client, Rejection, RtmpUrl, Session, StreamKey, client, handshake};
use splitcast::secret::Secret;
use tokio::io::duplex;
use tokio::time::{Instant, advance, sleep};
use tokio_util::sync::CancellationToken;

use super::world::{Encoder, STREAM, Script, World};

fn login(user: &str, password: &str) -> Login {
    Login { user: User::parse(user).unwrap(), password: Password::parse(password).unwrap() }
}

/// How a target asks for a login.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guard {
    /// As Flash Media Server does, of ann with the password "secret".
    Strict,
    /// In fewer words, and with its challenge at once.
    Terse,
    /// It knows no user.
    Nobodys,
    /// It says the same again and again.
    Wanting(&'static str),
    /// It asks for another answer to each.
    Insatiable,
}

/// Servers remember what they asked; this one always asks the same.
fn challenge() -> Challenge {
    Challenge { salt: Secret::new("c2FsdA=="), challenge: Secret::new("Y2hhbA=="), opaque: None }
}

impl Guard {
    fn said(words: &str) -> Rejection {
        let code = "NetConnection.Connect.Rejected".to_owned();
        Rejection { code, description: words.to_owned() }
    }
}

impl Authenticator for Guard {
    fn authenticate(&mut self, app: &str, offer: &Offer) -> Option<Rejection> {
        assert_eq!(app, "live");
        let asks = "authmod=adobe ?reason=needauth&user=ann&salt=c2FsdA==&challenge=Y2hhbA==&opaque=b3A=";
        let known = Challenge { opaque: Some(Secret::new("b3A=")), ..challenge() };
        match (*self, offer) {
            (Self::Wanting(words), _) => Some(Self::said(words)),
            (Self::Insatiable | Self::Strict | Self::Nobodys, Offer::Nothing) => Some(adobe::login_wanted()),
            (Self::Nobodys, _) => Some(Self::said("[ authmod=adobe ] : ?reason=nosuchuser&opaque=-")),
            (Self::Insatiable, _) | (Self::Terse, Offer::Nothing) => Some(Self::said(asks)),
            (Self::Strict, Offer::User(user)) => Some(adobe::challenge(user.expose(), &known)),
            (Self::Terse, Offer::User(_)) => panic!("it was told the challenge before"),
            (Self::Strict | Self::Terse, Offer::Answer(answer)) => {
                let is_right = known.is_answered_by(answer, &login("ann", "secret"));
                (!is_right).then(adobe::login_wrong)
            }
        }
    }
}

/// One target that guards its door so for some minutes of a broadcast.
async fn against(guard: Guard, login: Option<Login>, seconds: u32) -> World {
    let mut world = World::new(1);
    world.wanted.streams[0].targets[0].endpoint.login = login;
    world.apply();
    world.script("t1", vec![Script::Guard(guard); 10_000]);
    let mut encoder = Encoder::new(world.publish(), 0);
    encoder.run(seconds).await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_target_is_logged_in_to_within_one_attempt() {
    World::play(async {
        for (guard, connections) in [(Guard::Strict, 3), (Guard::Terse, 2)] {
            let world = against(guard, Some(login("ann", "secret")), 5).await;
            let status = world.status(1);
            assert_eq!(
                (status.state, status.attempts),
                (TargetState::Live, 0),
                "{guard:?}: {}",
                status.reason
            );
            let visits = world.visits("t1");
            assert_eq!(visits.len(), connections, "{guard:?}");
            assert!(visits.iter().rev().skip(1).all(|visit| visit.tags.is_empty()));
            assert!(!visits.last().unwrap().tags.is_empty());
        }
        // One that does not ask is told nothing.
        let mut world = World::new(1);
        world.wanted.streams[0].targets[0].endpoint.login = Some(login("ann", "secret"));
        world.apply();
        Encoder::new(world.publish(), 0).run(2).await;
        assert_eq!((world.status(1).state, world.visits("t1").len()), (TargetState::Live, 1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_login_that_a_person_must_mend_blocks_at_once_and_never_goes_round() {
    World::play(async {
        let wanting = |words| Guard::Wanting(words);
        for (guard, known, connections, words) in [
            (Guard::Strict, None, 1, "asks for a user name and a password: give both"),
            (Guard::Strict, Some("wrong"), 3, "refused the user name or the password"),
            (Guard::Nobodys, Some("secret"), 2, "does not know the user name"),
            (Guard::Insatiable, Some("secret"), 3, "refused the user name or the password"),
            (wanting("code=403 need auth; authmod=adobe"), Some("secret"), 2, "cannot follow"),
            (wanting("authmod=kerberos need auth"), Some("secret"), 1, "does not know"),
            (wanting("authmod=adobe ?reason=needauth"), Some("secret"), 1, "cannot follow"),
            (wanting("?reason=needauth&nonce=abc"), Some("secret"), 2, "refused the user name"),
        ] {
            let known = known.map(|password| login("ann", password));
            let world = against(guard, known, 30).await;
            let status = world.status(1);
            assert_eq!((status.kind, status.step), (Some(ErrorKind::Auth), Some(Step::Connect)), "{guard:?}");
            assert_eq!(status.state, TargetState::Blocked, "{guard:?}");
            assert!(
                status.reason.starts_with("The server ") && status.reason.contains(words),
                "{}",
                status.reason
            );
            assert_eq!(world.visits("t1").len(), connections, "{guard:?}");
            let told = format!("{:?}", world.events());
            assert!(!told.contains("secret") && !told.contains("challenge="), "{told}");
        }
        // It is tried once in a while: somebody may have mended it at the server.
        let world = against(Guard::Strict, Some(login("ann", "wrong")), 900).await;
        let tries = world.visits("t1").len() / 3;
        assert!((3..=6).contains(&tries), "{tries} tries in a quarter of an hour");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_password_is_tried_at_once() {
    World::play(async {
        let mut world = World::new(1);
        world.wanted.streams[0].targets[0].endpoint.login = Some(login("ann", "wrong"));
        world.apply();
        world.script("t1", vec![Script::Guard(Guard::Strict); 10]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(5).await;
        assert_eq!(world.status(1).state, TargetState::Blocked);
        world.wanted.streams[0].targets[0].endpoint.login = Some(login("ann", "secret"));
        world.apply();
        encoder.run(2).await;
        assert_eq!(world.status(1).state, TargetState::Live);
    })
    .await;
}

/// A relay whose stream "Studio" asks for a login at the app "studio", beside one that does not.
fn guarded(password: &str) -> (World, Arc<Ingest>) {
    let mut world = World::new(0);
    world.wanted.streams.push(WantedStream {
        id: StreamId(STREAM.0 + 1),
        name: "Studio".to_owned(),
        app: Some(AppName::parse("studio").unwrap()),
        ingest_login: Some(login("ann", password)),
        key: world.hasher.digest(&StreamKey::new(STUDIO_KEY)),
        rules: Rules::default(),
        ..world.wanted.streams[0].clone()
    });
    world.apply();
    let refusals = Arc::clone(world.board.refusals());
    let ingest = Ingest::new(world.registry.clone(), world.tracker.clone(), CancellationToken::new());
    (world, Arc::new(ingest.counting(refusals)))
}

/// One connection of an encoder; what it is told.
async fn connect(
    world: &World,
    ingest: &Arc<Ingest>,
    peer: &str,
    url: &str,
    key: &str,
    query: Option<&Secret>,
) -> (client::Event, Link<Client>) {
    let (near, far) = duplex(64 << 10);
    let (ingest, peer) = (Arc::clone(ingest), peer.parse::<SocketAddr>().unwrap());
    let pass = Arc::new(Gate::default()).enter(peer.ip()).unwrap();
    world.tracker.spawn(async move { ingest.serve_connection(far.into(), peer, pass).await });
    let url = RtmpUrl::parse(url).unwrap();
    let session = Session::client(url, StreamKey::new(key), &[7; handshake::BLOCK]).with_login(query);
    let mut link = Link::new(near.into(), session);
    loop {
        if let Turn::Event(event) = link.next().await.unwrap() {
            return (event, link);
        }
    }
}

/// An encoder that does what it is asked to; what it is told in the end.
async fn come(world: &World, ingest: &Arc<Ingest>, key: &str, known: Login) -> (client::Event, Link<Client>) {
    let mut dialogue = Dialogue::new(Some(known), 7);
    loop {
        let (event, link) = connect(world, ingest, HERE, STUDIO, key, dialogue.query()).await;
        match event {
            client::Event::Demanded(demand) if dialogue.heed(&demand, &Secret::new("studio")).is_ok() => {}
            event => return (event, link),
        }
    }
}

const HERE: &str = "192.0.2.1:5000";
/// One that nobody can guess.
const STUDIO_KEY: &str = "kq3vz7xw2m5t8rj4hn6pbycd9f";
const STUDIO: &str = "rtmp://relay/studio";

fn counted(world: &World, which: Refused) -> u64 {
    world.board.refusals().totals().into_iter().find(|(why, _)| *why == which).unwrap().1
}

fn is_refused(event: &client::Event) -> bool {
    matches!(event, client::Event::Demanded(splitcast::rtmp::auth::Demand::BetterLogin))
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_must_log_in_is_let_in_when_it_does() {
    World::play(async {
        let (world, ingest) = guarded("secret");
        let (event, _link) = come(&world, &ingest, STUDIO_KEY, login("ann", "secret")).await;
        assert_eq!(event, client::Event::Publishing);
        let studio = StreamId(STREAM.0 + 1);
        assert_eq!(world.board.stream(studio).unwrap().state, SourceState::Live);
        // A login that is asked for is nothing that went wrong.
        assert!(world.board.refusals().totals().iter().all(|(_, count)| *count == 0));
        for (user, password) in [("ann", "wrong"), ("eve", "secret")] {
            let (event, _link) = come(&world, &ingest, STUDIO_KEY, login(user, password)).await;
            assert!(is_refused(&event), "{user} {password}: {event:?}");
        }
        assert_eq!(counted(&world, Refused::Login), 2);
        // The key is needed, too.
        let (event, _link) = come(&world, &ingest, "wrong", login("ann", "secret")).await;
        assert!(matches!(event, client::Event::Rejected(why) if why.description.contains("key")));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_of_another_stream_notices_nothing() {
    World::play(async {
        let (world, ingest) = guarded("secret");
        let user = Secret::new("authmod=adobe&user=bob");
        for (url, query) in [
            ("rtmp://relay/live", None),
            ("rtmp://relay/anything", None),
            // It may have been told a login that nobody wants.
            ("rtmp://relay/live", Some(&user)),
        ] {
            let (event, mut link) = connect(&world, &ingest, HERE, url, "ingest", query).await;
            assert_eq!(event, client::Event::Publishing, "{url}");
            link.with(Session::unpublish);
            link.close().await.unwrap();
        }
        // And with a login, it may come by the other's application as well.
        let (event, _link) = come(&world, &ingest, "ingest", login("ann", "secret")).await;
        assert_eq!(event, client::Event::Publishing);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_wants_a_login_is_of_no_use_without_one() {
    World::play(async {
        let (mut world, ingest) = guarded("secret");
        for url in [
            "rtmp://relay/studio/kq3vz7xw2m5t8rj4hn6pbycd9f",
            "rtmp://relay/studio/_definst_",
            "rtmp://relay/studio?x=1",
        ] {
            let (event, _link) = connect(&world, &ingest, HERE, url, STUDIO_KEY, None).await;
            assert!(matches!(event, client::Event::Demanded(_)), "{url}: {event:?}");
        }
        for url in ["rtmp://relay/live", "rtmp://relay/studios"] {
            let (event, _link) = connect(&world, &ingest, HERE, url, STUDIO_KEY, None).await;
            assert!(matches!(event, client::Event::Rejected(_)), "{url}: {event:?}");
        }
        // One that is publishing must log in again when that changes.
        world.wanted.streams[1].ingest_login = None;
        world.apply();
        let (event, mut link) = connect(&world, &ingest, HERE, STUDIO, STUDIO_KEY, None).await;
        assert_eq!(event, client::Event::Publishing);
        world.wanted.streams[1].ingest_login = Some(login("ann", "secret"));
        world.apply();
        let Turn::Event(event) = link.next().await.unwrap() else { panic!("nothing was said") };
        assert!(matches!(event, client::Event::Rejected(_)), "{event:?}");
        world.wanted.streams[1].ingest_login = None;
        world.apply();
        let (event, _link) = connect(&world, &ingest, HERE, STUDIO, STUDIO_KEY, None).await;
        assert_eq!(event, client::Event::Publishing);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_counts_once_from_where_it_was_asked_and_not_for_long() {
    World::play(async {
        let (world, ingest) = guarded("secret");
        for (peer, wait, is_good) in [
            (HERE, 0, true),
            ("192.0.2.2:5000", 0, false),
            (HERE, 59, true),
            (HERE, 60, false),
            ("[::ffff:192.0.2.1]:7", 0, true),
        ] {
            let mut dialogue = Dialogue::new(Some(login("ann", "secret")), 7);
            for _ in 0..2 {
                let (event, _link) =
                    connect(&world, &ingest, HERE, STUDIO, STUDIO_KEY, dialogue.query()).await;
                let client::Event::Demanded(demand) = event else { panic!("{event:?}") };
                dialogue.heed(&demand, &Secret::new("studio")).unwrap();
            }
            advance(Duration::from_secs(wait)).await;
            for is_good in [is_good, false] {
                let (event, mut link) =
                    connect(&world, &ingest, peer, STUDIO, STUDIO_KEY, dialogue.query()).await;
                assert_eq!(event == client::Event::Publishing, is_good, "{peer} {wait}: {event:?}");
                assert!(is_good || is_refused(&event));
                if is_good {
                    link.with(Session::unpublish);
                    link.close().await.unwrap();
                }
            }
        }
        // No password was guessed.
        assert_eq!(counted(&world, Refused::Login), 0);
        assert_eq!(
            world.stream_changes().iter().filter(|change| **change == StreamChange::Refused).count(),
            0
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_guesses_passwords_gets_nowhere_and_shuts_out_no_good_one() {
    World::play(async {
        let unguessable = "x8w2kq3vz7m5t4hn6rjpbycd9f";
        for (password, is_heard) in [("secret", false), (unguessable, true)] {
            let (world, ingest) = guarded(password);
            for _ in 0..TRIES + 2 {
                let (event, _link) = come(&world, &ingest, STUDIO_KEY, login("ann", "guess")).await;
                assert!(is_refused(&event), "{event:?}");
            }
            assert_eq!(counted(&world, Refused::Login), u64::from(TRIES));
            assert_eq!(counted(&world, Refused::Guesses), 2);
            let (event, link) = come(&world, &ingest, STUDIO_KEY, login("ann", password)).await;
            assert_eq!(event == client::Event::Publishing, is_heard, "{event:?}");
            drop(link);
            // Wrong keys and wrong passwords are one count.
            let (event, _link) = connect(&world, &ingest, HERE, "rtmp://relay/live", "short", None).await;
            assert!(matches!(event, client::Event::Rejected(why) if why.description.contains("Too many")));
            sleep(ONE_MORE).await;
            let began = Instant::now();
            if !is_heard {
                let (event, _link) = come(&world, &ingest, STUDIO_KEY, login("ann", password)).await;
                assert_eq!(event, client::Event::Publishing);
            }
            assert!(began.elapsed() < Duration::from_secs(1));
        }
    })
    .await;
}
