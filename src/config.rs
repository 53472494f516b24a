//! Settings: flags and environment, checked once into a [`Config`] that cannot be wrong.

mod command;
mod described;
mod logging;
mod shown;
mod tls;

pub use command::{Command, Order, TargetTest};
pub use logging::{InvalidFilter, LogFilter, Logging};
pub use tls::{Certificates, Tls};

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::{Parser, ValueEnum};

use crate::net::{AllowTargets, TrustedProxies};
use crate::secret::Secret;

/// The command line. Each flag can also be given as the environment variable named with it.
#[derive(Debug, Parser)]
#[command(name = "splitcast", version, about = ABOUT, long_about = None, after_help = AFTER_HELP)]
pub struct Args {
    /// Folder for the database and the key file that protects it; made if it is not there.
    #[arg(long, value_name = "DIR", env = "SPLITCAST_DATA_DIR", default_value = DATA_DIR, global = true)]
    data_dir: PathBuf,

    /// Where encoders publish to.
    #[arg(long, value_name = "ADDR:PORT", env = "SPLITCAST_RTMP", default_value = "0.0.0.0:1935", value_parser = address)]
    rtmp: SocketAddr,

    /// Where the page and the API are served.
    #[arg(long, value_name = "ADDR:PORT", env = "SPLITCAST_HTTP", default_value = "127.0.0.1:8080", value_parser = address)]
    http: SocketAddr,

    /// Names by which browsers reach the page, separated by commas, as in relay.example. IP addresses and
    /// localhost need not be given.
    #[arg(long, value_name = "NAMES", env = "SPLITCAST_HOSTS", default_value = "")]
    hosts: String,

    /// Where numbers for Prometheus are served, under /metrics and without a token; nowhere unless given.
    /// They tell no names, addresses or keys.
    #[arg(long, value_name = "ADDR:PORT", env = "SPLITCAST_METRICS")]
    metrics: Option<String>,

    #[command(flatten)]
    tls: tls::Flags,

    /// Proxies in front of --http, separated by commas: addresses or networks such as 10.0.0.0/8, whose
    /// word on where a client is and how it asks is believed.
    #[arg(
        long,
        value_name = "LIST",
        env = "SPLITCAST_TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true
    )]
    trusted_proxies: TrustedProxies,

    /// Which addresses may be pushed to, separated by commas: `public` (the internet), `lan` (that,
    /// private networks and this machine), or networks such as 192.168.1.0/24.
    #[arg(long, value_name = "LIST", env = "SPLITCAST_ALLOW_TARGETS", default_value = "public")]
    allow_targets: AllowTargets,

    /// Certificates (PEM) to trust for rtmps:// targets, besides the well-known ones.
    #[arg(long, value_name = "FILE", env = "SPLITCAST_TARGET_CA")]
    target_ca: Option<OsString>,

    /// What targets are told when splitcast stops: nothing, so that their platforms wait for it to come
    /// back (`leave`), or that the broadcast is over (`end`).
    #[arg(long, value_name = "HOW", env = "SPLITCAST_ON_EXIT", default_value = "leave")]
    on_exit: OnExit,

    /// How many threads carry streams: 1 to 256. Unless given, as many as there are processors to use.
    #[arg(long, value_name = "N", env = "SPLITCAST_WORKERS")]
    workers: Option<String>,

    /// What to log: error, warn, info, debug or trace, also by part, as in info,splitcast::rtmp=debug.
    #[arg(long, value_name = "FILTER", env = "SPLITCAST_LOG", default_value = "info")]
    log: String,
}

/// What targets are told when splitcast stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnExit {
    /// Nothing: to a platform that is a lost connection, which it waits for.
    Leave,
    /// That the broadcast is over.
    End,
}

/// Settings, all of them good.
#[derive(Debug)]
pub struct Config {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where encoders publish to.
    pub rtmp: SocketAddr,
    /// Where the page and the API are served.
    pub http: SocketAddr,
    /// Names by which browsers reach the page, besides IP addresses and localhost.
    pub hosts: Vec<String>,
    /// Where numbers for Prometheus are served.
    pub metrics: Option<SocketAddr>,
    /// TLS for encoders and, unless told otherwise, for the page and the API.
    pub tls: Option<Tls>,
    /// Which proxies are believed.
    pub trusted_proxies: TrustedProxies,
    /// Which addresses may be pushed to.
    pub allow_targets: AllowTargets,
    /// A file of certificates to trust for targets.
    pub target_ca: Option<PathBuf>,
    /// What targets are told at the end.
    pub on_exit: OnExit,
    /// How many threads carry streams.
    pub workers: NonZeroUsize,
    /// A token that opens the whole API, besides those that are made there.
    pub api_token: Option<Secret>,
    /// What to log.
    pub log: LogFilter,
}

