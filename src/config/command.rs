//! The words after the flags: what splitcast is to do, if not to relay.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use super::{ABOUT, AFTER_HELP, Args, Config, Error, TOKEN_VARIABLE};
use crate::net::AllowTargets;
use crate::secret::Secret;

/// What splitcast was started for.
#[derive(Debug)]
pub enum Order {
    /// To relay.
    Relay(Box<Config>),
    /// To do something else, and end.
    Command(Command),
}

/// What to do besides relaying.
#[derive(Debug)]
pub enum Command {
    /// To copy the database.
    Backup {
        /// Whose.
        data_dir: PathBuf,
        /// Where to.
        file: PathBuf,
        /// With the key file beside it.
        with_key: bool,
    },
    /// To put a copy in the database's place.
    Restore {
        /// Whose.
        data_dir: PathBuf,
        /// The copy.
        file: PathBuf,
    },
    /// To seal everything with another key.
    RotateKeys {
        /// Where.
        data_dir: PathBuf,
    },
    /// To let somebody in again.
    ResetPassword {
        /// Where.
        data_dir: PathBuf,
        /// Who, if not the only owner.
        name: Option<String>,
    },
    /// To say whether a relay could be started.
    Check {
        /// Where.
        data_dir: PathBuf,
        /// The settings, or what is wrong with them.
        config: Result<Box<Config>, Error>,
    },
    /// To describe the relay to who is asked for help.
    SupportBundle {
        /// Where.
        data_dir: PathBuf,
        /// The settings, by name, without anything secret or personal.
        settings: Vec<(&'static str, String)>,
        /// Where to, if not to the standard output.
        file: Option<PathBuf>,
    },
    /// To say whether a target would take a stream.
    TestTarget(TargetTest),
    /// To print this.
    Print(Vec<u8>),
}

/// A target that is to be tested.
#[derive(Debug)]
pub struct TargetTest {
    /// Where it is, perhaps with its key.
    pub url: Secret,
    /// Where its key is; `-` is the standard input.
    pub key_file: Option<PathBuf>,
    /// Something stands behind the address: most likely the key.
    pub has_more: bool,
    /// Which addresses may be pushed to.
    pub allow_targets: AllowTargets,
    /// A file of certificates to trust.
    pub target_ca: Option<PathBuf>,
    /// Where a relay with these settings listens.
    pub own: Vec<SocketAddr>,
}

impl Order {
    /// Reads the command line and the environment. For `--help` and for arguments that cannot be
    /// understood, prints what there is to say and ends the process.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn from_process() -> Result<Self, Error> {
        Self::new(Cli::parse(), std::env::var_os(TOKEN_VARIABLE))
    }

    fn new(cli: Cli, api_token: Option<OsString>) -> Result<Self, Error> {
        let data_dir = cli.args.data_dir.clone();
        let Some(word) = cli.word else {
            return Ok(Self::Relay(Box::new(Config::new(cli.args, api_token)?)));
        };
        Ok(Self::Command(match word {
            Word::Backup { file, with_key } => Command::Backup { data_dir, file, with_key },
            Word::Restore { file } => Command::Restore { data_dir, file },
            Word::Keys { word: KeysWord::Rotate } => Command::RotateKeys { data_dir },
            Word::ResetPassword { name } => Command::ResetPassword { data_dir, name },
            Word::Check => {
                Command::Check { data_dir, config: Config::new(cli.args, api_token).map(Box::new) }
            }
            Word::SupportBundle { file } => {
                let has_token = api_token.is_some_and(|token| !token.is_empty());
                Command::SupportBundle { data_dir, settings: cli.args.described(has_token), file }
            }
            Word::TestTarget { url, key_file, more } => {
                let Args { rtmp, http, tls, allow_targets, target_ca, .. } = cli.args;
                let rtmps = tls.rtmps().and_then(|address| address.parse().ok());
                Command::TestTarget(TargetTest {
                    url: Secret::new(url),
                    key_file,
                    has_more: more.is_some(),
                    allow_targets,
                    target_ca: target_ca.filter(|path| !path.is_empty()).map(PathBuf::from),
                    own: [rtmp, http].into_iter().chain(rtmps).collect(),
                })
            }
            Word::Completions { shell } => Command::Print(completions(shell)),
        }))
    }
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "splitcast", &mut script);
    script
}

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "splitcast", version, about = ABOUT, long_about = None, after_help = AFTER_HELP,
    subcommand_help_heading = "Commands (without one, splitcast relays)",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    args: Args,
    #[command(subcommand)]
    word: Option<Word>,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// Copy the database to a new file, also while splitcast runs.
    Backup {
        /// The new file; nothing is overwritten.
        file: PathBuf,
        /// Copy the key file too, to FILE.key: who has both can read all keys.
        #[arg(long)]
        with_key: bool,
    },
    /// Put a backup in the database's place, while splitcast does not run.
    Restore {
        /// The backup. If it needs another key file than that in the data folder, that is FILE.key.
        file: PathBuf,
    },
    /// Change the key that the database is encrypted with.
    Keys {
        #[command(subcommand)]
        word: KeysWord,
    },
    /// Give an owner who is locked out a new password, while splitcast does not run. It is asked for, or
    /// read from the standard input.
    ResetPassword {
        /// Who, if there are several owners or it is somebody else.
        name: Option<String>,
    },
    /// Say line by line whether settings, data folder and database are in order. Flags stand before the
    /// command.
    Check,
    /// Describe this installation for who is asked for help: nothing secret or personal is in it.
    SupportBundle {
        /// A new file to write to; unless given, it is printed.
        file: Option<PathBuf>,
    },
    /// Say step by step whether a target would take a stream, by publishing to it for 3 seconds without a
    /// picture. Flags such as --allow-targets stand before the command.
    TestTarget {
        /// Its address, without its key, which is asked for then or read from the standard input; or with the
        /// key as its last part, where other users of this machine can see it.
        url: String,
        /// A file with the key; - is the standard input.
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
        #[arg(hide = true)]
        more: Option<String>,
    },
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
enum KeysWord {
    /// Make a new key file and encrypt everything anew, while splitcast does not run.
    Rotate,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn command(args: &[&str]) -> Command {
        let cli = Cli::try_parse_from(["splitcast"].iter().chain(args)).unwrap();
        match Order::new(cli, None).unwrap() {
            Order::Command(command) => command,
            Order::Relay(_) => panic!("{args:?}"),
        }
    }

