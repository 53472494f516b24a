use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};

use super::*;

fn pair(name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn flaw(certificates: &str, key: &str) -> Flaw {
    Chain::from_pem(certificates.as_bytes(), key.as_bytes()).unwrap_err()
}

#[test]
fn a_pair_is_read_from_two_texts_or_one() {
    let (certificate, key) = pair("relay.example");
    let chain = Chain::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    assert!(chain.is_for("relay.example"));
    assert!(!chain.is_for("other.example"));
    assert!(!chain.is_for("not a name"));
    assert!(chain.starts_at() < chain.expires_at());
    let both = format!("{key}{certificate}");
    Chain::from_pem(both.as_bytes(), both.as_bytes()).unwrap();
}

#[test]
fn keys_of_every_kind_are_read() {
    let own = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let certificate = CertificateParams::new([]).unwrap().self_signed(&own).unwrap();
    Chain::from_pem(certificate.pem().as_bytes(), own.serialize_pem().as_bytes()).unwrap();
    for (certificate, key) in [(RSA_CERTIFICATE, RSA_PKCS1), (EC_CERTIFICATE, EC_SEC1)] {
        Chain::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    }
}

#[test]
fn what_is_wrong_is_told() {
    let (certificate, key) = pair("relay.example");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(flaw("", &key), Flaw::NoCertificate);
    assert_eq!(flaw(&key, &key), Flaw::NoCertificate);
    assert_eq!(flaw(broken, &key), Flaw::Certificate);
    assert_eq!(flaw(&certificate.replace("-----END", "----END"), &key), Flaw::Certificate);
    assert_eq!(flaw(&certificate, ""), Flaw::NoKey);
    assert_eq!(flaw(&certificate, &certificate), Flaw::NoKey);
    let unusable = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert_eq!(flaw(&certificate, unusable), Flaw::Key);
    let locked = unusable.replace("PRIVATE", "ENCRYPTED PRIVATE");
    assert_eq!(flaw(&certificate, &locked), Flaw::LockedKey);
    assert_eq!(flaw(&certificate, &pair("relay.example").1), Flaw::Mismatch);
}

#[test]
fn the_key_is_not_shown() {
    let (certificate, key) = pair("relay.example");
    let chain = Chain::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let shown = format!("{chain:?}");
    assert!(shown.starts_with("Chain { validity: Validity {") && shown.len() < 100, "{shown}");
}
/// Made by openssl, as are those below.
const RSA_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIC/zCCAeegAwIBAgIUB4gBRARGPUVEjVTXH13jEvzUo58wDQYJKoZIhvcNAQEL
BQAwDjEMMAoGA1UEAwwDcnNhMCAXDTI2MTEyMzAyMTc1NFoYDzIxMjYxMDMwMDIx
NzU0WjAOMQwwCgYDVQQDDANyc2EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK
AoIBAQCDdvVKGsoBYFfg/pJR/LdGEmRuOBwEJBmnAYA3r2nTv/hCsDTqN2F8k3Rx
vRmXDkL5FYgfHaU/7UvWaRuck7woJsTsEKZpD9kXeDE6j86/ojrHK1kcaIkdLVC+
8KvpVqSz4I4hHBzOjxtpFFPWcF4puoV/0/tEFVuTeD7/HG2o1Tdx8vLQeVfFdJsL
yX7lSZhi6ozG0htuUPA1wa9Is1O3/3NoTcUaj3b/K9Xx6q1KIDUGuXedUUX2kf61
nhRcA/oNlT3ioXiGfVIhnWy2pDL1hezZicral3aGy+bVzj5KEoZK6KPk/ZPAIJ9/
VJm2rjxDePb3Ewte+2vajXJp9r+/AgMBAAGjUzBRMB0GA1UdDgQWBBSZ/vwUxjFk
mNQUr3HvaM/GGeKevDAfBgNVHSMEGDAWgBSZ/vwUxjFkmNQUr3HvaM/GGeKevDAP
BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQBZNR+XehwiQ4KTSiYT
xb85TfHuGtRCIIMVUAMOURw12g30f4Gkk9jBeRiAt1pWlqWeDubNJDHFQt5GPGGX
3byKJ0jdy04bAsSAcRZ9Mm1MDEoC11rOdbL5WP/xYcpreXRePfsBNp/SnXhlqOtg
kUuwHw5V2jdOZJWMhch9QIehS5ahiDmKTNgo8WB17uA2mS4Bn6+MLBAmbqPaJA5j
Xq1rTEwD3BBvxEA4c/AQopH06Di7j0wfQEK2rvV7vHH9MKd23WdtM24AQuloGw6y
soAaTxN940e8aEgzbqviMW0bWR8GvXRbgSZTZYX3mgALGibFxxCaifz6NC+04yCI
h8Eb
-----END CERTIFICATE-----
";
const RSA_PKCS1: &str = "-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAg3b1ShrKAWBX4P6SUfy3RhJkbjgcBCQZpwGAN69p07/4QrA0
6jdhfJN0cb0Zlw5C+RWIHx2lP+1L1mkbnJO8KCbE7BCmaQ/ZF3gxOo/Ov6I6xytZ
HGiJHS1QvvCr6Vaks+COIRwczo8baRRT1nBeKbqFf9P7RBVbk3g+/xxtqNU3cfLy
0HlXxXSbC8l+5UmYYuqMxtIbblDwNcGvSLNTt/9zaE3FGo92/yvV8eqtSiA1Brl3
nVFF9pH+tZ4UXAP6DZU94qF4hn1SIZ1stqQy9YXs2YnK2pd2hsvm1c4+ShKGSuij
5P2TwCCff1SZtq48Q3j29xMLXvtr2o1yafa/vwIDAQABAoIBAAIpUwgYX6jdIiS/
Wr2BV6wNwlvzjTZeN5PA2RBRUH6cQeMqzXvqVC59qCT0lHag0+YPfhDw5lYiOyR3
zu3omefZF1TAQ1Qn4AxcPAb39VC+RJQguNLYPyTdKV4yS8lG1OdmMkAGG80jmjJE
lMpKR6oM+IPtAs0QQtSuXe7I0166uKm95yfVbO2YfI/rOTQs4E3yazwdVW6+1dln
iF+nX4kv7xvLrLDu/BomNtnHNDcNT64eK2TQXUcnbxm+Q0zymAtG8ptW4ELtuGv3
87zeBbfJxyAklqBHEmgnALUrbXWv4S3VM4A4VPSLxOZWNsLnwp/t3H1SKO5Ni0eP
byWV710CgYEAuZfU+GkjTNU0VY+FMcNL3deeonDP+FTJ3wd6DGcgR05iUnPy2zsg
z5Pliz4cSjDLETHP2A603OCePnFFu7LWG1NLFh2cp65KmzSJRMxipOghkd2p1uof
yyXDVcxgoc0neuxtop+b3DnZqFD7jphO9srWcScZNKqU4In5O7McY4MCgYEAtVZc
A0HHMNQeBXpqwuGWBtoA6dpT+YDQdYEbYQZ15iWNYLErZjlRL0l2SM2wsLql3UkC
csaew7iHtQ7ro86fy4OHH74DmpoxNK76zcswbaqs9W8sJ4cM8vVPKcOqC+OYCiFy
924MgBO0+zHidtYFkzxo7VtnbN5XM0OUZvCRMhUCgYAqTMG8kHH8PAe+jISGEAYF
nPRJ/75W0jRkgda+Zu7DcckVE9pBP1u+E+5YayKVgkN2Os0taESupv9KKhUDr8H+
3mAZvUwMJ7xXXYT/yjmdbk7gaQ4hrqDqc0PvFTLdDd42tRZT317ttb23ECYVnP86
Xoa7qXakO1DNUIUepzcMMwKBgQCiIzNmXhwiVqb5MvnegiHIwofqkKJhBoJdbjDy
0fn87Dq65+7sGfezFjZC5ldDzb+cWjlsMpemXIpKo6qh7pAGQfZBtX43cALrHkF2
XGVSyTaYxOxv81rqqdg8eYzD0J4TANFw1t8qbXR23aWlp7uYaH1RLVcOisbhOV2p
pRPN+QKBgHm2aoMUyoYYSbpDyS0Qa/+aactoSWy/Ijj0zOuiUNNVK3S3DWzAQ0Zd
+zTzL9VGkxgxGmqrvzRSupSG/+xmTyLTTzbk7US1g+FgU7PDVe3xawLaSwOsbRHC
zWMIEP0F47/zhROQ2Lw44P5gZrzofKSxOk/r/BKtO1yJN5+ut5xC
-----END RSA PRIVATE KEY-----
";
const EC_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBcjCCARegAwIBAgIUSNDryvC12XqeLi0Dw0d9zuFlUnswCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCZWMwIBcNMjYxMTIzMDIxNzU0WhgPMjEyNjEwMzAwMjE3NTRa
MA0xCzAJBgNVBAMMAmVjMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEm1YGwFwJ
LsKsneGcmw3WhPPhRISgPz0CCVXOjLpBalSob9hw5EWC4MBO0xayS9reSXp/287n
5Rrmy56vcvzD8qNTMFEwHQYDVR0OBBYEFEOGID8F0B0hDVOCOuNyyeEVnXbDMB8G
A1UdIwQYMBaAFEOGID8F0B0hDVOCOuNyyeEVnXbDMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSQAwRgIhALy7UgUGi+ve5Nsrh7/WKdDLcVq/4qbSHhdmsy2B
88DmAiEA4HBzX4fYfE+wXlOL2yICxNI5SVT25DFiHGFpfZY0HKQ=
-----END CERTIFICATE-----
";
const EC_SEC1: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEID70QxyHgMQJ4HxUY0WeL9UZqVfOv0W3Hp0eTIy/89tYoAoGCCqGSM49
AwEHoUQDQgAEm1YGwFwJLsKsneGcmw3WhPPhRISgPz0CCVXOjLpBalSob9hw5EWC
4MBO0xayS9reSXp/287n5Rrmy56vcvzD8g==
-----END EC PRIVATE KEY-----
";
