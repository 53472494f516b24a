//! What a person types.

use std::io::{self, BufRead, IsTerminal, Read, Write, stderr, stdin};

use crate::secret::Secret;

/// Whether there is somebody who could be asked.
pub fn is_there() -> bool {
    stdin().is_terminal()
}

/// Reads a line. If a person types it, asks for it first, and does not show it.
///
/// # Errors
/// As the system has it.
pub fn read_unseen(question: &str) -> io::Result<Secret> {
    if !is_there() {
        return read_line();
    }
    write!(stderr(), "{question}")?;
    stderr().flush()?;
    let hidden = hidden::Hidden::begin();
    let line = read_line();
    drop(hidden);
    // What ended the line was not shown either.
    writeln!(stderr())?;
    line
}

fn read_line() -> io::Result<Secret> {
    let mut line = zeroize::Zeroizing::new(Vec::with_capacity(LONGEST));
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    stdin().lock().take(limit).read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = str::from_utf8(line).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Secret::new(line))
}

/// Longer than any password, in bytes.
const LONGEST: usize = 4096;

#[cfg(unix)]
mod hidden {
    use std::io::stdin;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// While it lives, the terminal does not show what is typed.
    pub(super) struct Hidden(Termios);

    impl Hidden {
        pub(super) fn begin() -> Option<Self> {
            let before = tcgetattr(stdin()).ok()?;
            let mut hidden = before.clone();
            hidden.local_modes.remove(LocalModes::ECHO);
            tcsetattr(stdin(), OptionalActions::Flush, &hidden).ok()?;
            Some(Self(before))
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
        }
    }
}

#[cfg(not(unix))]
mod hidden {
    pub(super) struct Hidden;

    impl Hidden {
        pub(super) fn begin() -> Option<Self> {
            None
        }
    }
}