/// Why there are no good settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is said of TLS does not do.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// The token could not be sent in a header.
    #[error("{TOKEN_VARIABLE} must be printable ASCII characters without spaces")]
    Token,
    /// Something else than host names.
    #[error(
        "--hosts (SPLITCAST_HOSTS) must be host names without ports, separated by commas, as in relay.example"
    )]
    Hosts,
    /// None at all, more than could be of use, or no number.
    #[error(
        "--workers (SPLITCAST_WORKERS) must be a whole number from 1 to {MAX_WORKERS}: leave it out for one worker for each processor"
    )]
    Workers,
    /// It is no address.
    #[error("--metrics (SPLITCAST_METRICS) must be an IP address and a port, as in 127.0.0.1:9464")]
    Metrics,
    /// The filter is not one.
    #[error(transparent)]
    Log(#[from] InvalidFilter),
}

impl Config {
    /// Checks the arguments together. An empty token counts as none.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn new(args: Args, api_token: Option<OsString>) -> Result<Self, Error> {
        let api_token = api_token.filter(|token| !token.is_empty()).map(parse_token).transpose()?;
        Ok(Self {
            data_dir: args.data_dir,
            rtmp: args.rtmp,
            http: args.http,
            hosts: parse_hosts(&args.hosts)?,
            // As with the next ones: an empty variable is how compose files leave one out.
            metrics: match args.metrics.filter(|address| !address.is_empty()) {
                Some(address) => Some(address.parse().map_err(|_| Error::Metrics)?),
                None => None,
            },
            tls: args.tls.check()?,
            trusted_proxies: args.trusted_proxies,
            allow_targets: args.allow_targets,
            target_ca: args.target_ca.filter(|path| !path.is_empty()).map(PathBuf::from),
            on_exit: args.on_exit,
            workers: match args.workers.filter(|number| !number.is_empty()) {
                Some(number) => parse_workers(&number)?,
                // What the process is bound to counts, and a quota that a container has.
                None => available_parallelism().unwrap_or(NonZeroUsize::MIN),
            },
            api_token,
            log: args.log.parse()?,
        })
    }
}

fn parse_token(token: OsString) -> Result<Secret, Error> {
    let token = token.into_string().map_err(|_| Error::Token)?;
    match token.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(Secret::new(token)),
        false => Err(Error::Token),
    }
}

fn parse_hosts(list: &str) -> Result<Vec<String>, Error> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let is_name =
        |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    names.map(|name| if is_name(name) { Ok(name.to_owned()) } else { Err(Error::Hosts) }).collect()
}

fn parse_workers(number: &str) -> Result<NonZeroUsize, Error> {
    let number = number.parse::<NonZeroUsize>().map_err(|_| Error::Workers)?;
    if number.get() > MAX_WORKERS { Err(Error::Workers) } else { Ok(number) }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "give an IP address and a port, as in 127.0.0.1:8080 or [::]:1935")
}

/// Most workers that may be asked for: more would be a mistake on any machine.
const MAX_WORKERS: usize = 256;

/// Where everything is kept, unless told otherwise.
const DATA_DIR: &str = "splitcast-data";

/// Not a flag: arguments can be read by every user of the machine.
const TOKEN_VARIABLE: &str = "SPLITCAST_API_TOKEN";

const ABOUT: &str =
    "Takes one RTMP stream from your encoder and pushes it, unchanged, to many RTMP and RTMPS targets.";

const AFTER_HELP: &str = "\
Start it, open http://127.0.0.1:8080, copy the server address and the stream key into your encoder,
and add your targets there.

Environment:
  SPLITCAST_API_TOKEN  a token that opens the whole API: Authorization: Bearer TOKEN

