use proptest::prelude::*;

use super::adobe::Challenge;
use super::*;

fn login(user: &str, password: &str) -> Login {
    Login { user: User::parse(user).unwrap(), password: Password::parse(password).unwrap() }
}

fn ann() -> Login {
    login("ann", "pa ss&word")
}

fn challenge(opaque: Option<&str>) -> Challenge {
    Challenge {
        salt: Secret::new("c2FsdA=="),
        challenge: Secret::new("Y2hhbA=="),
        opaque: opaque.map(Secret::new),
    }
}

const OWN: u32 = 0x0bad_cafe;

/// Worked out by another program.
#[test]
fn answers_are_those_that_others_give() {
    let with = challenge(Some("b3BhcXVl")).response(&ann(), "0badcafe");
    assert_eq!(with.expose(), "1wuOcQWKVI0UV3/5VoORTw==");
    let without = challenge(None).response(&ann(), "0badcafe");
    assert_eq!(without.expose(), "RM0CeJ3wbT8z/c3uQWnqeg==");
    let llnw = llnw::Challenge { nonce: Secret::new("NONCE") };
    for (app, expected) in [
        ("live", "4307e1bf3491fb8f53abea67c5c7321f"),
        ("live?t=a/b", "4307e1bf3491fb8f53abea67c5c7321f"),
        ("live/inst", "4012d18acb8b5e4f85ee4baa7de975cb"),
    ] {
        assert_eq!(llnw.response(&ann(), app, "0badcafe").expose(), expected, "{app}");
    }
}

/// What ffmpeg 5.1 answered to a server that asked for it in this way.
#[test]
fn limelights_answer_is_that_of_ffmpeg() {
    let challenge = llnw::Challenge { nonce: Secret::new("NoNcE123") };
    let response = challenge.response(&login("ann", "pa55word"), "live", "22d8ade1");
    assert_eq!(response.expose(), "f62969646409e01a66e0f499fb8e654f");
}

#[test]
fn servers_differ_in_their_words() {
    let adobe = |challenge: Challenge| Some(Demand::Adobe(challenge));
    let opaque = challenge(Some("b3BhcXVl"));
    for (said, meant) in [
        (
            "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ",
            Some(Demand::Login(Scheme::Adobe)),
        ),
        ("code=403 need auth; authmod=adobe", Some(Demand::Login(Scheme::Adobe))),
        ("[ code=403 need auth; authmod=llnw ] : ", Some(Demand::Login(Scheme::Llnw))),
        ("authmod=Adobe", Some(Demand::Login(Scheme::Adobe))),
        ("[ code=403 need auth; authmod=kerberos ]", Some(Demand::Unknown)),
        ("authmod=kerberos ?reason=needauth&salt=a&challenge=b", Some(Demand::Unknown)),
        (
            "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=ann&salt=c2FsdA==&challenge=Y2hhbA==&opaque=b3BhcXVl",
            adobe(opaque.clone()),
        ),
        ("authmod=adobe ?reason=needauth&user=ann&salt=c2FsdA==&challenge=Y2hhbA==", adobe(challenge(None))),
        (
            "?reason=needauth&opaque=b3BhcXVl&challenge=Y2hhbA==&salt=c2FsdA== (NetConnection)",
            adobe(opaque.clone()),
        ),
        ("[authmod=adobe?reason=needauth&salt=c2FsdA==&challenge=Y2hhbA==]", adobe(challenge(None))),
        (
            "[ authmod=llnw ] : ?reason=needauth&nonce=abc",
            Some(Demand::Llnw(llnw::Challenge { nonce: Secret::new("abc") })),
        ),
        ("?reason=needauth&nonce=abc", Some(Demand::Llnw(llnw::Challenge { nonce: Secret::new("abc") }))),
        ("[ authmod=adobe ] : ?reason=needauth&user=ann", Some(Demand::Unreadable)),
        ("[ authmod=adobe ] : ?reason=needauth&salt=&challenge=b", Some(Demand::Unreadable)),
        ("[ authmod=llnw ] : ?reason=needauth", Some(Demand::Unreadable)),
        ("[ authmod=adobe ] : ?reason=authfailed&opaque=-", Some(Demand::BetterLogin)),
        ("[ authmod=adobe ] : ?reason=nosuchuser&opaque=-", Some(Demand::KnownUser)),
        ("[ authmod=adobe ] : ?reason=toomany", None),
        ("[ Server.Reject ] : (_defaultRoot_) : No such application", None),
        ("", None),
    ] {
        assert_eq!(Demand::read(said), meant, "{said}");
    }
    let long = format!("?reason=needauth&salt={}&challenge=b", "a".repeat(5_000));
    assert_eq!(Demand::read(&long), Some(Demand::Unreadable));
}

