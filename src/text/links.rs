//! Links in a text, and whether they lead where they look.
//!
//! Found are addresses with a scheme, those that begin with `www.`, Markdown links and HTML anchors. What is judged is
//! what the text itself betrays; a host that was merely registered under a clever name looks honest here.

use std::fmt;
use std::ops::Range;

use super::classify;
use super::hosts::{self, Authority};
use super::line::SafeLine;
use super::survey::Place;

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The logical line on which it begins, counted from zero.
    pub line: usize,
    /// Code points of the text that it takes, counted from the beginning.
    pub at: Range<usize>,
    /// What a reader sees: the address, or the words that carry it.
    pub shown: SafeLine,
    /// The whole host that is asked.
    pub host: SafeLine,
    /// The end of the host, which decides who answers.
    pub real_host: SafeLine,
    /// The host it looks like, where that is another one.
    pub looks_like: Option<SafeLine>,
    /// Why it is deceptive, if it is.
    pub deception: Option<Deception>,
}

/// Why a link leads elsewhere than it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deception {
    /// `https://acme.example@evil.test`
    NameBeforeHost,
    /// The words name another host than the address.
    WordsNameAnotherHost,
    /// Punycode, mixed scripts, or Cyrillic that looks Latin.
    Lookalike,
    /// Written so that people and programs read it differently.
    Obscured,
    /// A known host, or a common suffix, stands in front of the part that decides.
    HostInFrontOfHost,
}

impl Link {
    pub fn is_deceptive(&self) -> bool {
        self.deception.is_some()
    }
}

impl fmt::Display for Deception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Deception::NameBeforeHost => "the name before @ is not the host",
            Deception::WordsNameAnotherHost => "the words name another host",
            Deception::Lookalike => "letters that look like others",
            Deception::Obscured => "the host is written to be misread",
            Deception::HostInFrontOfHost => "a host stands in front of the real one",
        })
    }
}

/// The links of a text in their order. `known_hosts` are those that readers trust, in lower case: a link that only
/// begins with one of them is deceptive.
pub fn links(text: &str, known_hosts: &[&str]) -> Vec<Link> {
    let (mut line, mut counted) = (0, 0);
    let mut place = Place::default();
    addresses(text)
        .into_iter()
        .filter_map(|Address { whole, address, words }| {
            line += text[counted..whole.start].matches('\n').count();
            counted = whole.start;
            let at = place.code_points(text, whole);
            let judged = judge(&text[address], words.map(|words| &text[words]), known_hosts)?;
            Some(judged.into_link(line, at))
        })
        .collect()
}

/// How many links of a text are deceptive, known hosts aside.
pub(super) fn count_deceptive(text: &str) -> usize {
    let judged = |it: Address| judge(&text[it.address], it.words.map(|words| &text[words]), &[]);
    addresses(text).into_iter().filter_map(judged).filter(|judged| judged.deception.is_some()).count()
}

/// Where an address stands in a text, with the words that carry it.
struct Address {
    whole: Range<usize>,
    address: Range<usize>,
    words: Option<Range<usize>>,
}

/// The addresses of a text, in their order.
fn addresses(text: &str) -> Vec<Address> {
    let mut found = Vec::new();
    let named = named_addresses(text);
    let mut covered = named.iter().peekable();
    for address in bare_addresses(text) {
        while covered.next_if(|named| named.whole.end <= address.start).is_some() {}
        if covered.peek().is_none_or(|named| address.start < named.whole.start) {
            found.push(Address { whole: address.clone(), address, words: None });
        }
    }
    for Named { words, address, whole } in named {
        found.push(Address { whole, address, words: Some(words) });
    }
    found.sort_by_key(|address| address.whole.start);
    found
}

/// What an address is found out to be, not yet made safe to draw.
struct Judged<'a> {
    shown: &'a str,
    host: String,
    looks_like: Option<String>,
    deception: Option<Deception>,
    /// What stands for the host is an address without one.
    is_hostless: bool,
}

