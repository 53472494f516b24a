use super::*;
use proptest::prelude::*;

#[test]
fn splits_as_obs_does() {
    for (typed, host, port, app) in [
        ("rtmp://a.rtmp.youtube.com/live2", "a.rtmp.youtube.com", 1935, "live2"),
        ("rtmps://b.rtmps.youtube.com:443/live2?backup=1", "b.rtmps.youtube.com", 443, "live2?backup=1"),
        ("rtmps://live-api-s.facebook.com:443/rtmp/", "live-api-s.facebook.com", 443, "rtmp"),
        ("rtmps://rtmp-auto.millicast.com:443/v2/pub", "rtmp-auto.millicast.com", 443, "v2/pub"),
        ("rtmp://host:1935/kLive/?t=TOKEN", "host", 1935, "kLive/?t=TOKEN"),
        ("RTMPS://[::1]:1936/s/", "::1", 1936, "s"),
    ] {
        let url = RtmpUrl::parse(typed).unwrap();
        assert_eq!((url.host(), url.port(), url.app().expose()), (host, port, app), "{typed}");
    }
}

#[test]
fn tc_url_is_as_typed_less_one_slash() {
    let url = RtmpUrl::parse("rtmps://live-api-s.facebook.com:443/rtmp/").unwrap();
    assert_eq!(url.tc_url().expose(), "rtmps://live-api-s.facebook.com:443/rtmp");
    let url = RtmpUrl::parse("rtmp://[::1]/live").unwrap();
    assert_eq!(url.tc_url().expose(), "rtmp://[::1]/live");
}

#[test]
fn one_url_splits_at_the_last_slash_before_the_query() {
    for (typed, app, key) in [
        ("rtmp://h/live/abc", "live", "abc"),
        ("rtmp://vp-push.example/in/12345?secret", "in", "12345?secret"),
        ("rtmp://h/a/b/key?token=x/y", "a/b", "key?token=x/y"),
        ("rtmp://live-push.example/live-bvc/?streamname=s&key=k", "live-bvc", "?streamname=s&key=k"),
    ] {
        let (url, got) = RtmpUrl::parse_with_key(typed).unwrap();
        assert_eq!((url.app().expose(), got.expose()), (app, key), "{typed}");
    }
}

/// Byte for byte what OBS makes of them, with which every platform is tested.
#[test]
fn each_kind_of_platform_gets_its_app_address_and_key() {
    for (typed, app, tc_url, key) in [
        ("rtmp://a.rtmp.youtube.com/live2", "live2", "rtmp://a.rtmp.youtube.com/live2", "abcd-efgh"),
        (
            "rtmps://b.rtmps.youtube.com:443/live2?backup=1",
            "live2?backup=1",
            "rtmps://b.rtmps.youtube.com:443/live2?backup=1",
            "abcd-efgh",
        ),
        (
            "rtmps://live-api-s.facebook.com:443/rtmp/",
            "rtmp",
            "rtmps://live-api-s.facebook.com:443/rtmp",
            "FB-1-2?s_bl=1&s_psm=1&a=Ab%2Fc",
        ),
        (
            "rtmp://live-push.bilivideo.com/live-bvc/",
            "live-bvc",
            "rtmp://live-push.bilivideo.com/live-bvc",
            "?streamname=live_1&key=2&schedule=rtmp",
        ),
        (
            "rtmps://rtmp-auto.millicast.com:443/v2/pub",
            "v2/pub",
            "rtmps://rtmp-auto.millicast.com:443/v2/pub",
            "name?token=abc",
        ),
        ("rtmp://host:1935/kLive/?t=TOKEN", "kLive/?t=TOKEN", "rtmp://host:1935/kLive/?t=TOKEN", "1"),
        ("rtmps://dc4-1.rtmp.t.me/s/", "s", "rtmps://dc4-1.rtmp.t.me/s", "123:AbC_d-e"),
    ] {
        let url = RtmpUrl::parse(typed).unwrap();
        assert_eq!((url.app().expose(), url.tc_url().expose()), (app, tc_url), "{typed}");
        assert_eq!(StreamKey::parse(key).unwrap().expose(), key);
    }
    for (typed, app, tc_url, key) in [
        ("rtmp://vp-push.example/in/12345?secret", "in", "rtmp://vp-push.example/in", "12345?secret"),
        ("rtmp://h/a/b#key?x=/#y", "a/b", "rtmp://h/a/b", "key?x=/#y"),
        ("rtmp://h/a/?t=1#key", "a/?t=1", "rtmp://h/a/?t=1", "key"),
    ] {
        let (url, got) = RtmpUrl::parse_with_key(typed).unwrap();
        assert_eq!((url.app().expose(), url.tc_url().expose()), (app, tc_url), "{typed}");
        assert_eq!(got.expose(), key, "{typed}");
    }
    assert_eq!(RtmpUrl::parse_with_key("rtmp://h/a#").unwrap_err(), Error::Key);
}

