//! The data folder: made if need be, locked for one process, with names for what is in it.
//!
//! The lock is a file of its own and not SQLite's, so that a second relay is refused before it reads
//! or writes anything, while `sqlite3` and backups can still read the database. The system drops it
//! with the process, however that ends.

use std::ffi::OsStr;
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

    /// Where a key file stands that is about to take the place of the other.
    pub(super) fn next_key_file(&self) -> PathBuf {
        self.path.join("splitcast.key.new")
    }

    /// Where a database stands that is about to take the place of the other.
    pub(super) fn next_database(&self) -> PathBuf {
        self.path.join("splitcast.db.new")
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
        let draft = with_ending(path, ".part");
        write_durably(&draft, text)
            .and_then(|()| fs::rename(&draft, path))
            .and_then(|()| sync_folder(&self.path))
            .map_err(|error| self.unusable(error))
    }

    /// Gives a file of the folder a second name, under which it stays when another takes its place.
    /// `when` becomes part of the name.
    pub(super) fn keep_aside(&self, file: &Path, when: &str) -> Result<PathBuf, Error> {
        let mut aside = with_ending(file, &format!(".before-{when}"));
        for again in 2.. {
            match second_name(file, &aside) {
                Ok(()) => break,
                // Twice within one second.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && again < 100 => {
                    aside = with_ending(file, &format!(".before-{when}-{again}"));
                }
                Err(error) => return Err(self.unusable(error)),
            }
        }
        self.sync()?;
        Ok(aside)
    }

    /// Key files that were kept aside.
    pub(super) fn former_key_files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let is_former = |name: &OsStr| name.to_string_lossy().starts_with("splitcast.key.before-");
        files.filter(|file| is_former(&file.file_name())).map(|file| file.path()).collect()
    }

    /// Lets a file of the folder take the place of another, at once.
    pub(super) fn replace(&self, file: &Path, by: &Path) -> Result<(), Error> {
        fs::rename(by, file).map_err(|error| self.unusable(error))?;
        self.sync()
    }

    /// Removes a file of the folder, if it is there.
    pub(super) fn remove(&self, file: &Path) -> Result<(), Error> {
        remove_if_there(file).map_err(|error| self.unusable(error))
    }

    /// Forgets a database that was about to take the place of the other.
    pub(super) fn remove_next_database(&self) -> Result<(), Error> {
        let draft = self.next_database();
        ["", "-wal", "-shm", "-journal"]
            .iter()
            .try_for_each(|ending| self.remove(&with_ending(&draft, ending)))
    }

    fn sync(&self) -> Result<(), Error> {
        sync_folder(&self.path).map_err(|error| self.unusable(error))
    }

    /// The folder failed us.
    pub(super) fn unusable(&self, source: io::Error) -> Error {
        Error::Folder { path: self.path.clone(), source }
    }
}

/// Makes a folder that only this user may use, if it is not there.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The path with something at its end, whatever ending it has.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Not every file system knows hard links.
fn second_name(file: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(file, name) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            let mut copy = private().create_new(true).open(name)?;
            io::copy(&mut File::open(file)?, &mut copy)?;
            copy.sync_all()
        }
        done => done,
    }
}

/// Whether a process runs on the folder. Whoever asks holds the lock for a moment.
pub(super) fn is_in_use(path: &Path) -> bool {
    let lock = File::open(path.join("splitcast.lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// To write a file that only this user may read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a file for this user only, down to the disk.
pub(super) fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    remove_if_there(path)?;
    let mut file = private().create_new(true).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A new name in a folder is on disk only once the folder is.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}
