//! What is kept of an authority: the account there, and the certificate with its key. Each is one
//! file that only this user may read, and that is whole or not there at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use instant_acme::AccountCredentials;
use zeroize::Zeroizing;

use super::settings::Directory;
use crate::net::certificates::Chain;

/// The folder of one authority.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder, in the data folder, if it is not there.
    pub(super) fn open(data_dir: &Path, directory: &Directory) -> io::Result<Self> {
        let path = data_dir.join("acme").join(directory.folder_name());
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self { path })
    }

    /// The account, if there is one.
    pub(super) fn account(&self) -> Option<AccountCredentials> {
        let text = self.read(ACCOUNT)?;
        match serde_json::from_slice(&text) {
            Ok(account) => Some(account),
            Err(_) => {
                let path = self.path.join(ACCOUNT);
                tracing::warn!(path = %path.display(), "the account file is damaged; a new account is made");
                None
            }
        }
    }

    /// Keeps an account.
    pub(super) fn keep_account(&self, account: &AccountCredentials) -> io::Result<()> {
        let text = Zeroizing::new(serde_json::to_vec(account).map_err(io::Error::other)?);
        self.write(ACCOUNT, &text)
    }

    /// Forgets an account that the authority does not know.
    pub(super) fn forget_account(&self) {
        if let Err(error) = fs::remove_file(self.path.join(ACCOUNT)) {
            tracing::warn!(%error, "the account file cannot be removed");
        }
    }

    /// The certificate, if there is one that can be used.
    pub(super) fn certificate(&self) -> Option<Chain> {
        let text = self.read(CERTIFICATE)?;
        match Chain::from_pem(&text, &text) {
            Ok(chain) => Some(chain),
            Err(flaw) => {
                let path = self.path.join(CERTIFICATE);
                tracing::warn!(path = %path.display(), "a file {flaw}; a new certificate is asked for");
                None
            }
        }
    }

    /// Keeps a certificate together with its key.
    pub(super) fn keep_certificate(&self, pem: &str) -> io::Result<()> {
        self.write(CERTIFICATE, pem.as_bytes())
    }

    fn read(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Some(Zeroizing::new(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a file cannot be read");
                None
            }
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (path, draft) = (self.path.join(name), self.path.join(format!("{name}.new")));
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        // A new name in a folder is on disk only once the folder is.
        if cfg!(unix) {
            File::open(&self.path)?.sync_all()?;
        }
        Ok(())
    }
}

const ACCOUNT: &str = "account.json";
const CERTIFICATE: &str = "certificate.pem";

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn folder() -> (tempfile::TempDir, Folder) {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path(), &Directory::default()).unwrap();
        (data, folder)
    }

    fn pem() -> String {
        let own = rcgen::generate_simple_self_signed(["relay.example".to_owned()]).unwrap();
        format!("{}{}", own.signing_key.serialize_pem(), own.cert.pem())
    }

    #[test]
    fn a_certificate_is_kept_for_this_user_alone() {
        let (data, folder) = folder();
        assert!(folder.certificate().is_none());
        folder.keep_certificate(&pem()).unwrap();
        folder.keep_certificate(&pem()).unwrap();
        let again = Folder::open(data.path(), &Directory::default()).unwrap();
        assert!(again.certificate().unwrap().is_for("relay.example"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path), 0o700);
        assert_eq!(mode(&folder.path.join(CERTIFICATE)), 0o600);
        assert_eq!(fs::read_dir(&folder.path).unwrap().count(), 1);
    }

    #[test]
    fn what_is_damaged_counts_as_not_there() {
        let (_data, folder) = folder();
        folder.write(CERTIFICATE, b"half a certif").unwrap();
        folder.write(ACCOUNT, b"{").unwrap();
        assert!(folder.certificate().is_none());
        assert!(folder.account().is_none());
    }
}
