use super::*;
use crate::rtmp::url::StreamKey;

#[test]
fn names_are_trimmed_and_bounded() {
    assert_eq!(Name::parse("  My YouTube ").unwrap().as_str(), "My YouTube");
    assert_eq!(Name::parse(&"ä".repeat(64)).unwrap().as_str().chars().count(), 64);
    for bad in ["", "   ", "a\nb", &"x".repeat(65)] {
        assert_eq!(Name::parse(bad), Err(Invalid::Name));
    }
}

#[test]
fn copies_are_counted_on_within_the_length_of_a_name() {
    let copies = |name: &str| {
        let copies = Name::parse(name).unwrap().of_copies().take(2).collect::<Vec<_>>();
        copies.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(copies("YouTube"), ["YouTube (2)", "YouTube (3)"]);
    assert_eq!(copies("YouTube (2)"), ["YouTube (2)", "YouTube (3)"]);
    assert_eq!(copies("YouTube (main)"), ["YouTube (main) (2)", "YouTube (main) (3)"]);
    assert_eq!(copies("(2)"), ["(2) (2)", "(2) (3)"]);
    let long = "ä".repeat(64);
    let ninth = Name::parse(&long).unwrap().of_copies().nth(8).unwrap();
    assert_eq!(ninth.as_str(), format!("{} (10)", "ä".repeat(59)));
}

#[test]
fn ingest_keys_have_no_slash_and_no_space() {
    assert!(IngestKey::parse("a?b=c").is_ok());
    for bad in ["", "a/b", "a b", "ä", &"x".repeat(129)] {
        assert_eq!(IngestKey::parse(bad), Err(Invalid::IngestKey));
    }
}

#[test]
fn generated_keys_are_strong_and_chosen_ones_may_be_weak() {
    let key = IngestKey::generate([0x5a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    assert_eq!(key.as_stream_key().expose().len(), 26);
    assert!(!key.is_weak());
    assert!(IngestKey::parse("live").unwrap().is_weak());
    assert!(IngestKey::parse("aaaaaaaaaaaaaaaaaaaaaaaa").unwrap().is_weak());
}

#[test]
fn digests_depend_on_key_and_secret() {
    let (one, two) = (KeyHasher::new(&[1; 32]), KeyHasher::new(&[2; 32]));
    let key = StreamKey::new("k");
    assert_eq!(one.digest(&key), one.digest(&StreamKey::new("k")));
    assert_ne!(one.digest(&key), one.digest(&StreamKey::new("l")));
    assert_ne!(one.digest(&key), two.digest(&key));
}

#[test]
fn a_hold_is_at_most_ten_minutes() {
    assert_eq!(Hold::from_seconds(600).unwrap().as_duration().as_secs(), 600);
    assert_eq!(Hold::from_seconds(601), Err(Invalid::Hold));
    assert_eq!(Hold::default().as_seconds(), 60);
}

#[test]
fn frames_wait_a_tenth_of_a_second_at_most() {
    assert_eq!(Coalesce::from_ms(0).unwrap().as_duration(), std::time::Duration::ZERO);
    let longest = Coalesce::from_ms(100).unwrap();
    assert_eq!((longest.as_ms(), longest.as_duration().as_millis()), (100, 100));
    for bad in [101, 256, u64::MAX] {
        assert_eq!(Coalesce::from_ms(bad), Err(Invalid::Coalesce));
    }
}

#[test]
fn every_word_means_what_it_is_the_word_for() {
    assert_eq!("newest_wins".parse(), Ok(Takeover::NewestWins));
    assert_eq!(Takeover::NewestWins.as_str(), "newest_wins");
    let unknown = "newest".parse::<Takeover>().unwrap_err();
    assert_eq!(unknown.to_string(), "it must be one of: newest_if_silent, newest_wins, refuse");
}