impl Judged<'_> {
    fn into_link(self, line: usize, at: Range<usize>) -> Link {
        let decides = if self.is_hostless { &self.host } else { hosts::deciding_part(&self.host) };
        Link {
            line,
            at,
            shown: SafeLine::label(self.shown),
            host: SafeLine::label(&self.host),
            real_host: SafeLine::label(decides),
            looks_like: self.looks_like.as_deref().map(SafeLine::label),
            deception: self.deception,
        }
    }
}

/// `None` when the address has no host and its words name none.
fn judge<'a>(address: &'a str, words: Option<&'a str>, known_hosts: &[&str]) -> Option<Judged<'a>> {
    let shown = words.unwrap_or(address);
    let (scheme, after_scheme) = if starts_with_ignoring_case(address, "mailto:") {
        address.split_at("mailto:".len())
    } else {
        address.split_once("://").unwrap_or(("", address))
    };
    let named_host = words.and_then(first_host);
    let authority = match Authority::parse(after_scheme) {
        Some(authority) if !scheme.is_empty() || hosts::looks_like_host(&authority.host) => authority,
        _ => {
            // A script or a relative address behind words that name a host.
            return Some(Judged {
                shown,
                host: address.to_owned(),
                looks_like: Some(named_host?),
                deception: Some(Deception::WordsNameAnotherHost),
                is_hostless: true,
            });
        }
    };
    let Authority { userinfo, host, ambiguous } = authority;
    let userinfo = userinfo.filter(|_| is_browsed(scheme));
    let other_host = named_host.filter(|named| !hosts::are_related(named, &host));
    let (deception, looks_like) = if let Some(userinfo) = userinfo {
        (Some(Deception::NameBeforeHost), Some(userinfo))
    } else if ambiguous || host.len() > LONGEST_HOST || hosts::is_obscured(&host) {
        (Some(Deception::Obscured), None)
    } else if hosts::is_lookalike(&host) {
        (Some(Deception::Lookalike), None)
    } else if let Some(named) = other_host {
        (Some(Deception::WordsNameAnotherHost), Some(named))
    } else if let Some(imitated) = hosts::imitated(&host, known_hosts).map(str::to_owned) {
        (Some(Deception::HostInFrontOfHost), Some(imitated))
    } else {
        (None, None)
    };
    Some(Judged { shown, host, looks_like, deception, is_hostless: false })
}

/// Bytes that a host may have; what is longer leads nowhere, or somebody wants its end not to be read.
const LONGEST_HOST: usize = 1024;

/// Schemes under which a name before the host is a trick; `ssh://git@…` is ordinary.
fn is_browsed(scheme: &str) -> bool {
    ["", "http", "https", "ftp"].iter().any(|browsed| scheme.eq_ignore_ascii_case(browsed))
}

/// The first host that words name, tags left out.
fn first_host(words: &str) -> Option<String> {
    let outside_tags = words.split('<').enumerate().map(|(index, part)| match part.split_once('>') {
        Some((_tag, text)) if index > 0 => text,
        _ => part,
    });
    outside_tags.flat_map(str::split_whitespace).find_map(|word| {
        let word: String = word.chars().filter(|c| classify::hidden(*c).is_none()).collect();
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        let after_scheme = word.split_once("://").map_or(word, |(_, rest)| rest);
        let host = Authority::parse(after_scheme)?.host;
        hosts::looks_like_host(&host).then_some(host)
    })
}

/// Words that carry an address.
struct Named {
    words: Range<usize>,
    address: Range<usize>,
    whole: Range<usize>,
}

/// Markdown links and HTML anchors, in order and without overlap.
fn named_addresses(text: &str) -> Vec<Named> {
    let mut named = markdown_links(text);
    named.extend(html_anchors(text));
    named.sort_by_key(|named| named.whole.start);
    let mut end = 0;
    named.retain(|named| {
        let stands_alone = named.whole.start >= end;
        if stands_alone {
            end = named.whole.end;
        }
        stands_alone
    });
    named
}

