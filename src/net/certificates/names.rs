//! Which host names a certificate is made out to, read from its DER form (RFC 5280, section 4.2.1.6).

use rustls::pki_types::CertificateDer;
use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag};

/// Its host names in their order, wildcards among them; none if it has none or cannot be read.
pub(super) fn of(certificate: &CertificateDer<'_>) -> Vec<String> {
    let read = yasna::parse_der(certificate, |reader| {
        reader.read_sequence(|outer| {
            let names = outer.next().read_sequence(signed_part)?;
            rest(outer)?;
            Ok(names)
        })
    });
    read.unwrap_or_default()
}

/// Extensions are its last field, and the only one with their tag.
fn signed_part(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Vec<String>> {
    let mut names = Vec::new();
    while let Some(found) = fields.read_optional(|reader| match reader.lookahead_tag()? {
        EXTENSIONS => reader.read_tagged(EXTENSIONS, |reader| reader.collect_sequence_of(extension)),
        _ => reader.read_der().map(|_| Vec::new()),
    })? {
        names.extend(found.into_iter().flatten());
    }
    Ok(names)
}

/// The names in an extension, if it is that of names.
fn extension(reader: BERReader<'_, '_>) -> ASN1Result<Vec<String>> {
    reader.read_sequence(|fields| {
        let kind = fields.next().read_oid()?;
        fields.read_optional(|reader| reader.read_bool())?;
        let value = fields.next().read_bytes()?;
        match kind.components().as_slice() {
            SUBJECT_ALT_NAME => {
                let names = yasna::parse_der(&value, |reader| reader.collect_sequence_of(name))?;
                Ok(names.into_iter().flatten().collect())
            }
            _ => Ok(Vec::new()),
        }
    })
}

/// Nothing if it is a name of another kind, such as an IP address.
fn name(reader: BERReader<'_, '_>) -> ASN1Result<Option<String>> {
    match reader.lookahead_tag()? {
        HOST_NAME => {
            let bytes = reader.read_tagged_implicit(HOST_NAME, |reader| reader.read_bytes())?;
            Ok(String::from_utf8(bytes).ok().filter(|name| name.bytes().all(is_of_a_name)))
        }
        _ => reader.read_der().map(|_| None),
    }
}

/// What else stood in one could be mistaken for a part of an address.
fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'*')
}

/// A sequence is only good when it was read to its end.
fn rest(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<()> {
    while fields.read_optional(|reader| reader.read_der())?.is_some() {}
    Ok(())
}

const EXTENSIONS: Tag = Tag { tag_class: yasna::TagClass::ContextSpecific, tag_number: 3 };
const HOST_NAME: Tag = Tag { tag_class: yasna::TagClass::ContextSpecific, tag_number: 2 };
const SUBJECT_ALT_NAME: &[u64] = &[2, 5, 29, 17];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    fn certificate(names: &[&str]) -> CertificateDer<'static> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        // Another extension, a critical one.
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn host_names_are_read_in_their_order() {
        let names = of(&certificate(&["relay.example", "192.0.2.1", "*.example.com", "b-2.example"]));
        assert_eq!(names, ["relay.example", "*.example.com", "b-2.example"]);
        assert!(of(&certificate(&["192.0.2.1"])).is_empty());
        assert!(of(&certificate(&[])).is_empty());
    }

    #[test]
    fn what_is_no_host_name_is_left_out() {
        let names = of(&certificate(&["a b", "a/b", "user@host", "good.example"]));
        assert_eq!(names, ["good.example"]);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            of(&bytes.into());
        }

        #[test]
        fn a_changed_byte_makes_no_panic(at in 0_usize..600, to: u8) {
            let mut bytes = certificate(&["relay.example"]).to_vec();
            let at = at % bytes.len();
            bytes[at] = to;
            of(&bytes.into());
        }
    }
}
