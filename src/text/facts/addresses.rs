//! Links, e-mail addresses, and places one can click without a scheme: bare hosts and handles.

use super::read::{Found, Reading};
use super::tokens::Window;
use super::value::Value;
use crate::text::FactKind;
use crate::text::hosts::{self, Authority};

/// No address that people write is longer; the rest of a longer one is read as words.
const LONGEST: usize = 2048;
const LONGEST_NAME: usize = 320;

/// The address that begins with the next token.
pub(super) fn read(window: &Window<'_>) -> Option<Reading> {
    let first = window.get(0)?;
    let (text, from) = (window.text(), first.start);
    if first.is_sign("@") {
        return handle(window);
    }
    let is_word = first.is_letters() || first.is_digits();
    let is_begin = !text[..from].ends_with(|c: char| is_in_name(c) || c == '@');
    if !is_word || !is_begin {
        return None;
    }
    if is_scheme(window) || is_www(window) {
        return link(text, from);
    }
    let rest = &text[from..];
    let len = rest.char_indices().take(LONGEST_NAME + 1).find(|(_, c)| !is_in_name(*c) && *c != '@').map(|(at, _)| at);
    let len = len.or_else(|| (rest.len() <= LONGEST_NAME).then_some(rest.len()))?;
    let name = rest[..len].trim_end_matches(['.', '-', '_', '+', '%', '@']);
    match name.rsplit_once('@') {
        Some((local, host)) => email(from, name, local, host),
        None => bare_host(text, from, name),
    }
}

fn is_scheme(window: &Window<'_>) -> bool {
    let sign = |n: usize, sign: &str| window.get(n).is_some_and(|token| token.joins() && token.is_sign(sign));
    window.get(0).is_some_and(|first| first.is_ascii_letters()) && sign(1, ":") && sign(2, "/") && sign(3, "/")
}

fn is_www(window: &Window<'_>) -> bool {
    window.get(0).is_some_and(|first| first.text.eq_ignore_ascii_case("www"))
        && window.get(1).is_some_and(|token| token.joins() && token.is_sign("."))
}

fn link(text: &str, from: usize) -> Option<Reading> {
    let end = from + address_len(&text[from..]);
    let address = &text[from..end];
    let after_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = Authority::parse(after_scheme)?.host;
    Reading::of(Found::new(from..end, FactKind::Link, vec![host_value(&host)]))
}

fn email(from: usize, name: &str, local: &str, host: &str) -> Option<Reading> {
    let is_address = !local.is_empty() && !local.contains('@') && hosts::looks_like_host(host);
    let value = Value::Email(name.to_lowercase());
    is_address.then(|| Reading::of(Found::new(from..from + name.len(), FactKind::Email, vec![value])))?
}

fn bare_host(text: &str, from: usize, name: &str) -> Option<Reading> {
    let (_, ending) = name.rsplit_once('.')?;
    let has_path = text[from + name.len()..].starts_with('/');
    let is_ip = name.parse::<std::net::Ipv4Addr>().is_ok();
    let is_host = hosts::looks_like_host(&name.to_lowercase()) && (is_common_ending(ending) || has_path);
    if !is_ip && !is_host {
        return None;
    }
    let end = if has_path { from + address_len(&text[from..]) } else { from + name.len() };
    Reading::of(Found::new(from..end, FactKind::Place, vec![host_value(&name.to_lowercase())]))
}

fn handle(window: &Window<'_>) -> Option<Reading> {
    let (at, name) = (window.get(0)?, window.get(1)?);
    let stands_free = !window.text()[..at.start].ends_with(|c: char| c.is_alphanumeric() || c == '@');
    if !stands_free || !name.joins() || !name.is_ascii_letters() {
        return None;
    }
    let rest = &window.text()[name.start..];
    let is_in_handle = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let len = rest.find(|c| !is_in_handle(c)).unwrap_or(rest.len());
    let handle = rest[..len].trim_end_matches(['.', '_']);
    let long_enough = (3..=40).contains(&handle.len());
    let value = Value::Handle(handle.to_lowercase());
    long_enough.then(|| Reading::of(Found::new(at.start..name.start + handle.len(), FactKind::Place, vec![value])))?
}

fn host_value(host: &str) -> Value {
    Value::Host(hosts::deciding_part(host).to_owned())
}

/// How long an address is: up to white space or a quote, without the punctuation of the sentence around it.
fn address_len(rest: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || c.is_control() || "<>\"'`|{}[]«»“”„「」、。".contains(c);
    let mut ending = rest.char_indices().take(LONGEST);
    let len = ending.find(|(_, c)| ends(*c)).map(|(at, _)| at);
    let len = len.or_else(|| rest.char_indices().nth(LONGEST).map(|(at, _)| at)).unwrap_or(rest.len());
    rest[..len].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', ')']).len()
}

/// What names of hosts and the local parts of e-mail addresses consist of.
fn is_in_name(c: char) -> bool {
    c.is_alphanumeric() && !is_unspaced(c) || matches!(c, '.' | '-' | '_' | '+' | '%')
}

/// Letters that follow an address without a space.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}')
}

/// Whether a host may end so. `Danke.Mit` is two sentences without a space between them.
fn is_common_ending(ending: &str) -> bool {
    const ENDINGS: &str = "com net org info biz io app dev shop store online site xyz me co eu de at ch fr es it pt nl be pl tr jp \
                           uk us ua vn br mx ca au ie se no dk fi cz example test invalid bank cards help support рф укр";
    ENDINGS.split(' ').any(|known| known == ending || known.to_uppercase() == ending)
}
