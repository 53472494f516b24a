use super::*;
use crate::model::LoginPatch;
use crate::rtmp::auth::{Login, Password, User};

fn new(name: &str, key: &str) -> NewStream {
    NewStream {
        name: Name::parse(name).unwrap(),
        settings: StreamSettings::default(),
        key: IngestKey::parse(key).unwrap(),
    }
}

#[tokio::test]
async fn a_stream_is_kept_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert!(store.never_had_streams().await.unwrap());
    let id = store.create_stream(&new("Main", "k?1")).await.unwrap();
    store.close().await;
    drop(store);

    let store = Store::open(dir.path()).await.unwrap();
    let stream = store.stream(id).await.unwrap();
    assert_eq!((stream.name.as_str(), stream.key_is_weak, stream.app), ("Main", true, None));
    let key = store.stream_key(id).await.unwrap();
    assert_eq!(key, IngestKey::parse("k?1").unwrap());
    store.delete_stream(id).await.unwrap();
    assert!(!store.never_had_streams().await.unwrap());
}

#[tokio::test]
async fn names_and_keys_are_unique_and_a_loser_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let one = store.create_stream(&new("one", "a")).await.unwrap();
    let name = store.create_stream(&new("one", "b")).await.unwrap_err();
    assert!(matches!(name, Error::Taken { field: "name" }));
    let key = store.create_stream(&new("two", "a")).await.unwrap_err();
    assert!(matches!(key, Error::Taken { field: "key" }));
    assert_eq!(store.count_streams().await.unwrap(), 1);

    store.create_stream(&new("two", "b")).await.unwrap();
    let key = IngestKey::parse("b").unwrap();
    let rotated = store.replace_stream_key(one, &key).await.unwrap_err();
    assert!(matches!(rotated, Error::Taken { field: "key" }));
    let kept = store.stream_key(one).await.unwrap();
    assert_eq!(kept, IngestKey::parse("a").unwrap());
}

#[tokio::test]
async fn an_app_can_be_set_kept_and_cleared() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let id = store.create_stream(&new("Main", "a")).await.unwrap();
    let live = AppName::parse("live").unwrap();
    for (patch, expected) in
        [(Some(Some(live.clone())), Some(live.clone())), (None, Some(live.clone())), (Some(None), None)]
    {
        let patch = StreamPatch { app: patch, ..StreamPatch::default() };
        store.update_stream(id, &patch).await.unwrap();
        assert_eq!(store.stream(id).await.unwrap().app, expected);
    }
}

#[tokio::test]
async fn rules_are_kept_and_changed_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let rules = Rules {
        hold: Hold::from_seconds(600).unwrap(),
        takeover: Takeover::Refuse,
        on_unpublish: OnUnpublish::Hold,
        coalesce: Some(Coalesce::from_ms(25).unwrap()),
    };
    let id = store
        .create_stream(&NewStream {
            settings: StreamSettings { rules, ..StreamSettings::default() },
            ..new("Main", "a")
        })
        .await
        .unwrap();
    assert_eq!(store.stream(id).await.unwrap().rules, rules);
    assert_eq!(store.wanted().await.unwrap().streams[0].rules, rules);
    let hold = Hold::from_seconds(0).unwrap();
    let patches = [
        (StreamPatch { hold: Some(hold), ..StreamPatch::default() }, Rules { hold, ..rules }),
        (
            StreamPatch { takeover: Some(Takeover::NewestWins), ..StreamPatch::default() },
            Rules { hold, takeover: Takeover::NewestWins, ..rules },
        ),
        (
            StreamPatch { on_unpublish: Some(OnUnpublish::End), ..StreamPatch::default() },
            Rules { hold, takeover: Takeover::NewestWins, on_unpublish: OnUnpublish::End, ..rules },
        ),
    ];
    for (patch, expected) in patches {
        store.update_stream(id, &patch).await.unwrap();
        assert_eq!(store.stream(id).await.unwrap().rules, expected);
    }
}

#[tokio::test]
async fn a_wait_can_be_set_kept_and_left_open_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let id = store.create_stream(&new("Main", "a")).await.unwrap();
    let wait = |ms| Some(Coalesce::from_ms(ms).unwrap());
    for (patch, expected) in [
        (None, None),
        (Some(wait(100)), wait(100)),
        (None, wait(100)),
        (Some(wait(0)), wait(0)),
        (Some(None), None),
    ] {
        let patch = StreamPatch { coalesce: patch, ..StreamPatch::default() };
        store.update_stream(id, &patch).await.unwrap();
        assert_eq!(store.stream(id).await.unwrap().rules.coalesce, expected);
        assert_eq!(store.wanted().await.unwrap().streams[0].rules.coalesce, expected);
    }
}

#[tokio::test]
async fn places_and_notes_are_kept_until_others_are_given() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let allow_from = AllowFrom::parse(["10.0.0.0/8", "2001:db8::1"]).unwrap();
    let notes = Notes::parse("Ada's camera\nroom '5'").unwrap();
    let settings =
        StreamSettings { allow_from: allow_from.clone(), notes: notes.clone(), ..StreamSettings::default() };
    let id = store.create_stream(&NewStream { settings, ..new("Main", "a") }).await.unwrap();
    let (nobody, nothing) = (AllowFrom::default(), Notes::default());
    for (patch, expected) in [
        (StreamPatch::default(), (&allow_from, &notes)),
        (StreamPatch { notes: Some(nothing.clone()), ..StreamPatch::default() }, (&allow_from, &nothing)),
        (StreamPatch { allow_from: Some(nobody.clone()), ..StreamPatch::default() }, (&nobody, &nothing)),
    ] {
        store.update_stream(id, &patch).await.unwrap();
        let stream = store.stream(id).await.unwrap();
        assert_eq!((&stream.allow_from, &stream.notes), expected);
        assert_eq!(&store.wanted().await.unwrap().streams[0].allow_from, expected.0);
    }
    // Nobody is let in because somebody wrote nonsense into the database.
    let nonsense = "update streams set allow_from = 'home'";
    sqlx::query(nonsense).execute(&store.pool).await.unwrap();
    assert!(matches!(store.wanted().await, Err(Error::Row { table: "streams", .. })));
}