/// `[words](address)`. Looks no further than the next bracket, so that a flood of brackets stays cheap.
fn markdown_links(text: &str) -> Vec<Named> {
    let mut named = Vec::new();
    for (bracket, _) in text.match_indices("](") {
        let Some(open) = text[..bracket].rfind(['[', ']', '\n']).filter(|at| text[*at..].starts_with('[')) else {
            continue;
        };
        let from = bracket + 2;
        let rest = &text[from..];
        let end = from + rest.find([')', ']', '\n']).unwrap_or(rest.len());
        let target = text[from..end].trim_start().trim_start_matches('<');
        let from = end - target.len();
        let len = target.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(target.len());
        named.push(Named { words: open + 1..bracket, address: from..from + len, whole: open..end });
    }
    named
}

/// `<a href="address">words</a>`.
fn html_anchors(text: &str) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    let mut open: Option<(usize, Range<usize>, usize)> = None;
    for (at, _) in text.match_indices('<') {
        let tag = &text[at + 1..];
        let is_end = starts_with_ignoring_case(tag, "/a");
        let is_start = starts_with_ignoring_case(tag, "a") && tag[1..].starts_with(|c: char| c.is_whitespace());
        if !is_end && !is_start {
            continue;
        }
        if let Some((whole, address, words)) = open.take() {
            named.push(Named { words: words..at, address, whole: whole..at });
        }
        if is_start {
            let len = tag.find(['<', '>']).unwrap_or(tag.len());
            if let Some(address) = href(&tag[..len]) {
                let end = at + 1 + len;
                let words = if text[end..].starts_with('>') { end + 1 } else { end };
                open = Some((at, at + 1 + address.start..at + 1 + address.end, words));
            }
        }
    }
    if let Some((whole, address, words)) = open {
        named.push(Named { words: words..text.len(), address, whole: whole..text.len() });
    }
    named
}

/// Where the address stands in a tag.
fn href(tag: &str) -> Option<Range<usize>> {
    let name = tag.as_bytes().windows(4).position(|bytes| bytes.eq_ignore_ascii_case(b"href"))?;
    let value = tag[name + 4..].trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = quote.map_or(value, |quote| &value[quote.len_utf8()..]);
    let from = tag.len() - value.len();
    let len = match quote {
        Some(quote) => value.find(quote),
        None => value.find(char::is_whitespace),
    };
    Some(from..from + len.unwrap_or(value.len()))
}

fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    text.as_bytes().get(..start.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(start.as_bytes()))
}

/// Addresses that stand in the text as they are.
fn bare_addresses(text: &str) -> Vec<Range<usize>> {
    let with_scheme = text.match_indices("://").map(|(at, _)| (scheme_start(text, at), at + 3));
    let with_www = text.match_indices("www.").filter(|(at, _)| stands_free(text, *at)).map(|(at, _)| (at, at));
    let mut candidates: Vec<_> = with_scheme.filter(|(from, host)| from + 3 < *host).chain(with_www).collect();
    candidates.sort_unstable();

    let mut addresses: Vec<Range<usize>> = Vec::new();
    for (from, host) in candidates {
        if addresses.last().is_none_or(|last| last.end <= from) {
            let end = address_end(text, host);
            if host < end {
                addresses.push(from..end);
            }
        }
    }
    addresses
}

/// Where the scheme begins that ends at `end`. No scheme is longer than 16 letters.
fn scheme_start(text: &str, end: usize) -> usize {
    let is_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+' | b'-');
    end - text.as_bytes()[..end].iter().rev().take(16).take_while(is_scheme).count()
}

/// Whether an address may begin here, and not in the middle of a word or of another address.
fn stands_free(text: &str, at: usize) -> bool {
    !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '@' | '-' | '_'))
}

