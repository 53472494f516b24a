use std::fs;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio::time::timeout;

use super::*;

struct Folder {
    dir: TempDir,
    files: Files,
}

impl Folder {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let files = Files { certificate: dir.path().join("cert.pem"), key: dir.path().join("key.pem") };
        Self { dir, files }
    }

    fn write(&self, name: &str) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(&self.files.certificate, certificate.pem()).unwrap();
        fs::write(&self.files.key, key.serialize_pem()).unwrap();
    }

    async fn complaint(&self) -> String {
        self.files.load().await.unwrap_err().to_string()
    }
}

#[tokio::test]
async fn an_error_names_the_file_that_is_to_blame() {
    let folder = Folder::new();
    assert!(folder.complaint().await.contains("certificate file"));
    folder.write("relay.example");
    folder.files.load().await.unwrap();
    let (certificate, key) = (&folder.files.certificate, &folder.files.key);
    fs::remove_file(key).unwrap();
    let missing = folder.complaint().await;
    assert!(missing.contains("key.pem cannot be read"), "{missing}");
    fs::copy(certificate, key).unwrap();
    let no_key = folder.complaint().await;
    assert!(no_key.contains("key.pem contains no private key"), "{no_key}");
    fs::write(certificate, "").unwrap();
    let no_certificate = folder.complaint().await;
    assert!(no_certificate.contains("cert.pem contains no certificate"), "{no_certificate}");
    fs::remove_file(certificate).unwrap();
    fs::create_dir(certificate).unwrap();
    assert!(folder.complaint().await.contains("cert.pem cannot be read"));
}

#[tokio::test]
async fn a_file_without_an_end_is_not_read_to_it() {
    let endless = Files { certificate: "/dev/zero".into(), key: "/dev/zero".into() };
    assert!(matches!(endless.load().await, Err(Error::Flaw { flaw: Flaw::NoCertificate, .. })));
}

async fn until(served: &Served, name: &str) {
    let shown = async {
        while !served.shown().is_some_and(|chain| chain.is_for(name)) {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(60), shown).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_changes_is_shown_and_what_is_wrong_is_not() {
    let (folder, served, asked) = (Folder::new(), Served::default(), Notify::new());
    folder.write("one.example");
    let steps = async {
        until(&served, "one.example").await;
        folder.write("two.example");
        until(&served, "two.example").await;
        fs::write(&folder.files.key, "no key").unwrap();
        sleep(PERIOD * 5).await;
        assert!(served.shown().unwrap().is_for("two.example"));
        folder.write("three.example");
        until(&served, "three.example").await;
    };
    tokio::select! {
        () = folder.files.keep_shown(&served, &asked) => {}
        () = steps => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_turned_elsewhere_is_followed() {
    let (one, two) = (Folder::new(), Folder::new());
    one.write("one.example");
    two.write("two.example");
    let link = one.dir.path().join("live");
    let through = Files { certificate: link.join("cert.pem"), key: link.join("key.pem") };
    let turn = |to: &Folder| {
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(to.dir.path(), &link).unwrap();
    };
    turn(&one);
    let (served, asked) = (Served::default(), Notify::new());
    let steps = async {
        until(&served, "one.example").await;
        turn(&two);
        until(&served, "two.example").await;
    };
    tokio::select! {
        () = through.keep_shown(&served, &asked) => {}
        () = steps => {}
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_gets_a_look_at_once() {
    let (folder, served, asked) = (Folder::new(), Arc::new(Served::default()), Notify::new());
    folder.write("one.example");
    let steps = async {
        until(&served, "one.example").await;
        let begun = tokio::time::Instant::now();
        folder.write("two.example");
        asked.notify_one();
        until(&served, "two.example").await;
        assert!(begun.elapsed() < PERIOD);
    };
    tokio::select! {
        () = folder.files.keep_shown(&served, &asked) => {}
        () = steps => {}
    }
}
