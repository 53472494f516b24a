use super::super::Ended;
use super::*;
use crate::model::{
    Backup, Endpoint, IngestKey, LoginPatch, NewStream, Notes, StreamSettings, TagForm, Takes, TakesPatch,
    Tracks, VideoCodec, WantedTarget,
};
use crate::rtmp::auth::{Login, Password, User};
use crate::rtmp::url::{RtmpUrl, StreamKey};

async fn with_stream(dir: &tempfile::TempDir) -> (Store, StreamId) {
    let store = Store::open(dir.path()).await.unwrap();
    let stream = NewStream {
        name: Name::parse("Main").unwrap(),
        settings: StreamSettings::default(),
        key: IngestKey::parse("INGESTKEY").unwrap(),
    };
    let id = store.create_stream(&stream).await.unwrap();
    (store, id)
}

fn new(name: &str) -> NewTarget {
    NewTarget {
        name: Name::parse(name).unwrap(),
        endpoint: Endpoint {
            url: RtmpUrl::parse("rtmp://h/live?t=URLTOKEN").unwrap(),
            key: StreamKey::new("CANARYKEY"),
            login: None,
        },
        backup: None,
        backup_policy: BackupPolicy::default(),
        enabled: true,
        start_mode: StartMode::default(),
        coalesce: None,
        takes: Takes::default(),
        notes: Notes::default(),
    }
}

#[tokio::test]
async fn a_target_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_target(stream, &new("t")).await.unwrap();
    let target = store.target(id).await.unwrap();
    assert_eq!((target.id, target.stream_id), (id, stream));
    assert_eq!(target.url, new("t").endpoint.url);
    assert!(target.enabled && target.created_at > 1_700_000_000);
    assert_eq!(store.targets(stream).await.unwrap(), [target]);
    assert_eq!(store.stream(stream).await.unwrap().target_count, 1);
}

#[tokio::test]
async fn a_patch_changes_only_what_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_target(stream, &new("t")).await.unwrap();
    let url = RtmpUrl::parse("rtmps://other/app").unwrap();
    let patch = TargetPatch { url: Some(url.clone()), ..TargetPatch::default() };
    store.update_target(id, &patch).await.unwrap();
    let wanted = store.wanted().await.unwrap();
    let target = &wanted.streams[0].targets[0];
    assert_eq!(target.endpoint.url, url);
    assert_eq!(target.endpoint.key, StreamKey::new("CANARYKEY"));
    assert_eq!(target.name, "t");

    let patch =
        TargetPatch { key: Some(StreamKey::new("other")), enabled: Some(false), ..TargetPatch::default() };
    store.update_target(id, &patch).await.unwrap();
    assert!(store.wanted().await.unwrap().streams[0].targets.is_empty());
    assert_eq!(store.target(id).await.unwrap().url, url);
}

#[tokio::test]
async fn what_a_target_takes_is_kept_and_changed_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let takes = Takes {
        video_codecs: Some(vec![VideoCodec::H264, VideoCodec::Hevc]),
        audio_codecs: Some(Vec::new()),
        tracks: Some(Tracks::All),
        video_track: Some(2),
        audio_track: Some(255),
        tags: Some(TagForm::AsSent),
    };
    let plain = store.create_target(stream, &new("plain")).await.unwrap();
    let id = store.create_target(stream, &NewTarget { takes: takes.clone(), ..new("t") }).await.unwrap();
    assert_eq!(store.target(plain).await.unwrap().takes, Takes::default());
    assert_eq!(store.target(id).await.unwrap().takes, takes);
    let running: Vec<Takes> = wanted(&store).await.into_iter().map(|target| target.takes).collect();
    assert_eq!(running, [Takes::default(), takes.clone()]);

    let some = TakesPatch { tracks: Some(None), audio_track: Some(Some(1)), ..TakesPatch::default() };
    let patch = TargetPatch { takes: Some(some), ..TargetPatch::default() };
    store.update_target(id, &patch).await.unwrap();
    let changed = Takes { tracks: None, audio_track: Some(1), ..takes };
    assert_eq!(store.target(id).await.unwrap().takes, changed);
    let patch = TargetPatch { enabled: Some(true), ..TargetPatch::default() };
    store.update_target(id, &patch).await.unwrap();
    assert_eq!(store.target(id).await.unwrap().takes, changed);
    let patch = TargetPatch { takes: Some(TakesPatch::nothing_said()), ..TargetPatch::default() };
    store.update_target(id, &patch).await.unwrap();
    assert_eq!(store.target(id).await.unwrap().takes, Takes::default());
}