#[tokio::test]
async fn numbers_are_never_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let first = store.create_stream(&new("one", "a")).await.unwrap();
    store.delete_stream(first).await.unwrap();
    let second = store.create_stream(&new("one", "a")).await.unwrap();
    assert_ne!(first, second);
    for gone in [
        store.stream(first).await.map(drop),
        store.stream_key(first).await.map(drop),
        store.delete_stream(first).await,
        store.update_stream(first, &StreamPatch::default()).await,
    ] {
        assert!(matches!(gone, Err(Error::NoStream(id)) if id == first));
    }
}

#[tokio::test]
async fn a_sealed_key_opens_only_in_its_own_row() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let one = store.create_stream(&new("one", "a")).await.unwrap();
    let two = store.create_stream(&new("two", "b")).await.unwrap();
    sqlx::query("update streams set key = (select key from streams where id = ?) where id = ?")
        .bind(one.0)
        .bind(two.0)
        .execute(&store.pool)
        .await
        .unwrap();
    assert!(store.stream_key(one).await.is_ok());
    let swapped = store.stream_key(two).await.unwrap_err();
    assert!(matches!(swapped, Error::Row { table: "streams", id } if id == two.0));
}

fn login(user: &str, password: &str) -> Login {
    Login { user: User::parse(user).unwrap(), password: Password::parse(password).unwrap() }
}

fn app(name: &str) -> Option<AppName> {
    Some(AppName::parse(name).unwrap())
}

#[tokio::test]
async fn a_login_is_kept_changed_and_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let settings = StreamSettings {
        app: app("studio"),
        ingest_login: Some(login("ann", "CANARYPASSWORD")),
        ..StreamSettings::default()
    };
    let id = store.create_stream(&NewStream { settings, ..new("one", "a") }).await.unwrap();
    let kept = async || store.wanted().await.unwrap().streams[0].ingest_login.clone();
    assert_eq!(kept().await, Some(login("ann", "CANARYPASSWORD")));
    let change = |user: Option<&str>, password: Option<&str>| StreamPatch {
        ingest_login: LoginPatch::Change {
            user: user.map(|user| User::parse(user).unwrap()),
            password: password.map(|password| Password::parse(password).unwrap()),
        },
        ..StreamPatch::default()
    };
    store.update_stream(id, &change(None, Some("other"))).await.unwrap();
    assert_eq!(kept().await, Some(login("ann", "other")));
    store.update_stream(id, &change(Some("bob"), None)).await.unwrap();
    assert_eq!(kept().await, Some(login("bob", "other")));
    assert_eq!(store.stream(id).await.unwrap().ingest_user, Some(User::parse("bob").unwrap()));
    let clear = StreamPatch { ingest_login: LoginPatch::Clear, ..StreamPatch::default() };
    store.update_stream(id, &clear).await.unwrap();
    assert_eq!(kept().await, None);
    for (patch, wrong) in [(change(Some("ann"), None), "password"), (change(None, Some("p")), "user")] {
        match store.update_stream(id, &patch).await.unwrap_err() {
            Error::NoPassword { field } | Error::NoUserName { field } => {
                assert_eq!(field, format!("ingest_{wrong}"));
            }
            other => panic!("{other}"),
        }
    }
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(14).any(|window| window == b"CANARYPASSWORD"));
    }
}

#[tokio::test]
async fn who_must_log_in_has_an_application_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let stream = |name: &str, app_name: Option<&str>, has_login: bool| NewStream {
        settings: StreamSettings {
            app: app_name.and_then(app),
            ingest_login: has_login.then(|| login("ann", "p")),
            ..StreamSettings::default()
        },
        ..new(name, name)
    };
    for nobodys in [None, Some("live")] {
        let refused = store.create_stream(&stream("bad", nobodys, true)).await.unwrap_err();
        assert!(matches!(refused, Error::NoOwnApp), "{refused}");
    }
    let one = store.create_stream(&stream("one", Some("studio"), true)).await.unwrap();
    store.create_stream(&stream("two", Some("studio"), true)).await.unwrap();
    let refused = store.create_stream(&stream("three", Some("studio"), false)).await.unwrap_err();
    assert!(matches!(refused, Error::SharedApp), "{refused}");
    let any = store.create_stream(&stream("any", None, false)).await.unwrap();
    let patch = |app| StreamPatch { app, ..StreamPatch::default() };
    let refused = store.update_stream(any, &patch(Some(app("studio")))).await.unwrap_err();
    assert!(matches!(refused, Error::SharedApp), "{refused}");
    for nobodys in [None, app("live")] {
        let refused = store.update_stream(one, &patch(Some(nobodys))).await.unwrap_err();
        assert!(matches!(refused, Error::NoOwnApp), "{refused}");
    }
    let clear = StreamPatch { ingest_login: LoginPatch::Clear, ..StreamPatch::default() };
    let refused = store.update_stream(one, &clear).await.unwrap_err();
    assert!(matches!(refused, Error::SharedApp), "{refused}");
    // Both at once can be.
    let leave = StreamPatch { app: Some(None), ..clear };
    store.update_stream(one, &leave).await.unwrap();
    assert_eq!(store.stream(one).await.unwrap().app, None);
}
