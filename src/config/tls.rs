//! Settings of TLS: from where its certificate is, who speaks it, and what else goes with it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::net::acme::{self, Directory, Domain};
use crate::net::certificates::Files;

/// The part of the command line that is about TLS.
#[derive(Debug, Args)]
pub(super) struct Flags {
    /// Where encoders publish to by rtmps:// and by nothing else, with the certificate of --tls-cert or
    /// --acme-domain. With one of these, --rtmp takes rtmps:// too.
    #[arg(long, value_name = "ADDR:PORT", env = "SPLITCAST_RTMPS")]
    rtmps: Option<String>,

    /// Certificate (PEM, with those of its authorities after it) with which --http serves HTTPS and encoders
    /// are taken by rtmps://. A file that changes is read again.
    #[arg(long, value_name = "FILE", env = "SPLITCAST_TLS_CERT")]
    tls_cert: Option<OsString>,

    /// The private key (PEM) of --tls-cert.
    #[arg(long, value_name = "FILE", env = "SPLITCAST_TLS_KEY")]
    tls_key: Option<OsString>,

    /// What the certificate is for: the page and encoders (`all`), or encoders alone (`rtmps`), for a page
    /// that a proxy in front of it serves over HTTPS, or that stays on this machine.
    #[arg(long, value_name = "WHAT", env = "SPLITCAST_TLS_FOR", default_value = "all")]
    tls_for: TlsFor,

    /// Names under which the relay can be reached, separated by commas: as with --tls-cert, with a
    /// certificate for them from Let's Encrypt, whose terms of service you agree to with this.
    #[arg(long, value_name = "NAMES", env = "SPLITCAST_ACME_DOMAIN", value_delimiter = ',')]
    acme_domain: Vec<String>,

    /// An e-mail address for the authority that --acme-domain gets its certificates from.
    #[arg(long, value_name = "ADDRESS", env = "SPLITCAST_ACME_EMAIL")]
    acme_email: Option<String>,

    /// The directory of another authority for --acme-domain than Let's Encrypt.
    #[arg(long, value_name = "URL", env = "SPLITCAST_ACME_DIRECTORY")]
    acme_directory: Option<String>,

    /// Certificates (PEM) to trust for --acme-directory, besides the well-known ones.
    #[arg(long, value_name = "FILE", env = "SPLITCAST_ACME_CA")]
    acme_ca: Option<OsString>,

    /// Where plain HTTP is answered with the way to HTTPS.
    #[arg(long, value_name = "ADDR:PORT", env = "SPLITCAST_REDIRECT_HTTP")]
    redirect_http: Option<String>,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TlsFor {
    /// The page, the API and encoders.
    All,
    /// Encoders.
    Rtmps,
}

/// Settings of TLS. Encoders are always taken by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// From where the certificate is.
    pub certificates: Certificates,
    /// Whether the page and the API are served over HTTPS.
    pub https: bool,
    /// Where plain HTTP is answered with the way to HTTPS.
    pub redirect: Option<SocketAddr>,
    /// A port for encoders where nothing else is spoken.
    pub rtmps: Option<SocketAddr>,
}

/// From where certificates are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificates {
    /// From files.
    Files(Files),
    /// From an authority.
    Acme(acme::Settings),
}

/// Why there are no good settings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One file of two.
    #[error("--tls-cert and --tls-key go together: give both files, or neither")]
    OneFile,
    /// Two sources.
    #[error("--tls-cert and --acme-domain both say where the certificate is from: leave out one of them")]
    TwoSources,
    /// What is of no use without something else.
    #[error("{0} is of no use without {1}")]
    Alone(&'static str, &'static str),
    /// No host name.
    #[error("--acme-domain: {0}")]
    Domain(#[from] acme::settings::NotADomain),
    /// No address for letters.
    #[error("--acme-email: {0}")]
    Email(#[from] acme::settings::NotAnEmail),
    /// No address of a directory.
    #[error("--acme-directory: {0}")]
    Directory(#[from] acme::settings::NotADirectory),
    /// No address to listen on.
    #[error("--redirect-http: give an IP address and a port, as in 0.0.0.0:80")]
    Redirect,
    /// The same.
    #[error("--rtmps (SPLITCAST_RTMPS): give an IP address and a port, as in 0.0.0.0:1936")]
    Rtmps,
    /// There is no HTTPS to lead to.
    #[error(
        "--redirect-http leads to HTTPS, which is not served with --tls-for rtmps: leave out one of them"
    )]
    NoHttps,
}