fn login(user: &str, password: &str) -> Login {
    Login { user: User::parse(user).unwrap(), password: Password::parse(password).unwrap() }
}

fn backup() -> Endpoint {
    Endpoint {
        url: RtmpUrl::parse("rtmp://h2/live?t=BACKUPTOKEN").unwrap(),
        key: StreamKey::new("BACKUPKEY"),
        login: Some(login("backup", "BACKUPPASSWORD")),
    }
}

async fn wanted(store: &Store) -> Vec<WantedTarget> {
    store.wanted().await.unwrap().streams.remove(0).targets
}

#[tokio::test]
async fn a_second_address_is_kept_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let both = NewTarget { backup: Some(backup()), backup_policy: BackupPolicy::Both, ..new("t") };
    let id = store.create_target(stream, &both).await.unwrap();
    let target = store.target(id).await.unwrap();
    assert_eq!((target.backup_url, target.backup_policy), (Some(backup().url), BackupPolicy::Both));
    let kept = Backup { endpoint: backup(), policy: BackupPolicy::Both };
    assert_eq!(wanted(&store).await[0].backup, Some(kept));

    let url = RtmpUrl::parse("rtmp://h3/live").unwrap();
    let patch = TargetPatch {
        backup_url: Some(Some(url.clone())),
        backup_policy: Some(BackupPolicy::Failover),
        ..TargetPatch::default()
    };
    store.update_target(id, &patch).await.unwrap();
    let endpoint = Endpoint { url, ..backup() };
    let kept = Backup { endpoint, policy: BackupPolicy::Failover };
    assert_eq!(wanted(&store).await[0].backup, Some(kept));
}

#[tokio::test]
async fn a_second_address_comes_and_goes_with_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_target(stream, &new("t")).await.unwrap();
    let url = TargetPatch { backup_url: Some(Some(backup().url)), ..TargetPatch::default() };
    let key = TargetPatch { backup_key: Some(backup().key), ..TargetPatch::default() };
    let none = TargetPatch { backup_url: Some(None), ..TargetPatch::default() };
    assert!(matches!(store.update_target(id, &url).await, Err(Error::NoBackupKey)));
    assert!(matches!(store.update_target(id, &key).await, Err(Error::NoBackupUrl)));
    let contrary = TargetPatch { backup_key: Some(backup().key), ..none.clone() };
    assert!(matches!(store.update_target(id, &contrary).await, Err(Error::NoBackupUrl)));

    let both = TargetPatch { backup_key: Some(backup().key), ..url.clone() };
    store.update_target(id, &both).await.unwrap();
    store.update_target(id, &key).await.unwrap();
    store.update_target(id, &none).await.unwrap();
    assert_eq!(wanted(&store).await[0].backup, None);
    // The key went with the address, so another address needs one anew.
    assert!(matches!(store.update_target(id, &url).await, Err(Error::NoBackupKey)));
}

#[tokio::test]
async fn a_wait_can_be_set_kept_and_left_to_the_stream_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let wait = |ms| Some(Coalesce::from_ms(ms).unwrap());
    let id = store.create_target(stream, &NewTarget { coalesce: wait(25), ..new("t") }).await.unwrap();
    for (patch, expected) in
        [(None, wait(25)), (Some(wait(0)), wait(0)), (None, wait(0)), (Some(None), None), (None, None)]
    {
        let patch = TargetPatch { coalesce: patch, ..TargetPatch::default() };
        store.update_target(id, &patch).await.unwrap();
        assert_eq!(store.target(id).await.unwrap().coalesce, expected);
        assert_eq!(wanted(&store).await[0].coalesce, expected);
    }
}

