//! The data folder: made if need be, locked for one process, with names for what is in it.
//!
//! The lock is a file of its own and not SQLite's, so that a second relay is refused before it reads
//! or writes anything, while `sqlite3` and backups can still read the database. The system drops it
//! with the process, however that ends.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;

/// A data folder that this process alone uses, until the value is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there (for this user only), and locks it.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let unusable = |source| Error::Folder { path: path.to_owned(), source };
        create_private_folder(path).map_err(unusable)?;
        let lock =
            private().create(true).truncate(false).open(path.join("splitcast.lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the database is.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("splitcast.db")
    }

    /// Where the key file is.
    pub(super) fn key_file(&self) -> PathBuf {
        self.path.join("splitcast.key")
    }

    /// Whether there is a database with something in it.
    pub(super) fn has_database(&self) -> Result<bool, Error> {
        match fs::metadata(self.database()) {
            Ok(file) => Ok(file.len() > 0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.unusable(error)),
        }
    }

    /// Makes an empty database file, if there is none, so that SQLite does not choose its mode.
    pub(super) fn touch_database(&self) -> Result<(), Error> {
        private()
            .create(true)
            .truncate(false)
            .open(self.database())
            .map(drop)
            .map_err(|error| self.unusable(error))
    }

    /// Writes a file that must be whole or not there at all, even if the power fails meanwhile.
    pub(super) fn write_new(&self, path: &Path, text: &str) -> Result<(), Error> {
        let draft = path.with_extension("new");
        write_durably(&draft, text)
            .and_then(|()| fs::rename(&draft, path))
            .and_then(|()| sync_folder(&self.path))
            .map_err(|error| self.unusable(error))
    }

    /// The folder failed us.
    pub(super) fn unusable(&self, source: io::Error) -> Error {
        Error::Folder { path: self.path.clone(), source }
    }
}

fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// To write a file that only this user may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

/// A new name in a folder is on disk only once the folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
