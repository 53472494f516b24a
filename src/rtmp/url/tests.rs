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
