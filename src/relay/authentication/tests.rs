use tokio::time::advance;

use super::*;
use crate::rtmp::auth::User;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn ann() -> (Secret, Login) {
    let password = Password::parse("secret").unwrap();
    (Secret::new("ann"), Login { user: User::parse("ann").unwrap(), password })
}

/// What ann would say to a challenge.
fn answer(challenge: &Challenge) -> Answer {
    let (user, login) = ann();
    Answer {
        user,
        challenge: Secret::new("own"),
        response: challenge.response(&login, "own"),
        opaque: challenge.opaque.clone().unwrap(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_challenge_is_good_once_for_a_minute_for_one_address_and_one_user() {
    let (challenges, (user, login), here) = (Challenges::default(), ann(), ip("192.0.2.1"));
    let challenge = challenges.issue(here, &user);
    let right = answer(&challenge);
    assert_eq!(challenges.take(ip("192.0.2.2"), &right), None);
    assert_eq!(challenges.take(here, &Answer { user: Secret::new("eve"), ..right.clone() }), None);
    assert_eq!(challenges.take(here, &Answer { opaque: Secret::new("-"), ..right.clone() }), None);
    advance(VALID - Duration::from_secs(1)).await;
    assert!(challenges.take(here, &right).unwrap().is_answered_by(&right, &login));
    assert_eq!(challenges.take(here, &right), None);

    let right = answer(&challenges.issue(here, &user));
    advance(VALID).await;
    assert_eq!(challenges.take(here, &right), None);
}

#[tokio::test(start_paused = true)]
async fn those_who_never_answer_cost_little_and_shut_nobody_else_out() {
    let (challenges, (user, _), here) = (Challenges::default(), ann(), ip("192.0.2.1"));
    let own = answer(&challenges.issue(here, &user));
    for _ in 0..1_000 {
        challenges.issue(ip("192.0.2.2"), &user);
    }
    assert_eq!(challenges.lock().len(), 1 + MOST_FROM_ONE);
    assert!(challenges.take(here, &own).is_some());
    for n in 0..10_000u32 {
        challenges.issue(IpAddr::V4((0x0a00_0000 + n).into()), &user);
    }
    assert_eq!(challenges.lock().len(), MOST);
    // The newest is always among them.
    let own = answer(&challenges.issue(here, &user));
    assert!(challenges.take(here, &own).is_some());
    advance(VALID).await;
    challenges.issue(here, &user);
    assert_eq!(challenges.lock().len(), 1);
}

#[test]
fn no_two_challenges_are_alike() {
    let (challenges, (user, _)) = (Challenges::default(), ann());
    let [one, two] = [(); 2].map(|()| challenges.issue(ip("::1"), &user));
    assert_ne!(one.salt, two.salt);
    assert_ne!(one.opaque, two.opaque);
    assert_ne!(one.challenge, two.challenge);
    // Encoders may have room for no more.
    for word in [one.salt, one.challenge, one.opaque.unwrap()] {
        assert_eq!(word.expose().len(), 8);
    }
}