impl Flags {
    /// What is asked for, in words that tell no name and no path.
    pub(super) fn described(&self) -> &'static str {
        match (self.described_source(), self.tls_for) {
            (source @ "not given", _) | (source, TlsFor::All) => source,
            ("by ACME", TlsFor::Rtmps) => "by ACME, for encoders alone",
            (_, TlsFor::Rtmps) => "from files, for encoders alone",
        }
    }

    /// Where nothing else is spoken, if it is given.
    pub(super) fn rtmps(&self) -> Option<&str> {
        self.rtmps.as_deref()
    }

    fn described_source(&self) -> &'static str {
        let is_given = |text: &Option<OsString>| text.as_ref().is_some_and(|text| !text.is_empty());
        let is_redirected = self.redirect_http.as_ref().is_some_and(|text| !text.is_empty());
        match (self.acme_domain.iter().any(|name| !name.trim().is_empty()), is_given(&self.tls_cert)) {
            (true, _) if is_redirected => "by ACME, with a redirect",
            (true, _) => "by ACME",
            (false, true) if is_redirected => "from files, with a redirect",
            (false, true) => "from files",
            (false, false) => "not given",
        }
    }

    /// What is wanted, if anything is. What is empty counts as not given.
    pub(super) fn check(self) -> Result<Option<Tls>, Error> {
        let rtmps = given(self.rtmps);
        let rtmps = rtmps.map(|address| address.parse().map_err(|_| Error::Rtmps)).transpose()?;
        let redirect = given(self.redirect_http);
        let redirect = redirect.map(|address| address.parse().map_err(|_| Error::Redirect)).transpose()?;
        let files = files(self.tls_cert, self.tls_key)?;
        let (email, directory) = (given(self.acme_email), given(self.acme_directory));
        let ca = path(self.acme_ca);
        let domains = self.acme_domain.iter().filter(|name| !name.trim().is_empty());
        let domains = domains.map(|name| name.parse()).collect::<Result<Vec<Domain>, _>>()?;
        if domains.is_empty() {
            let alone = [
                (email.is_some(), "--acme-email"),
                (directory.is_some(), "--acme-directory"),
                (ca.is_some(), "--acme-ca"),
            ];
            if let Some((_, flag)) = alone.iter().find(|(is_given, _)| *is_given) {
                return Err(Error::Alone(flag, "--acme-domain"));
            }
        }
        let certificates = match (files, domains.is_empty()) {
            (Some(_), false) => return Err(Error::TwoSources),
            (Some(files), true) => Certificates::Files(files),
            (None, false) => Certificates::Acme(acme::Settings {
                domains,
                email: email.map(|email| email.parse()).transpose()?,
                directory: directory.map_or_else(|| Ok(Directory::default()), |text| text.parse())?,
                ca,
            }),
            (None, true) if redirect.is_some() => {
                return Err(Error::Alone("--redirect-http", "--tls-cert or --acme-domain"));
            }
            (None, true) if rtmps.is_some() => {
                return Err(Error::Alone("--rtmps", "--tls-cert and --tls-key, or --acme-domain"));
            }
            (None, true) if self.tls_for != TlsFor::All => {
                return Err(Error::Alone("--tls-for", "--tls-cert and --tls-key, or --acme-domain"));
            }
            (None, true) => return Ok(None),
        };
        let https = self.tls_for == TlsFor::All;
        if redirect.is_some() && !https {
            return Err(Error::NoHttps);
        }
        Ok(Some(Tls { certificates, https, redirect, rtmps }))
    }
}

fn files(certificate: Option<OsString>, key: Option<OsString>) -> Result<Option<Files>, Error> {
    match (path(certificate), path(key)) {
        (Some(certificate), Some(key)) => Ok(Some(Files { certificate, key })),
        (None, None) => Ok(None),
        _ => Err(Error::OneFile),
    }
}