#[test]
fn a_login_is_taken_out_of_an_address() {
    use crate::rtmp::auth;
    for (typed, rest, user, password) in [
        ("rtmp://h/live", "rtmp://h/live", None, None),
        ("rtmp://ann:secret@h:1936/live/k", "rtmp://h:1936/live/k", Some("ann"), Some("secret")),
        ("rtmps://ann%40h.org:p%2Fw%25@[::1]/live", "rtmps://[::1]/live", Some("ann@h.org"), Some("p/w%")),
        ("rtmp://ann:p@ss:w@h/live", "rtmp://h/live", Some("ann"), Some("p@ss:w")),
        ("rtmp://ann:100%@h/live", "rtmp://h/live", Some("ann"), Some("100%")),
        ("rtmp://ann:%ff@h/live", "rtmp://h/live", Some("ann"), Some("%ff")),
        ("rtmp://ann@h/live", "rtmp://h/live", Some("ann"), None),
        ("rtmp://:secret@h/live", "rtmp://h/live", None, Some("secret")),
        ("rtmp://@h/live", "rtmp://h/live", None, None),
        ("rtmp://h/live?mail=a@b", "rtmp://h/live?mail=a@b", None, None),
        ("rtmp://ann:p?s#s@h/live", "rtmp://h/live", Some("ann"), Some("p?s#s")),
        ("no address", "no address", None, None),
    ] {
        let (got, halves) = split_login(typed).unwrap();
        assert_eq!(got, rest, "{typed}");
        assert_eq!(halves.user.as_ref().map(auth::User::as_str), user, "{typed}");
        assert_eq!(halves.password.as_ref().map(auth::Password::expose), password, "{typed}");
    }
    assert_eq!(split_login("rtmp://a%26b:c@h/live"), Err(auth::Error::User));
    assert_eq!(split_login("rtmp://a:b%0a@h/live"), Err(auth::Error::Password));
}

#[test]
fn names_the_part_that_is_wrong() {
    for (typed, error) in [
        ("http://h/live", Error::Scheme),
        ("h/live", Error::Scheme),
        ("rtmp:///live", Error::Host),
        ("rtmp://[::1/live", Error::Host),
        ("rtmp://[::1]x/live", Error::Host),
        ("rtmp://ho%st/live", Error::Host),
        ("rtmp://h:0/live", Error::Port),
        ("rtmp://h:99999/live", Error::Port),
        ("rtmp://h:+1/live", Error::Port),
        ("rtmp://u:p@h/live", Error::UserInfo),
        ("rtmp://h", Error::App),
        ("rtmp://h/", Error::App),
        ("rtmp://h/li ve", Error::Characters),
        ("rtmp://h/live#k", Error::Fragment),
        ("rtmp://h/live?t=…", Error::Masked),
    ] {
        assert_eq!(RtmpUrl::parse(typed), Err(error), "{typed}");
    }
    assert_eq!(RtmpUrl::parse(&format!("rtmp://h/{}", "a".repeat(3000))), Err(Error::TooLong));
}

#[test]
fn a_whole_url_without_a_key_says_so() {
    for typed in ["rtmp://h/live", "rtmp://h/live/", "rtmp://h/live?x=1"] {
        assert_eq!(RtmpUrl::parse_with_key(typed).unwrap_err(), Error::NoKey, "{typed}");
    }
    assert_eq!(RtmpUrl::parse_with_key("rtmp://h").unwrap_err(), Error::App);
}

#[test]
fn showing_an_address_masks_its_query_values() {
    let url = RtmpUrl::parse("rtmps://h:443/live2?backup=1&t=CANARY&CANARY").unwrap();
    assert_eq!(url.to_string(), "rtmps://h:443/live2?backup=1&t=…&…");
    assert!(!format!("{url:?}").contains("CANARY"));
}

#[test]
fn keys_are_taken_byte_for_byte() {
    assert_eq!(StreamKey::parse("FB-1?s_bl=1&a=Ab%20").unwrap().expose(), "FB-1?s_bl=1&a=Ab%20");
    for bad in ["", "a b", "a\nb", "a\u{7f}"] {
        assert_eq!(StreamKey::parse(bad).unwrap_err(), Error::Key);
    }
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,60}") {
        let _ = RtmpUrl::parse(&text);
        let _ = RtmpUrl::parse_with_key(&format!("rtmp://{text}"));
        let _ = split_login(&format!("rtmp://{text}"));
        if let Ok((rest, _)) = split_login(&format!("rtmp://{text}@h/live")) {
            // Whatever it was, what is left has no login in it.
            prop_assert!(RtmpUrl::parse(&rest) != Err(Error::UserInfo));
        }
    }

    #[test]
    fn round_trips(host in "[a-z]{1,8}", port in proptest::option::of(1u16..), app in "[a-z0-9/?=&]{0,20}[a-z0-9]") {
        prop_assume!(!app.starts_with('/'));
        let typed = match port { Some(p) => format!("rtmp://{host}:{p}/{app}"), None => format!("rtmp://{host}/{app}") };
        let url = RtmpUrl::parse(&typed).unwrap();
        let tc_url = url.tc_url();
        prop_assert_eq!(tc_url.expose(), typed.as_str());
        prop_assert_eq!(RtmpUrl::parse(tc_url.expose()).unwrap(), url);
    }
}
