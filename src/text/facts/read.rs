//! Finds what reads as a fact in a text, from its beginning to its end.

use std::ops::Range;

use super::tokens::{Token, Window};
use super::value::Value;
use super::{addresses, codes, dates, quantities, spelled, times, words};
use crate::text::FactKind;

/// One fact, or what may bear one out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// In bytes of the text.
    pub(super) at: Range<usize>,
    /// None: too common to be doubted, as `3` in `3 cards`, though it may be what somebody refers to.
    pub(super) kind: Option<FactKind>,
    /// Every value it can be read as.
    pub(super) values: Vec<Value>,
}

impl Found {
    pub(super) fn new(at: Range<usize>, kind: FactKind, values: Vec<Value>) -> Found {
        Found { at, kind: Some(kind), values }
    }
}

/// What was read at one place, and where reading goes on.
pub(super) struct Reading {
    pub(super) found: Vec<Found>,
    pub(super) end: usize,
}

impl Reading {
    pub(super) fn of(found: Found) -> Option<Reading> {
        let end = found.at.end;
        Some(Reading { found: vec![found], end })
    }
}

/// Hands over what is found, in the order of the text. What stands inside an address comes after the address.
pub(super) fn scan(text: &str, found: &mut impl FnMut(Found)) {
    let mut window = Window::new(text);
    while let Some(first) = window.get(0) {
        match read(&window, first) {
            Some(reading) => {
                let address = reading.found.first().filter(|found| is_link(found)).map(|found| found.at.clone());
                reading.found.into_iter().for_each(&mut *found);
                if let Some(at) = address {
                    identifiers_inside(&text[at.clone()], at.start, found);
                }
                window.advance_to(reading.end);
            }
            None => window.advance_to(0),
        }
    }
}

fn read(window: &Window<'_>, first: Token<'_>) -> Option<Reading> {
    let reading = addresses::read(window);
    if reading.is_some() || !may_begin_a_fact(window, first) {
        return reading;
    }
    quantities::read(window)
        .or_else(|| times::read(window))
        .or_else(|| dates::read(window))
        .or_else(|| codes::read(window))
}

/// Most words are none: a fact without a digit near its beginning is a named time.
fn may_begin_a_fact(window: &Window<'_>, first: Token<'_>) -> bool {
    if !first.is_letters() {
        return true;
    }
    let is_digits = |n| window.get(n).is_some_and(|token| token.is_digits());
    // `Nov. 17`, `US$ 5`, `ST-A-4402`
    let is_joined = window.get(1).is_some_and(|next| next.joins());
    if is_digits(1) || is_digits(2) || is_joined && (is_digits(3) || is_digits(4)) {
        return true;
    }
    let word = first.word();
    words::named_time(&word).is_some() || spelled::is_number(&word)
}

fn is_link(found: &Found) -> bool {
    matches!(found.kind, Some(FactKind::Link | FactKind::Place))
}

/// The host of a link may be the right one and its path another customer's.
fn identifiers_inside(address: &str, offset: usize, found: &mut impl FnMut(Found)) {
    let host = address.find("://").map_or(0, |at| at + 3);
    let Some(path) = address[host..].find(['/', '?', '#']).map(|at| host + at) else { return };
    let mut window = Window::new(&address[path..]);
    while window.get(0).is_some() {
        let Some(reading) = codes::read(&window) else {
            window.advance_to(0);
            continue;
        };
        let from = offset + path;
        reading.found.into_iter().filter(|inside| inside.kind.is_some() && inside.at.len() >= 5).for_each(|inside| {
            found(Found { at: inside.at.start + from..inside.at.end + from, kind: Some(FactKind::Number), ..inside });
        });
        window.advance_to(reading.end);
    }
}