fn path(text: Option<OsString>) -> Option<PathBuf> {
    text.filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// An empty variable is how compose files leave one out.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        flags: Flags,
    }

    fn tls(args: &[&str]) -> Result<Option<Tls>, Error> {
        Alone::parse_from(["splitcast"].iter().chain(args)).flags.check()
    }

    fn complaint(args: &[&str]) -> String {
        tls(args).unwrap_err().to_string()
    }

    #[test]
    fn there_is_none_unless_asked_for() {
        assert_eq!(tls(&[]).unwrap(), None);
        let empty = [
            "tls-cert",
            "tls-key",
            "acme-domain",
            "acme-email",
            "acme-directory",
            "acme-ca",
            "redirect-http",
            "rtmps",
        ];
        let empty: Vec<_> = empty.iter().map(|flag| format!("--{flag}=")).collect();
        assert_eq!(tls(&empty.iter().map(String::as_str).collect::<Vec<_>>()).unwrap(), None);
    }

    #[test]
    fn files_come_in_pairs() {
        let both =
            tls(&["--tls-cert", "c", "--tls-key", "k", "--redirect-http", "[::]:80"]).unwrap().unwrap();
        let files = Files { certificate: "c".into(), key: "k".into() };
        assert_eq!(
            both,
            Tls {
                certificates: Certificates::Files(files),
                https: true,
                redirect: Some("[::]:80".parse().unwrap()),
                rtmps: None,
            }
        );
        assert!(complaint(&["--tls-cert", "c"]).contains("--tls-key"));
        assert!(complaint(&["--tls-key", "k"]).contains("--tls-cert"));
    }

    #[test]
    fn names_come_one_by_one_or_in_a_list() {
        let args = [
            "--acme-domain",
            "a.example, B.example",
            "--acme-domain",
            "c.example",
            "--acme-email",
            "me@a.example",
        ];
        let Some(Tls { certificates: Certificates::Acme(settings), .. }) = tls(&args).unwrap() else {
            unreachable!()
        };
        let names: Vec<_> = settings.domains.iter().map(Domain::as_str).collect();
        assert_eq!(names, ["a.example", "b.example", "c.example"]);
        assert_eq!((settings.directory, settings.ca), (Directory::default(), None));
    }

    #[test]
    fn what_does_not_go_together_is_told() {
        assert!(
            complaint(&["--acme-domain", "a.b", "--tls-cert", "c", "--tls-key", "k"]).contains("leave out")
        );
        for flag in ["--acme-email", "--acme-directory", "--acme-ca"] {
            assert!(complaint(&[flag, "x"]).contains("without --acme-domain"), "{flag}");
        }
        assert!(
            complaint(&["--redirect-http", "0.0.0.0:80"]).contains("without --tls-cert or --acme-domain")
        );
        assert!(complaint(&["--acme-domain", "*.a.b"]).contains("host name"));
        assert!(complaint(&["--acme-domain", "a.b", "--acme-email", "x"]).contains("e-mail"));
        assert!(complaint(&["--acme-domain", "a.b", "--acme-directory", "http://x"]).contains("https://"));
        assert!(complaint(&["--acme-domain", "a.b", "--redirect-http", "80"]).contains("0.0.0.0:80"));
    }

    #[test]
    fn encoders_may_have_a_port_and_the_certificate_for_themselves() {
        let files = ["--tls-cert", "c", "--tls-key", "k"];
        let with = |more: &[&str]| tls(&[&files, more].concat());
        let both = with(&["--rtmps", "0.0.0.0:1936"]).unwrap().unwrap();
        assert_eq!((both.https, both.rtmps), (true, Some("0.0.0.0:1936".parse().unwrap())));
        let alone = with(&["--rtmps", "[::]:443", "--tls-for", "rtmps"]).unwrap().unwrap();
        assert_eq!((alone.https, alone.rtmps), (false, Some("[::]:443".parse().unwrap())));
        let shared = with(&["--tls-for", "rtmps"]).unwrap().unwrap();
        assert_eq!((shared.https, shared.rtmps), (false, None));
        let redirected = with(&["--tls-for", "rtmps", "--redirect-http", "0.0.0.0:80"]);
        assert!(redirected.unwrap_err().to_string().contains("leave out one"));
        assert!(with(&["--rtmps", "1936"]).unwrap_err().to_string().contains("0.0.0.0:1936"));
        for bare in [&["--rtmps", "0.0.0.0:1936"], &["--tls-for", "rtmps"]] {
            assert!(complaint(bare).contains("without --tls-cert and --tls-key, or --acme-domain"));
        }
    }
}
