//! Which CPU runs what: the relay one, source and sinks another, so that neither takes the other's time.
//! It is done by `taskset`, which is on every Debian.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::rig::program;

/// Where a relay may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On one CPU that it has to itself.
    OneCpu,
    /// On all of them.
    AllCpus,
}

/// Runs this program again, held to the second CPU, unless it is already or there is only one. Returns
/// when that is not possible, with the reason.
pub(crate) fn hold_self() -> io::Result<()> {
    let cpus = std::thread::available_parallelism()?.get();
    if cpus == 1 {
        return if std::env::var_os(HELD).is_some() { Ok(()) } else { Err(io::Error::other(ONE_CPU)) };
    }
    let mut command = program::command("taskset", "util-linux");
    command.args(["-c", "1"]).arg(std::env::current_exe()?).args(std::env::args_os().skip(1));
    Err(command.env(HELD, cpus.to_string()).exec())
}

/// `command` so that it runs at `place`.
pub(crate) fn held(command: &Command, place: Place) -> Command {
    let cpus = match place {
        Place::OneCpu => "0".to_owned(),
        Place::AllCpus => {
            let count = std::env::var(HELD).ok().and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
            format!("0-{}", count - 1)
        }
    };
    let mut held = program::command("taskset", "util-linux");
    held.args(["-c", &cpus]).arg(command.get_program());
    continue_with(&mut held, command);
    held
}

/// `command` with another program.
pub(crate) fn with_program(command: &Command, program: &Path) -> Command {
    let mut other = Command::new(program);
    continue_with(&mut other, command);
    other
}

/// Adds the arguments and the environment of `command`.
fn continue_with(other: &mut Command, command: &Command) {
    other.args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
}

/// Tells a program that it is held, and how many CPUs there are.
const HELD: &str = "FANOUT_HELD_OF";
const ONE_CPU: &str = "the benchmark needs two CPUs: one for the relay, one for source and sinks";