Files:
  DIR/splitcast.db     streams and targets; their keys and addresses are encrypted
  DIR/splitcast.key    what they are encrypted with; see also: splitcast backup
  DIR/backups/         copies of the database, made once a day
  DIR/acme/            certificates of --acme-domain, their keys, and the account";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn config(args: &[&str], token: Option<&str>) -> Result<Config, Error> {
        let args = Args::parse_from(["splitcast"].iter().chain(args));
        Config::new(args, token.map(OsString::from))
    }

    #[test]
    fn starts_without_any_setting() {
        let config = config(&[], None).unwrap();
        assert_eq!(config.rtmp.to_string(), "0.0.0.0:1935");
        assert_eq!(config.http.to_string(), "127.0.0.1:8080");
        assert_eq!(config.allow_targets, AllowTargets::default());
        assert_eq!((config.api_token, config.on_exit), (None, OnExit::Leave));
        assert_eq!(config.workers, available_parallelism().unwrap());
        let config = self::config(&["--target-ca", "", "--workers", ""], None).unwrap();
        assert_eq!((config.target_ca, config.workers), (None, available_parallelism().unwrap()));
        assert_eq!((config.tls, config.trusted_proxies), (None, TrustedProxies::default()));
    }

    #[test]
    fn hosts_are_names() {
        let hosts = |list| config(&["--hosts", list], None).map(|config| config.hosts);
        assert_eq!(hosts(" relay.example, b-2.example,").unwrap(), ["relay.example", "b-2.example"]);
        assert!(hosts("").unwrap().is_empty());
        for bad in ["relay.example:8080", "https://relay.example", "a b", "*"] {
            assert!(matches!(hosts(bad), Err(Error::Hosts)), "{bad}");
        }
    }

    #[test]
    fn there_are_as_many_workers_as_asked_for() {
        for (number, workers) in [("1", 1), ("256", 256)] {
            assert_eq!(config(&["--workers", number], None).unwrap().workers.get(), workers);
        }
        for bad in ["0", "257", "-1", "1.5", "two", " ", "99999999999999999999"] {
            let refused = config(&[&format!("--workers={bad}")], None).unwrap_err();
            assert!(matches!(refused, Error::Workers), "{bad}");
            assert!(refused.to_string().contains("from 1 to 256"), "{refused}");
        }
    }

    #[test]
    fn numbers_are_served_where_asked_for_and_nowhere_else() {
        assert_eq!(config(&[], None).unwrap().metrics, None);
        assert_eq!(config(&["--metrics", ""], None).unwrap().metrics, None);
        // Without a token too: there is nothing secret about them.
        let open = config(&["--metrics", "0.0.0.0:9464"], None).unwrap();
        assert_eq!(open.metrics, Some("0.0.0.0:9464".parse().unwrap()));
        for bad in ["9464", "localhost:9464", ":9464", "127.0.0.1"] {
            let refused = config(&["--metrics", bad], None).unwrap_err();
            assert!(refused.to_string().contains("as in 127.0.0.1:9464"), "{bad}");
        }
    }

    #[test]
    fn a_token_must_fit_into_a_header() {
        for bad in ["to ken", "tök", "a\nb"] {
            assert!(matches!(config(&[], Some(bad)), Err(Error::Token)));
        }
    }

    #[test]
    fn the_token_is_not_shown() {
        let config = config(&[], Some("CANARY")).unwrap();
        assert!(!format!("{config:?}").contains("CANARY"));
    }

    #[test]
    fn a_bad_filter_or_address_is_told() {
        assert!(matches!(config(&["--log", "a=b=c"], None), Err(Error::Log(_))));
        let error = Args::try_parse_from(["splitcast", "--rtmp", "localhost"]).unwrap_err();
        assert!(error.to_string().contains("as in 127.0.0.1:8080"));
        let error = Args::try_parse_from(["splitcast", "--on-exit", "never"]).unwrap_err();
        assert!(error.to_string().contains("[possible values: leave, end]"), "{error}");
        let error = Args::try_parse_from(["splitcast", "--allow-targets", "all"]).unwrap_err();
        assert!(error.to_string().contains("neither public nor lan nor a network"));
    }

    #[test]
    fn the_help_names_every_variable() {
        let help = Args::command().render_long_help().to_string();
        for name in [
            "DATA_DIR",
            "RTMP",
            "HTTP",
            "HOSTS",
            "METRICS",
            "ALLOW_TARGETS",
            "TARGET_CA",
            "ON_EXIT",
            "WORKERS",
            "LOG",
            "RTMPS",
            "TLS_FOR",
            "TLS_CERT",
            "TLS_KEY",
            "ACME_DOMAIN",
            "ACME_EMAIL",
            "ACME_DIRECTORY",
            "ACME_CA",
            "REDIRECT_HTTP",
            "TRUSTED_PROXIES",
        ] {
            assert!(help.contains(&format!("[env: SPLITCAST_{name}")), "{name}");
        }
        assert!(help.contains(TOKEN_VARIABLE));
    }
}