    #[test]
    fn without_a_word_it_relays() {
        let cli = Cli::try_parse_from(["splitcast", "--http", "127.0.0.1:0"]).unwrap();
        assert!(matches!(Order::new(cli, None), Ok(Order::Relay(_))));
    }

    #[test]
    fn the_data_folder_may_stand_before_or_after_the_word() {
        for args in [["--data-dir", "d", "backup", "f"], ["backup", "--data-dir", "d", "f"]] {
            let Command::Backup { data_dir, file, with_key } = command(&args) else { panic!("{args:?}") };
            assert_eq!((&*data_dir, &*file, with_key), (Path::new("d"), Path::new("f"), false));
        }
        let Command::RotateKeys { data_dir } = command(&["keys", "rotate", "--data-dir", "d"]) else {
            panic!("keys rotate");
        };
        assert_eq!(data_dir, Path::new("d"));
    }

    #[test]
    fn settings_that_a_relay_cannot_use_stand_in_the_way_of_no_other_word() {
        let bad = ["--workers", "0"];
        let Command::Check { config, .. } = command(&[&bad[..], &["check"]].concat()) else {
            panic!("check")
        };
        assert!(matches!(config, Err(Error::Workers)));
        assert!(matches!(command(&[&bad[..], &["backup", "f"]].concat()), Command::Backup { .. }));
    }

    #[test]
    fn an_address_to_be_tested_is_not_shown() {
        let Command::TestTarget(asked) =
            command(&["--allow-targets=lan", "test-target", "rtmp://h/a/CANARY"])
        else {
            panic!("test-target")
        };
        assert!(!format!("{asked:?}").contains("CANARY"));
        assert_eq!((asked.allow_targets.to_string().as_str(), asked.has_more), ("lan", false));
        let Command::TestTarget(asked) = command(&["test-target", "rtmp://h/a", "CANARY"]) else {
            panic!("test-target")
        };
        assert!(asked.has_more && !format!("{asked:?}").contains("CANARY"));
    }

    #[test]
    fn every_shell_is_told_every_word() {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let Command::Print(script) = command(&["completions", shell]) else { panic!("{shell}") };
            let script = String::from_utf8(script).unwrap();
            for word in [
                "backup",
                "restore",
                "rotate",
                "reset-password",
                "check",
                "support-bundle",
                "test-target",
                "data-dir",
            ] {
                assert!(script.contains(word), "{shell} lacks {word}");
            }
        }
    }

    #[test]
    fn settings_are_described_without_what_they_say_of_a_person() {
        let args = [
            "--data-dir=/home/canary/data",
            "--rtmp=203.0.113.77:1936",
            "--rtmps=203.0.113.77:1937",
            "--http=127.0.0.1:8081",
            "--allow-targets=lan,203.0.113.0/24",
            "--hosts=canary.example,b.canary.example",
            "--metrics=203.0.113.77:9191",
            "--target-ca=/home/canary/ca.pem",
            "--acme-domain=canary.example",
            "--acme-email=canary@canary.example",
            "--acme-directory=https://acme.canary.example/",
            "--acme-ca=/home/canary/acme.pem",
            "--redirect-http=203.0.113.77:80",
            "--trusted-proxies=203.0.113.78",
            "--log=canary=debug",
            "--workers=3",
            "support-bundle",
        ];
        let Command::SupportBundle { settings, .. } = command(&args) else { panic!("support-bundle") };
        let said = format!("{settings:?}");
        for secret in ["canary", "203.0.113", "home"] {
            assert!(!said.contains(secret), "{said}");
        }
        for word in [
            "1936",
            "1937",
            "8081",
            "9191",
            "by ACME, with a redirect",
            "lan",
            "1 network",
            "2 names",
            "3",
            "leave",
        ] {
            assert!(said.contains(word), "{said} lacks {word}");
        }
    }
}
