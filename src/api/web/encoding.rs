//! How a file may be sent, as who asks for it says (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// Those that are files of their own. Browsers take Brotli only over HTTPS and on their own machine.
    pub(super) const COPIES: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// What is sent as `Content-Encoding`.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }

    /// What Vite adds to the name of the file.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Plain => "",
        }
    }
}

/// What who asks takes, the best first. Among what they like equally the smallest is first; the plain file
/// comes first only where they say so. It may not be among them at all.
pub(super) fn accepted(asked: &HeaderMap) -> Vec<Encoding> {
    let wishes: Vec<_> = asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(wish)
        .collect();
    let weight = |name: &str| {
        let wish = wishes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        wish.map(|(_, weight)| *weight)
    };
    let mut accepted: Vec<_> = [Encoding::Brotli, Encoding::Gzip, Encoding::Plain]
        .into_iter()
        .filter_map(|encoding| {
            // A file as it is need not be asked for.
            let unasked = (encoding == Encoding::Plain).then_some(f32::MIN_POSITIVE);
            let name = encoding.name().unwrap_or("identity");
            let weight = weight(name).or_else(|| weight("*")).or(unasked)?;
            (weight > 0.0).then_some((encoding, weight))
        })
        .collect();
    accepted.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    accepted.into_iter().map(|(encoding, _)| encoding).collect()
}

/// `gzip;q=0.5` as its name and its weight. What cannot be read is no wish.
fn wish(text: &str) -> Option<(&str, f32)> {
    let (name, parameter) = text.split_once(';').unwrap_or((text, "q=1"));
    let (key, weight) = parameter.split_once('=')?;
    let weight = weight.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    key.trim().eq_ignore_ascii_case("q").then_some((name.trim(), weight))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn the_smallest_comes_first_among_what_is_liked_best() {
        use Encoding::{Brotli, Gzip, Plain};
        for (asked, expected) in [
            ("", &[Plain][..]),
            ("gzip, deflate, br, zstd", &[Brotli, Gzip, Plain]),
            ("gzip, deflate", &[Gzip, Plain]),
            ("GZIP ; Q=0.5", &[Gzip, Plain]),
            ("br;q=0.5, gzip;q=0.8", &[Gzip, Brotli, Plain]),
            ("gzip;q=0.5, identity", &[Plain, Gzip]),
            ("br;q=0, gzip;q=0.000", &[Plain]),
            ("*", &[Brotli, Gzip, Plain]),
            ("*;q=0, gzip", &[Gzip]),
            ("identity;q=0", &[]),
            ("br;q=2, gzip;q=-1, x;level=3, ;q=1, gzip;q", &[Plain]),
            ("br;q=NaN", &[Plain]),
        ] {
            let header = (HeaderName::from_static("accept-encoding"), HeaderValue::from_static(asked));
            assert_eq!(accepted(&HeaderMap::from_iter([header])), expected, "{asked}");
        }
        assert_eq!(accepted(&HeaderMap::new()), [Plain]);
    }

    #[test]
    fn wishes_may_come_in_several_headers() {
        let lines =
            ["deflate", "gzip"].map(|value| (header::ACCEPT_ENCODING, HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, value);
        }
        assert_eq!(accepted(&headers), [Encoding::Gzip, Encoding::Plain]);
    }
}