/// What the client says at each connection, given what the server said at those before.
fn dialogue(login: Option<Login>, said: &[&str]) -> Result<Option<String>, Refusal> {
    let mut dialogue = Dialogue::new(login, OWN);
    for words in said {
        dialogue.heed(&Demand::read(words).unwrap(), &Secret::new("live"))?;
    }
    Ok(dialogue.query().map(|query| query.expose().to_owned()))
}

const WANTED: &str = "[ code=403 need auth; authmod=adobe ] : ";
const CHALLENGE: &str = "[ authmod=adobe ] : ?reason=needauth&user=ann&salt=c2FsdA==&challenge=Y2hhbA==";

#[test]
fn a_login_takes_three_connections() {
    assert_eq!(dialogue(Some(ann()), &[]), Ok(None));
    let said = dialogue(Some(ann()), &[WANTED]).unwrap().unwrap();
    assert_eq!(said, "authmod=adobe&user=ann");
    let said = dialogue(Some(ann()), &[WANTED, CHALLENGE]).unwrap().unwrap();
    assert_eq!(said, "authmod=adobe&user=ann&challenge=0badcafe&response=RM0CeJ3wbT8z/c3uQWnqeg==");
    // Some give the challenge at once.
    let opaque = format!("{CHALLENGE}&opaque=b3BhcXVl");
    let said = dialogue(Some(ann()), &[&opaque]).unwrap().unwrap();
    assert_eq!(
        said,
        "authmod=adobe&user=ann&challenge=0badcafe&response=1wuOcQWKVI0UV3/5VoORTw==&opaque=b3BhcXVl"
    );
    let said = dialogue(Some(ann()), &["authmod=llnw need auth", "?reason=needauth&nonce=NONCE"]);
    assert_eq!(
        said.unwrap().unwrap(),
        "authmod=llnw&user=ann&nonce=NONCE&cnonce=0badcafe&nc=00000001&response=4307e1bf3491fb8f53abea67c5c7321f"
    );
}

#[test]
fn what_a_person_must_mend_ends_it() {
    let with = |said: &[&str]| dialogue(Some(ann()), said).unwrap_err();
    let wrong = "?reason=authfailed&opaque=-";
    assert_eq!(dialogue(None, &[WANTED]), Err(Refusal::NoLogin));
    assert_eq!(dialogue(None, &["authmod=kerberos"]), Err(Refusal::UnknownScheme));
    assert_eq!(with(&[WANTED, CHALLENGE, wrong]), Refusal::WrongLogin);
    assert_eq!(with(&[WANTED, "?reason=nosuchuser"]), Refusal::UnknownUser);
    assert_eq!(with(&["authmod=kerberos"]), Refusal::UnknownScheme);
    assert_eq!(with(&[WANTED, "authmod=adobe ?reason=needauth"]), Refusal::Confused);
    assert_eq!(with(&[WANTED, WANTED]), Refusal::Confused);
    assert_eq!(with(&[WANTED, CHALLENGE, CHALLENGE]), Refusal::WrongLogin);
    assert_eq!(with(&[WANTED, CHALLENGE, WANTED]), Refusal::WrongLogin);
}