#[tokio::test]
async fn a_target_is_born_started_or_waits_for_a_hand() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let with_source = store.create_target(stream, &new("a")).await.unwrap();
    let manual = NewTarget { start_mode: StartMode::Manual, ..new("b") };
    let manual = store.create_target(stream, &manual).await.unwrap();
    assert!(store.target(with_source).await.unwrap().started);
    let target = store.target(manual).await.unwrap();
    assert_eq!((target.start_mode, target.started), (StartMode::Manual, false));
    let runs = wanted(&store).await;
    assert_eq!(runs.iter().map(|target| target.id).collect::<Vec<_>>(), [with_source]);
}

#[tokio::test]
async fn patches_order_what_a_new_target_would_do() {
    use StartMode::{Manual, WithSource};
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_target(stream, &new("t")).await.unwrap();
    let on = TargetPatch { enabled: Some(true), ..TargetPatch::default() };
    let off = TargetPatch { enabled: Some(false), ..TargetPatch::default() };
    let mode = |mode| TargetPatch { start_mode: Some(mode), ..TargetPatch::default() };
    let both = |enabled, mode| TargetPatch {
        enabled: Some(enabled),
        start_mode: Some(mode),
        ..TargetPatch::default()
    };
    for (was, patches, is) in [
        // Nothing new is ordered by what is as it was.
        ((WithSource, false), vec![on.clone()], false),
        ((WithSource, false), vec![mode(WithSource)], false),
        ((WithSource, false), vec![off.clone()], false),
        ((WithSource, false), vec![off.clone(), on.clone()], true),
        ((Manual, true), vec![off.clone(), on.clone()], false),
        ((Manual, true), vec![mode(Manual)], true),
        ((Manual, false), vec![mode(WithSource)], true),
        ((WithSource, true), vec![mode(Manual)], true),
        ((WithSource, false), vec![mode(Manual)], false),
        ((WithSource, true), vec![off.clone(), both(true, Manual)], false),
        ((Manual, false), vec![off, both(true, WithSource)], true),
    ] {
        store.update_target(id, &both(true, was.0)).await.unwrap();
        store.order_target(id, was.1).await.unwrap();
        for patch in &patches {
            store.update_target(id, patch).await.unwrap();
        }
        let target = store.target(id).await.unwrap();
        assert_eq!(target.started, is, "{was:?} {patches:?}");
    }
}

#[tokio::test]
async fn orders_to_a_stream_reach_those_switched_on() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let a = store.create_target(stream, &new("a")).await.unwrap();
    let off = NewTarget { enabled: false, ..new("b") };
    let off = store.create_target(stream, &off).await.unwrap();
    let manual = NewTarget { start_mode: StartMode::Manual, ..new("c") };
    let manual = store.create_target(stream, &manual).await.unwrap();
    assert_eq!(store.order_targets(stream, false).await.unwrap(), [a]);
    assert!(wanted(&store).await.is_empty());
    assert!(store.target(off).await.unwrap().started);
    assert_eq!(store.order_targets(stream, true).await.unwrap(), [a, manual]);
    assert_eq!(store.order_targets(stream, true).await.unwrap(), []);
    assert!(matches!(store.order_targets(StreamId(99), true).await, Err(Error::NoStream(_))));
    assert!(matches!(store.order_target(TargetId(99), true).await, Err(Error::NoTarget(_))));
}

#[tokio::test]
async fn the_end_of_a_broadcast_ends_what_was_started_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let with_source = store.create_target(stream, &new("a")).await.unwrap();
    let manual = NewTarget { start_mode: StartMode::Manual, ..new("b") };
    let manual = store.create_target(stream, &manual).await.unwrap();
    assert_eq!(store.end_broadcast(stream, &[]).await.unwrap(), Ended::default());
    store.order_target(manual, true).await.unwrap();
    assert_eq!(store.end_broadcast(StreamId(99), &[]).await.unwrap(), Ended::default());
    assert_eq!(store.end_broadcast(stream, &[]).await.unwrap().stopped, [manual]);
    assert!(!store.target(manual).await.unwrap().started);
    assert!(store.target(with_source).await.unwrap().started);
}

#[tokio::test]
async fn names_are_unique_within_a_stream() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    store.create_target(stream, &new("t")).await.unwrap();
    let second = store.create_target(stream, &new("t")).await.unwrap_err();
    assert!(matches!(second, Error::Taken { field: "name" }));
}