/// Where an address ends: at white space or a quote, without the punctuation of the sentence around it.
fn address_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let ends =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\'' | '`' | '|' | '{' | '}');
    let address = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let mut closing: &[char] = &['.', ',', ';', ':', '!', '?', '*', ')', ']'];
    if address.contains(['(', '[']) {
        closing = &closing[..7];
    }
    from + address.trim_end_matches(closing).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with the only link of a text, and the host that really answers.
    fn judged(text: &str, known_hosts: &[&str]) -> (Option<Deception>, String) {
        let links = links(text, known_hosts);
        assert_eq!(links.len(), 1, "{text:?}: {links:?}");
        (links[0].deception, links[0].real_host.to_string())
    }

    #[test]
    fn links_that_lead_elsewhere_than_they_look_are_deceptive() {
        use Deception::*;
        let cases = [
            ("see https://acme.example@evil.test/pay.", NameBeforeHost, "evil.test"),
            ("[https://acme.example/pay](https://evil.test/pay)", WordsNameAnotherHost, "evil.test"),
            ("[acme\u{200B}.example](https://evil.test)", WordsNameAnotherHost, "evil.test"),
            ("[support@acme.example](https://evil.test)", WordsNameAnotherHost, "evil.test"),
            ("<a href=\"https://evil.test\"><b>acme.example</b></a>", WordsNameAnotherHost, "evil.test"),
            ("<A\nHREF = 'http://evil.test'>www.acme.example</A>", WordsNameAnotherHost, "evil.test"),
            ("[acme.example](javascript:alert)", WordsNameAnotherHost, "javascript:alert"),
            ("https://xn--pypal-4ve.test", Lookalike, "xn--pypal-4ve.test"),
            ("https://p\u{430}ypal.test", Lookalike, "p\u{430}ypal.test"),
            ("https://\u{430}\u{440}\u{440}\u{4CF}\u{435}.test", Lookalike, "\u{430}\u{440}\u{440}\u{4CF}\u{435}.test"),
            ("https://acme\u{3002}example.test", Obscured, "acme\u{3002}example.test"),
            ("https://ac%6De.test", Obscured, "ac%6de.test"),
            ("https://acme.test\\@evil.test", Obscured, "acme.test"),
            ("http://2130706433/", Obscured, "2130706433"),
            ("https://acme.com.evil.test/", HostInFrontOfHost, "evil.test"),
        ];
        for (text, deception, real_host) in cases {
            assert_eq!(judged(text, &[]), (Some(deception), real_host.to_owned()), "{text}");
        }
        let behind = "https://track.acme.example.parcel-info.test/88231";
        assert_eq!(judged(behind, &[]).0, None, "only a list can know that acme.example is somebody");
        for imitation in [behind, "https://acme.example-parcel-info.test/88231"] {
            let (deception, _) = judged(imitation, &["acme.example"]);
            assert_eq!(deception, Some(HostInFrontOfHost), "{imitation}");
        }
    }

    #[test]
    fn honest_links_pass() {
        let cases = [
            ("(see https://acme.example/a_(b)).", "acme.example"),
            ("www.acme.example, please", "acme.example"),
            ("[acme.example](https://www.acme.example/x)", "acme.example"),
            ("[our page](https://acme.example)", "acme.example"),
            ("[invoice.pdf](https://acme.example/1)", "acme.example"),
            ("[help@acme.example](mailto:help@acme.example)", "acme.example"),
            ("https://m\u{FC}ller.test/", "m\u{FC}ller.test"),
            ("https://пример.рф", "пример.рф"),
            ("http://10.0.0.1:8080/", "10.0.0.1"),
            ("ssh://git@acme.example/repo", "acme.example"),
            ("https://track.acme.example/1", "acme.example"),
        ];
        for (text, real_host) in cases {
            assert_eq!(judged(text, &["acme.example"]), (None, real_host.to_owned()), "{text}");
        }
        for text in ["no link", "://", "a://", "[a](b)", "awww. look", "x@www.acme.example", "<a>", "]("] {
            assert_eq!(links(text, &[]), [], "{text}");
        }
    }

    #[test]
    fn links_come_in_order_with_their_line_and_what_they_look_like() {
        let text = "a\nhttps://one.test https://acme.example@two.test\n\n[x](http://three.test)";
        let links = links(text, &[]);
        let lines: Vec<_> = links.iter().map(|link| (link.line, link.host.to_string())).collect();
        assert_eq!(lines, [(1, "one.test".into()), (1, "two.test".into()), (3, "three.test".into())]);
        assert_eq!(links[1].looks_like, Some(SafeLine::label("acme.example")));
        assert_eq!(links[2].shown, SafeLine::label("x"));
    }
}
