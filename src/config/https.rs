//! Settings of HTTPS: from where its certificate is, and what else goes with it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::net::acme::{self, Directory, Domain};
use crate::net::certificates::Files;

/// The part of the command line that is about HTTPS.
#[derive(Debug, Args)]
pub(super) struct Flags {
    /// Certificate (PEM, with those of its authorities after it) with which --http serves HTTPS. A
    /// file that changes is read again.
    #[arg(long, value_name = "FILE", env = "SPLITCAST_TLS_CERT")]
    tls_cert: Option<OsString>,

    /// The private key (PEM) of --tls-cert.
    #[arg(long, value_name = "FILE", env = "SPLITCAST_TLS_KEY")]
    tls_key: Option<OsString>,

    /// Names under which the relay can be reached, separated by commas: --http serves HTTPS with a
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

/// Settings of HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Https {
    /// From where the certificate is.
    pub certificates: Certificates,
    /// Where plain HTTP is answered with the way to HTTPS.
    pub redirect: Option<SocketAddr>,
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
}

impl Flags {
    /// What is asked for, in words that tell no name and no path.
    pub(super) fn described(&self) -> &'static str {
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
    pub(super) fn check(self) -> Result<Option<Https>, Error> {
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
            (None, true) => return Ok(None),
        };
        Ok(Some(Https { certificates, redirect }))
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

    fn https(args: &[&str]) -> Result<Option<Https>, Error> {
        Alone::parse_from(["splitcast"].iter().chain(args)).flags.check()
    }

    fn complaint(args: &[&str]) -> String {
        https(args).unwrap_err().to_string()
    }

    #[test]
    fn there_is_none_unless_asked_for() {
        assert_eq!(https(&[]).unwrap(), None);
        let empty = [
            "tls-cert",
            "tls-key",
            "acme-domain",
            "acme-email",
            "acme-directory",
            "acme-ca",
            "redirect-http",
        ];
        let empty: Vec<_> = empty.iter().map(|flag| format!("--{flag}=")).collect();
        assert_eq!(https(&empty.iter().map(String::as_str).collect::<Vec<_>>()).unwrap(), None);
    }

    #[test]
    fn files_come_in_pairs() {
        let both =
            https(&["--tls-cert", "c", "--tls-key", "k", "--redirect-http", "[::]:80"]).unwrap().unwrap();
        let files = Files { certificate: "c".into(), key: "k".into() };
        assert_eq!(
            both,
            Https { certificates: Certificates::Files(files), redirect: Some("[::]:80".parse().unwrap()) }
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
        let Some(Https { certificates: Certificates::Acme(settings), .. }) = https(&args).unwrap() else {
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
}