#[tokio::test]
async fn a_streams_targets_go_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_target(stream, &new("t")).await.unwrap();
    store.delete_stream(stream).await.unwrap();
    assert!(matches!(store.target(id).await, Err(Error::NoTarget(_))));
    assert!(matches!(store.targets(stream).await, Err(Error::NoStream(_))));
}

#[tokio::test]
async fn no_file_in_the_folder_contains_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let both = NewTarget { backup: Some(backup()), ..new("t") };
    store.create_target(stream, &both).await.unwrap();
    let contains =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let mut searched = 0;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        searched += bytes.len();
        for secret in ["CANARYKEY", "URLTOKEN", "INGESTKEY", "BACKUPKEY", "BACKUPTOKEN"] {
            assert!(!contains(&bytes, secret), "{secret}");
        }
    }
    assert!(searched > 10_000, "the log is not written back yet");
}

#[tokio::test]
async fn a_disk_that_was_full_is_written_to_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let limit = |sql: &'static str| sqlx::query(sql).execute(&store.pool);
    limit("pragma max_page_count = 1").await.unwrap();
    let mut names = (0..).map(|n: u32| n.to_string());
    let error = loop {
        if let Err(error) = store.create_target(stream, &new(&names.next().unwrap())).await {
            break error;
        }
    };
    assert!(matches!(error, Error::Full), "{error:?}");
    limit("pragma max_page_count = 100000").await.unwrap();
    store.create_target(stream, &new("t")).await.unwrap();
}

#[tokio::test]
async fn a_login_is_kept_changed_in_halves_and_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_target(stream, &new("t")).await.unwrap();
    let change = |user: Option<&str>, password: Option<&str>| LoginPatch::Change {
        user: user.map(|user| User::parse(user).unwrap()),
        password: password.map(|password| Password::parse(password).unwrap()),
    };
    let first = |login| TargetPatch { login, ..TargetPatch::default() };
    let second = |login| TargetPatch { backup_login: login, ..TargetPatch::default() };

    let half = store.update_target(id, &first(change(Some("ann"), None))).await.unwrap_err();
    assert!(matches!(half, Error::NoPassword { field: "password" }));
    let half = store.update_target(id, &first(change(None, Some("CANARYPASSWORD")))).await.unwrap_err();
    assert!(matches!(half, Error::NoUserName { field: "user" }));
    let homeless = store.update_target(id, &second(change(Some("ann"), Some("p")))).await.unwrap_err();
    assert!(matches!(homeless, Error::NoBackupUrl));
    assert_eq!(wanted(&store).await[0].endpoint.login, None);

    for (patch, user, password) in [
        (change(Some("ann"), Some("CANARYPASSWORD")), "ann", "CANARYPASSWORD"),
        (change(None, None), "ann", "CANARYPASSWORD"),
        (change(Some("bob"), None), "bob", "CANARYPASSWORD"),
        (change(None, Some("other")), "bob", "other"),
    ] {
        store.update_target(id, &first(patch)).await.unwrap();
        assert_eq!(wanted(&store).await[0].endpoint.login, Some(login(user, password)));
        assert_eq!(store.target(id).await.unwrap().user, Some(User::parse(user).unwrap()));
    }
    store.update_target(id, &first(LoginPatch::Clear)).await.unwrap();
    assert_eq!(wanted(&store).await[0].endpoint.login, None);
    assert_eq!(store.target(id).await.unwrap().user, None);

    // The second address takes its login with it.
    let both = NewTarget { backup: Some(backup()), ..new("both") };
    let id = store.create_target(stream, &both).await.unwrap();
    store.update_target(id, &second(change(Some("eve"), None))).await.unwrap();
    let kept = wanted(&store).await[1].backup.clone().unwrap();
    assert_eq!(kept.endpoint.login, Some(login("eve", "BACKUPPASSWORD")));
    let none = TargetPatch { backup_url: Some(None), ..TargetPatch::default() };
    store.update_target(id, &none).await.unwrap();
    assert_eq!(store.target(id).await.unwrap().backup_user, None);
    let again = TargetPatch {
        backup_url: Some(Some(backup().url)),
        backup_key: Some(backup().key),
        ..TargetPatch::default()
    };
    store.update_target(id, &again).await.unwrap();
    assert_eq!(wanted(&store).await[1].backup.clone().unwrap().endpoint.login, None);
}
