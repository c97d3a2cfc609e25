//! Hosts of links: which part of an address decides who answers, and what makes a host look like another.

use unicode_script::Script;

use super::characters;
use super::classify;
use super::scripts;

/// The authority of an address: what stands between the scheme and the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    /// What stands before an `@`; browsers do not go there.
    pub(super) userinfo: Option<String>,
    /// Lower case, without port and final dot.
    pub(super) host: String,
    /// A backslash ended it: programs disagree on what follows.
    pub(super) ambiguous: bool,
}

impl Authority {
    /// Reads what follows `://`. `None` when there is no host.
    pub(super) fn parse(after_scheme: &str) -> Option<Authority> {
        let end = after_scheme.find(['/', '?', '#', '\\']).unwrap_or(after_scheme.len());
        let ambiguous = after_scheme[end..].starts_with('\\');
        let authority = &after_scheme[..end];
        let (userinfo, rest) = match authority.rsplit_once('@') {
            Some((userinfo, rest)) => (Some(userinfo.to_owned()), rest),
            None => (None, authority),
        };
        let host = match rest.strip_prefix('[') {
            Some(address) => address.split(']').next().unwrap_or(address),
            None => rest.split(':').next().unwrap_or(rest),
        };
        let host = host.trim_end_matches('.').to_lowercase();
        (!host.is_empty()).then_some(Authority { userinfo, host, ambiguous })
    }
}

/// The end of a host that decides who answers: two labels, or three under short second levels such as `co.uk`.
///
/// A rule of thumb instead of the list of public suffixes, which is long and changes weekly.
pub(super) fn deciding_part(host: &str) -> &str {
    let labels: Vec<&str> = host.split('.').collect();
    let kept = match labels.as_slice() {
        [.., last] if last.bytes().all(|byte| byte.is_ascii_digit()) || host.contains(':') => return host,
        [.., second, last] if last.len() == 2 && second.len() <= 3 => 3,
        _ => 2,
    };
    let dropped = labels.iter().rev().skip(kept).map(|label| label.len() + 1).sum::<usize>();
    &host[dropped..]
}

/// Whether the two are one host, or one lies under the other.
pub(super) fn are_related(a: &str, b: &str) -> bool {
    let (a, b) = (without_www(a), without_www(b));
    a == b || lies_under(a, b) || lies_under(b, a)
}

/// The known host that this one only looks like: it stands in front of the part that decides.
pub(super) fn imitated<'a>(host: &'a str, known_hosts: &[&'a str]) -> Option<&'a str> {
    if known_hosts.iter().any(|known| is_or_lies_under(host, known)) {
        return None;
    }
    let labels = format!(".{host}");
    let is_inside = |known: &&&str| {
        let begins_like = |next| labels.contains(&format!(".{known}{next}"));
        !known.is_empty() && (begins_like('.') || begins_like('-'))
    };
    known_hosts.iter().find(is_inside).copied().or_else(|| common_suffix_inside(host))
}

/// `acme.com.evil.test`: a suffix that ends most hosts, with two labels or more behind it.
fn common_suffix_inside(host: &str) -> Option<&str> {
    [".com.", ".net.", ".org."].iter().find_map(|suffix| {
        let at = host.find(suffix)?;
        host[at + suffix.len()..].contains('.').then(|| &host[..at + suffix.len() - 1])
    })
}

/// A host whose letters may be taken for others: punycode, scripts mixed in a label, Cyrillic that looks Latin.
pub(super) fn is_lookalike(host: &str) -> bool {
    let latin_end = host.rsplit('.').next().is_some_and(str::is_ascii);
    host.split('.').any(|label| {
        label.starts_with("xn--") || scripts::is_mixed(label) || latin_end && !label.is_ascii() && looks_latin(label)
    })
}

/// A host written so that people and programs read it differently: hidden code points, percent signs, letters and dots
/// that browsers turn into others, a number instead of an address.
pub(super) fn is_obscured(host: &str) -> bool {
    let odd = |c: char| {
        classify::hidden(c).is_some()
            || c == '%'
            || !c.is_ascii() && !c.is_alphanumeric() && !classify::is_combining(c)
            || matches!(c, '\u{2100}'..='\u{214F}' | '\u{2460}'..='\u{24FF}' | '\u{FF00}'..='\u{FF60}')
            || matches!(c, '\u{1D400}'..='\u{1D7FF}')
    };
    host.chars().any(odd) || is_disguised_number(host)
}

/// Browsers read `0x7f000001`, `2130706433` and `0177.1` as addresses.
fn is_disguised_number(host: &str) -> bool {
    let Some(last) = host.rsplit('.').next() else { return false };
    let is_number = last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !last.is_empty() && !host.contains(':') && host.parse::<std::net::Ipv4Addr>().is_err()
}

/// Whether words look like a host: two labels or more, the last one of letters.
pub(super) fn looks_like_host(word: &str) -> bool {
    let Some((_, last)) = word.rsplit_once('.') else { return false };
    last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
        && !FILE_ENDINGS.contains(&last)
        && word
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'))
}

/// `invoice.pdf` names a file.
const FILE_ENDINGS: [&str; 20] = [
    "csv", "doc", "docx", "gif", "htm", "html", "jpeg", "jpg", "json", "md", "mov", "mp4", "pdf", "png", "txt", "webp",
    "xls", "xlsx", "xml", "zip",
];

fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// Whether the host is the one above or belongs to it.
pub(super) fn is_or_lies_under(host: &str, above: &str) -> bool {
    host == above || lies_under(host, above)
}

fn lies_under(host: &str, above: &str) -> bool {
    host.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

fn looks_latin(label: &str) -> bool {
    label.chars().all(|c| characters::of(c).script == Script::Common || "асԁеһіјӏорԛѕԝхуъьҽпгѵѡ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_host_decides_who_answers() {
        let cases = [
            ("track.acme.example.parcel-info.test", "parcel-info.test"),
            ("acme.example", "acme.example"),
            ("www.shop.co.uk", "shop.co.uk"),
            ("localhost", "localhost"),
            ("10.0.0.1", "10.0.0.1"),
            ("2001:db8::1", "2001:db8::1"),
        ];
        for (host, deciding) in cases {
            assert_eq!(deciding_part(host), deciding, "{host}");
        }
    }

    #[test]
    fn browsers_go_to_what_stands_behind_the_last_at_sign() {
        let authority = Authority::parse("acme.example:pw@evil.test:8080/path@x").unwrap();
        assert_eq!(authority.host, "evil.test");
        assert_eq!(authority.userinfo.as_deref(), Some("acme.example:pw"));
        assert_eq!(Authority::parse("/path"), None);
    }

    #[test]
    fn files_and_versions_are_no_hosts() {
        for word in ["invoice.pdf", "v1.2", "e.g", "end", ".com", "a..com"] {
            assert!(!looks_like_host(word), "{word}");
        }
        for word in ["acme.example", "мир.рф", "my-shop.co.uk"] {
            assert!(looks_like_host(word), "{word}");
        }
    }
}