#[test]
fn an_encoders_words_are_read_from_app_or_address() {
    let user = |user: &str| Offer::User(Secret::new(user));
    let answer = Offer::Answer(Answer {
        user: Secret::new("ann"),
        challenge: Secret::new("0badcafe"),
        response: Secret::new("a/b+c=="),
        opaque: Secret::new("xyz"),
    });
    let third = "live?authmod=adobe&user=ann&challenge=0badcafe&response=a/b+c==&opaque=xyz";
    for (app, tc_url, meant) in [
        ("live", "rtmp://h/live", Offer::Nothing),
        ("live?token=1", "rtmp://h/live?user=ann", Offer::Nothing),
        ("live?authmod=llnw&user=ann", "", Offer::Nothing),
        ("live?authmod=adobe", "", Offer::Nothing),
        ("live?authmod=adobe&user=ann", "rtmp://h/live", user("ann")),
        ("live?token=1?authmod=adobe&user=ann", "", user("ann")),
        ("live", "rtmp://h/live?authmod=adobe&user=ann", user("ann")),
        (third, "", answer.clone()),
        ("live", third, answer),
        ("live?authmod=adobe&user=ann&challenge=a&response=", "", user("ann")),
    ] {
        assert_eq!(Offer::read(app, tc_url), meant, "{app} {tc_url}");
    }
}

#[test]
fn our_own_words_are_understood_by_our_own_client() {
    let challenge = challenge(Some("b3BhcXVl"));
    let mut client = Dialogue::new(Some(ann()), OWN);
    let app = Secret::new("live");
    let first = Demand::read(&adobe::login_wanted().description).unwrap();
    client.heed(&first, &app).unwrap();
    let Offer::User(user) = Offer::read(with_query(&app, client.query()).expose(), "") else { panic!() };
    let second = Demand::read(&adobe::challenge(user.expose(), &challenge).description).unwrap();
    client.heed(&second, &app).unwrap();
    let Offer::Answer(answer) = Offer::read("", with_query(&app, client.query()).expose()) else { panic!() };
    assert!(challenge.is_answered_by(&answer, &ann()));
    assert!(!challenge.is_answered_by(&answer, &login("ann", "pa ss&worD")));
    assert!(!challenge.is_answered_by(&answer, &login("eve", "pa ss&word")));
    let other = Challenge { salt: Secret::new("other"), ..challenge };
    assert!(!other.is_answered_by(&answer, &ann()));
    let third = Demand::read(&adobe::login_wrong().description).unwrap();
    assert_eq!(client.heed(&third, &app), Err(Refusal::WrongLogin));
}

#[test]
fn names_and_passwords_have_their_limits() {
    for good in ["ann", "müller@example.com", "DOM\\ann", &"x".repeat(128)] {
        assert_eq!(User::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "a b", "a&b", "a?b", "a/b", "a#b", "a\n", &"x".repeat(129)] {
        assert_eq!(User::parse(bad), Err(Error::User), "{bad}");
    }
    assert_eq!(Password::parse(" any/thing & more ").unwrap().expose(), " any/thing & more ");
    for bad in ["", "a\nb", &"x".repeat(257)] {
        assert_eq!(Password::parse(bad), Err(Error::Password), "{bad}");
    }
    assert!(!format!("{:?}", login("ann", "CANARY")).contains("CANARY"));
}

proptest! {
    /// Whatever a server says, there are never more than three connections.
    #[test]
    fn nothing_a_server_says_goes_on_for_ever(said in proptest::collection::vec(
        "(\\[ )?(code=403 need auth; )?(authmod=(adobe|llnw|x?)?)?( \\] : )?(\\?reason=(needauth|authfailed|)(&(user|salt|challenge|opaque|nonce)=[a-z=&?]{0,6}){0,5})?\\PC{0,8}",
        8,
    )) {
        let mut dialogue = Dialogue::new(Some(ann()), OWN);
        let mut connections = 1;
        for words in &said {
            let Some(demand) = Demand::read(words) else { break };
            if dialogue.heed(&demand, &Secret::new("live")).is_err() {
                break;
            }
            connections += 1;
        }
        prop_assert!(connections <= 3);
    }

    #[test]
    fn nothing_is_too_odd_to_be_read(text in "\\PC{0,200}", app in "\\PC{0,60}") {
        let _ = Demand::read(&text);
        let _ = Demand::read(&format!("authmod=adobe ?reason=needauth{text}"));
        let _ = Offer::read(&app, &text);
        let _ = Offer::read(&format!("{app}?authmod=adobe&user={text}"), "");
    }
}
