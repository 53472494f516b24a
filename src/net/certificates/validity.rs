//! From when until when a certificate is good, read from its DER form (RFC 5280, section 4.1).

use rustls::pki_types::CertificateDer;
use yasna::{ASN1Error, ASN1ErrorKind, ASN1Result, BERReader, BERReaderSeq, Tag};

/// Both ends, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::net) struct Validity {
    pub(in crate::net) starts: u64,
    pub(in crate::net) ends: u64,
}

/// Reads a certificate as far as its validity.
pub(in crate::net) fn of(certificate: &CertificateDer<'_>) -> Option<Validity> {
    let read = yasna::parse_der(certificate, |reader| {
        reader.read_sequence(|outer| {
            let validity = outer.next().read_sequence(signed_part)?;
            rest(outer)?;
            Ok(validity)
        })
    });
    read.ok()
}

/// Version, serial number, algorithm and issuer come before it.
fn signed_part(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Validity> {
    fields.read_optional(|reader| reader.read_tagged(Tag::context(0), |version| version.read_der()))?;
    for _ in 0..3 {
        fields.next().read_der()?;
    }
    let validity = fields.next().read_sequence(|ends| {
        let (starts, ends) = (time(ends.next())?, time(ends.next())?);
        Ok(Validity { starts, ends })
    })?;
    rest(fields)?;
    Ok(validity)
}

/// Years up to 2049 have one form, later ones another. What lies before 1970 counts as then.
fn time(reader: BERReader<'_, '_>) -> ASN1Result<u64> {
    let moment = match reader.lookahead_tag()? {
        yasna::tags::TAG_UTCTIME => *reader.read_utctime()?.datetime(),
        yasna::tags::TAG_GENERALIZEDTIME => *reader.read_generalized_time()?.datetime(),
        _ => return Err(ASN1Error::new(ASN1ErrorKind::Invalid)),
    };
    Ok(u64::try_from(moment.unix_timestamp()).unwrap_or(0))
}

/// A sequence is only good when it was read to its end.
fn rest(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<()> {
    while fields.read_optional(|reader| reader.read_der())?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    fn certificate(from: i32, to: i32) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(["relay.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn both_ways_to_write_a_year_are_read() {
        let read = of(&certificate(2025, 2049)).unwrap();
        assert_eq!(read, Validity { starts: 1_735_689_600, ends: 2_493_072_000 });
        assert_eq!(of(&certificate(2025, 2051)).unwrap().ends, 2_556_144_000);
    }

    #[test]
    fn half_a_certificate_has_none() {
        let whole = certificate(2025, 2026);
        for length in 0..whole.len() {
            assert_eq!(of(&whole[..length].into()), None, "{length}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            of(&bytes.into());
        }

        #[test]
        fn a_changed_byte_makes_no_panic(at in 0_usize..300, to: u8) {
            let mut bytes = certificate(2025, 2026).to_vec();
            let at = at % bytes.len();
            bytes[at] = to;
            of(&bytes.into());
        }
    }
}
