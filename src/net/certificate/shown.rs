//! What a server's certificate says of itself, believed or not, read from its DER form (RFC 5280,
//! section 4.1).

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use yasna::models::{ObjectIdentifier, TaggedDerValue};
use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag};

use crate::net::certificates::validity;

/// What a certificate says. Its texts are a stranger's: they have no control characters, and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Who it is made out to, in one name; often empty.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The host names and addresses that it is good for, as far as they are shown.
    pub names: Vec<String>,
    /// How many more there are.
    pub more_names: usize,
    /// From when on it is good, in seconds since 1970.
    pub starts: u64,
    /// Until when.
    pub ends: u64,
}

impl Shown {
    /// Reads a certificate; `None` if it is none.
    pub(in crate::net) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let validity = validity::of(certificate)?;
        let read = yasna::parse_der(certificate, |reader| {
            reader.read_sequence(|outer| {
                let signed = outer.next().read_sequence(signed_part)?;
                rest(outer)?;
                Ok(signed)
            })
        });
        let (issuer, subject, mut names) = read.ok()?;
        let more_names = names.len().saturating_sub(NAMES);
        names.truncate(NAMES);
        Some(Self { subject, issuer, names, more_names, starts: validity.starts, ends: validity.ends })
    }
}

/// Issuer, subject and the names.
fn signed_part(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<(String, String, Vec<String>)> {
    fields.read_optional(|reader| reader.read_tagged(Tag::context(0), |version| version.read_der()))?;
    // The serial number and the algorithm.
    fields.next().read_der()?;
    fields.next().read_der()?;
    let issuer = person(fields.next())?;
    fields.next().read_der()?;
    let subject = person(fields.next())?;
    // The key.
    fields.next().read_der()?;
    let mut names = Vec::new();
    while let Some(field) = fields.read_optional(|reader| reader.read_tagged_der())? {
        if field.tag() == Tag::context(3) {
            names = in_extensions(field.value())?;
        }
    }
    Ok((issuer, subject, names))
}

/// The common name and the organization of somebody, as far as they have any.
fn person(reader: BERReader<'_, '_>) -> ASN1Result<String> {
    let (mut common, mut organization) = (None, None);
    reader.read_sequence_of(|part| {
        part.read_set_of(|attribute| {
            let (kind, value) = attribute
                .read_sequence(|pair| Ok((pair.next().read_oid()?, pair.next().read_tagged_der()?)))?;
            match kind.components().as_slice() {
                COMMON_NAME => common = Some(text(value.value())),
                ORGANIZATION => organization = Some(text(value.value())),
                _ => {}
            }
            Ok(())
        })
    })?;
    Ok([common, organization].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn in_extensions(list: &[u8]) -> ASN1Result<Vec<String>> {
    let mut names = Vec::new();
    yasna::parse_der(list, |reader| {
        reader.read_sequence_of(|extension| {
            let (kind, content) = extension.read_sequence(|fields| {
                let kind: ObjectIdentifier = fields.next().read_oid()?;
                fields.read_optional(|reader| reader.read_bool())?;
                Ok((kind, fields.next().read_bytes()?))
            })?;
            if kind.components().as_slice() == ALTERNATIVE_NAMES {
                yasna::parse_der(&content, |reader| {
                    reader.read_sequence_of(|name| {
                        names.extend(host(&name.read_tagged_der()?));
                        Ok(())
                    })
                })?;
            }
            Ok(())
        })
    })?;
    Ok(names)
}

/// A name of a host, or its address; others are of no use here.
fn host(name: &TaggedDerValue) -> Option<String> {
    if name.tag() == Tag::context(2) {
        return Some(text(name.value()));
    }
    let four = || <[u8; 4]>::try_from(name.value()).map(IpAddr::from);
    let address = four().or_else(|_| <[u8; 16]>::try_from(name.value()).map(IpAddr::from)).ok()?;
    (name.tag() == Tag::context(7)).then(|| address.to_string())
}

/// A stranger's text, fit to be shown. Nearly all are ASCII or UTF-8.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// A sequence is only good when it was read to its end.
fn rest(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<()> {
    while fields.read_optional(|reader| reader.read_der())?.is_some() {}
    Ok(())
}

const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
const ORGANIZATION: &[u64] = &[2, 5, 4, 10];
const ALTERNATIVE_NAMES: &[u64] = &[2, 5, 29, 17];

/// Most names that are shown.
const NAMES: usize = 16;

/// Longest text, in characters.
const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    fn certificate(names: &[&str]) -> CertificateDer<'static> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Live\n\u{1b}[31m");
        params.distinguished_name.push(DnType::OrganizationName, "Exämple");
        params.not_before = date_time_ymd(2025, 1, 1);
        params.not_after = date_time_ymd(2026, 1, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn a_certificate_says_for_whom_by_whom_and_until_when_it_is() {
        let shown =
            Shown::of(&certificate(&["live.example.com", "*.example.com", "192.0.2.7", "2001:db8::7"]));
        assert_eq!(
            shown.unwrap(),
            Shown {
                subject: "Live  [31m, Exämple".to_owned(),
                issuer: "Live  [31m, Exämple".to_owned(),
                names: ["live.example.com", "*.example.com", "192.0.2.7", "2001:db8::7"]
                    .map(str::to_owned)
                    .into(),
                more_names: 0,
                starts: 1_735_689_600,
                ends: 1_767_225_600,
            }
        );
    }

    #[test]
    fn of_many_names_some_are_shown() {
        let names: Vec<String> = (0..20).map(|n| format!("n{n}.example.com")).collect();
        let shown = Shown::of(&certificate(&names.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
        assert_eq!((shown.names.len(), shown.more_names), (16, 4));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            Shown::of(&bytes.into());
        }

        #[test]
        fn a_changed_byte_makes_no_panic(at in 0_usize..400, to: u8) {
            let mut bytes = certificate(&["live.example.com"]).to_vec();
            let at = at % bytes.len();
            bytes[at] = to;
            Shown::of(&bytes.into());
        }
    }
}
