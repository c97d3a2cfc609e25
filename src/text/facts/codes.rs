//! Numbers that identify or count: orders, accounts, cards, phone numbers, and bare numbers. Small cardinals, years and
//! list numbers are read too, because they bear out what others refer to, but nobody is asked to doubt them.

use super::numerals::Numeral;
use super::quantities;
use super::read::{Found, Reading};
use super::tokens::{Gap, Token, Window, digit};
use super::value::Value;
use super::words;
use crate::text::FactKind;

/// The most tokens a code or a phone number has.
const LONGEST: usize = 24;
/// How many words away the word `phone` still says what a number is.
const NEAR: usize = 8;

/// The number or code that begins with the next token.
pub(super) fn read(window: &Window<'_>) -> Option<Reading> {
    phone(window).or_else(|| code(window)).or_else(|| chain(window)).or_else(|| plain(window))
}

/// `+49 30 5550 100`, `(030) 555 0100`, `0171/2345678`.
fn phone(window: &Window<'_>) -> Option<Reading> {
    let first = window.get(0)?;
    let begins = first.is_sign("+(") && window.get(1).is_some_and(|token| token.joins() && token.is_digits())
        || first.is_sign("+") && window.get(1).is_some_and(|token| token.is_sign("("))
        || first.is_digits() && first.text.starts_with('0');
    if !begins || first.joins() && window.behind(1).is_some_and(|token| token.is_letters() && token.is_ascii_letters())
    {
        return None;
    }
    let groups = Groups::gather(window, 0, "-–./()", Gap::Space)?;
    let digits = groups.digits.concat();
    let international = first.is_sign("+") || digits.starts_with("00");
    let enough = if international || first.is_sign("(") { 7 } else { 8 };
    let is_number = (enough..=15).contains(&digits.len())
        && (international
            || first.is_sign("(")
            || groups.digits.len() > 1
            || speaks_of_phones(window)
            || digits.len() >= 10);
    if !is_number {
        return None;
    }
    let start = first.start;
    Reading::of(Found::new(start..groups.end, FactKind::Phone, phone_values(&groups.digits, international)))
}

fn phone_values(groups: &[String], international: bool) -> Vec<Value> {
    let digits = groups.concat();
    let digits_only = Value::Digits(groups.to_vec());
    let bare = if international {
        digits.strip_prefix("00").unwrap_or(&digits).to_owned()
    } else {
        digits.strip_prefix('0').unwrap_or(&digits).to_owned()
    };
    vec![Value::Phone { international, digits: bare }, digits_only]
}

/// Letters and digits together: `AC-7740-2219`, `DE02 1203 0000`, `7F-22-K901`; and digits with strokes: `2026/11/0042`.
fn code(window: &Window<'_>) -> Option<Reading> {
    let first = window.get(0)?;
    let is_begin = |token: Token<'_>| token.is_digits() || token.is_ascii_letters();
    let follows_code =
        first.joins() && window.behind(1).is_some_and(|before| before.is_ascii_letters() || before.is_digits());
    if !is_begin(first) || follows_code {
        return None;
    }
    let (mut whole, mut digits, mut letters) = (String::new(), Vec::new(), Vec::new());
    let (mut end, mut tokens) = (first.end(), 0);
    while tokens < LONGEST {
        let Some(token) = window.get(tokens).filter(|token| tokens == 0 || token.joins()) else { break };
        if is_begin(token) {
            match token.is_digits() {
                true => digits.push(token.text.chars().filter_map(digit).collect::<String>()),
                false => letters.push(token.text),
            }
            whole.extend(token.text.chars().map(|c| digit(c).unwrap_or(c.to_ascii_uppercase())));
            (end, tokens) = (token.end(), tokens + 1);
        } else if token.is_sign("-_/–") && window.get(tokens + 1).is_some_and(|next| next.joins() && is_begin(next)) {
            tokens += 1;
        } else {
            break;
        }
    }
    if letters.is_empty() || digits.is_empty() {
        return None;
    }
    let count: usize = digits.iter().map(String::len).sum();
    // `post-1990`, `A4-Blatt` and `500g`: a word or a unit stands beside a number.
    let is_word = |letters: &&str| letters.len() > 3 && letters.chars().any(|c| c.is_ascii_lowercase());
    let is_measure = first.is_digits()
        && letters.len() == 1
        && digits.len() == 1
        && letters[0].chars().any(|c| c.is_ascii_lowercase());
    if letters.iter().any(is_word) || is_measure {
        return None;
    }
    // `DE02 1203 0000 0000 2020 51`, `GB29 NWBK 6016 1331 9268 19`
    if letters.len() == 1 && letters[0].len() == 2 && digits.len() == 1 && count == 2 {
        let groups = account_groups(window, tokens);
        if groups.len() >= 3 {
            end = groups.last().map_or(end, Token::end);
            whole.extend(groups.iter().map(|group| group.text));
            digits.extend(groups.iter().filter(|group| group.is_digits()).map(|group| group.text.to_owned()));
        }
    }
    let count: usize = digits.iter().map(String::len).sum();
    let is_capital = letters.iter().all(|letters| letters.chars().all(|c| c.is_ascii_uppercase()));
    let identifies = count >= 3 || count == 2 && is_capital && whole.len() >= 5 && letters.len() > 1;
    let value = Value::Code { whole, digits };
    Reading::of(Found { at: first.start..end, kind: identifies.then_some(FactKind::Number), values: vec![value] })
}

/// The groups of four in which the number of an account is written.
fn account_groups<'a>(window: &Window<'a>, from: usize) -> Vec<Token<'a>> {
    let is_group = |token: &Token<'_>| {
        let is_short = token.text.is_ascii() && token.text.len() <= 4;
        is_short
            && matches!(token.gap, Gap::Space | Gap::Fixed)
            && (token.is_digits() || is_capital(token) && token.text.len() == 4)
    };
    let mut groups: Vec<Token<'a>> = (from..from + 8).map_while(|at| window.get(at)).take_while(is_group).collect();
    if let Some(short) = groups.iter().position(|group| group.text.len() < 4) {
        groups.truncate(short + 1);
    }
    groups
}

fn is_capital(token: &Token<'_>) -> bool {
    token.is_letters() && token.text.chars().all(|c| c.is_ascii_uppercase())
}

/// Digits in groups: `4000 0012 3456 7899`, `5521 0073`, `612 345 678`, `7740-2219`, `2026/11/0042`.
fn chain(window: &Window<'_>) -> Option<Reading> {
    let first = window.get(0).filter(|first| first.is_digits())?;
    let numeral = Numeral::at(window, 0)?;
    let counts = numeral.separators.iter().any(|separator| !matches!(separator, '-' | '–' | '/' | '_'));
    if counts && !(numeral.is_separated_by('.') && numeral.decimals().is_empty()) {
        return None;
    }
    let groups = Groups::gather(window, 0, "-–/_.", Gap::Space)?;
    let lengths: Vec<usize> = groups.digits.iter().map(String::len).collect();
    let count: usize = lengths.iter().sum();
    let (last, others) = lengths.split_last().filter(|(_, others)| !others.is_empty())?;
    let is_card = others.len() >= 2 && others.iter().all(|len| *len == 4) && *last <= 4;
    let is_pair = others.len() == 1 && others[0] >= 3 && *last >= 3 && count >= 7;
    let is_row = lengths.len() >= 3 && lengths.iter().all(|len| (2..=4).contains(len)) && count >= 8;
    // `774 012` and `4 711 208`, which may count as well as identify.
    let is_grouped = lengths[0] <= 3 && others[1..].iter().all(|len| *len == 3) && *last == 3 && (count >= 6);
    let spaced = is_card || is_pair || is_row || is_grouped;
    let groups = if spaced { groups } else { Groups::gather(window, 0, "-–/_.", Gap::None)? };
    let count: usize = groups.digits.iter().map(String::len).sum();
    let identifies = spaced || count >= 4 && groups.digits.iter().any(|group| group.len() >= 3) || groups.has_zeros();
    if groups.digits.len() < 2 {
        return None;
    }
    let mut values = vec![Value::Digits(groups.digits.clone())];
    if (7..=15).contains(&count) {
        values.extend(phone_values(&groups.digits, false));
    }
    if let Some(spaced) = Numeral::spaced_at(window, 0).filter(|spaced| spaced.end == groups.end) {
        values.extend(spaced.decimals().into_iter().map(Value::Plain));
    }
    // `4471.22.019` and `2026/11/0042` are no numbers that people dial.
    let is_dialled = is_row && !is_card && !window.text()[first.start..groups.end].contains(['.', '/', '_']);
    let is_phone = (7..=13).contains(&count) && speaks_of_phones(window) || is_dialled && (9..=11).contains(&count);
    let kind = if is_phone { FactKind::Phone } else { FactKind::Number };
    Reading::of(Found { at: first.start..groups.end, kind: identifies.then_some(kind), values })
}

/// Any other number.
fn plain(window: &Window<'_>) -> Option<Reading> {
    let start = window.get(0).filter(|first| first.is_digits())?.start;
    let numeral = Numeral::at(window, 0)?;
    let decimals = numeral.decimals();
    let mut values: Vec<Value> = decimals.iter().cloned().map(Value::Plain).collect();
    let Some(digits) = numeral.single() else {
        let is_price = numeral.groups.last().is_some_and(|last| last.len() == 2);
        let kind = if is_price { FactKind::Amount } else { FactKind::Number };
        if values.is_empty() {
            // `16:9`, `1-2`, `1/3`: its parts bear out nothing, and nobody doubts them.
            return Reading::of(Found { at: start..numeral.end, kind: None, values });
        }
        return Reading::of(Found::new(start..numeral.end, kind, values));
    };
    // `1 800` may be one number in the other text.
    if let Some(spaced) = Numeral::spaced_at(window, 0) {
        values.extend(spaced.decimals().into_iter().map(Value::Plain));
    }
    let (before, next) = (window.word_before(), window.get(numeral.tokens));
    let is_named = words::precedes_identifier(&before) || window.behind(1).is_some_and(|token| token.is_sign("#№"));
    let is_year = digits.len() == 4 && matches!(&digits[..2], "19" | "20") && !is_named;
    let identifies = digits.len() >= 3 && !is_year || digits.len() >= 2 && is_named;
    let is_duration = next.is_some_and(|next| next.is_on_the_line() && words::is_time_unit(&next.word()));
    if is_duration && digits.len() < 3 || !identifies && is_list_number(window, next) {
        return Reading::of(Found { at: start..numeral.end, kind: None, values: Vec::new() });
    }
    if digits.len() >= 2 {
        values.push(Value::Digits(vec![digits.to_owned()]));
    }
    if (7..=15).contains(&digits.len()) {
        values.extend(phone_values(&[digits.to_owned()], false));
    }
    let kind = match digits.len() {
        7..=13 if speaks_of_phones(window) => FactKind::Phone,
        _ => FactKind::Number,
    };
    Reading::of(Found { at: start..numeral.end, kind: identifies.then_some(kind), values })
}

fn is_list_number(window: &Window<'_>, next: Option<Token<'_>>) -> bool {
    let begins_line = window.get(0).is_some_and(|first| first.gap == Gap::Line) || window.behind(1).is_none();
    begins_line && next.is_some_and(|next| next.joins() && next.is_sign(".)"))
}

fn speaks_of_phones(window: &Window<'_>) -> bool {
    (1..=NEAR).any(|n| window.behind(n).is_some_and(|token| words::speaks_of_phones(&token.word())))
}

/// Groups of digits with single signs or spaces between them.
struct Groups {
    digits: Vec<String>,
    end: usize,
}

impl Groups {
    /// Gathers from the token `at` on. Stops before a group that belongs to something else, such as an amount.
    fn gather(window: &Window<'_>, at: usize, signs: &str, widest: Gap) -> Option<Groups> {
        let mut groups = Groups { digits: Vec::new(), end: 0 };
        let is_international = window.get(at)?.is_sign("+");
        let mut next = at;
        while next < at + LONGEST {
            let Some(token) = window.get(next) else { break };
            let is_first = groups.digits.is_empty();
            if token.is_digits() {
                // A lone digit is part of nothing longer, but for the one behind a country.
                let fits =
                    is_first || token.gap <= widest && (is_international || token.joins() || token.text.len() > 1);
                // `(0)` behind a country is said only inside it.
                let is_trunk = token.text == "0" && window.get(next + 1).is_some_and(|sign| sign.is_sign(")"));
                let has_own_unit = !is_first && token.gap > Gap::None && belongs_elsewhere(window, next);
                if !fits || has_own_unit {
                    break;
                }
                if !is_trunk || is_first {
                    groups.digits.push(token.text.chars().filter_map(digit).collect());
                }
                groups.end = token.end();
            } else if token.is_sign(signs) && (is_international || !token.is_sign("("))
                || is_first && token.is_sign("+(")
            {
                let leads_on = window.get(next + 1).is_some_and(|after| {
                    (after.is_digits() || after.is_sign("(0"))
                        && (after.joins() || token.is_sign(")") && after.gap <= widest)
                });
                if !(token.joins() || is_first || token.is_sign("(") && token.gap <= widest) || !leads_on {
                    break;
                }
            } else {
                break;
            }
            next += 1;
        }
        (!groups.digits.is_empty()).then_some(groups)
    }

    /// `0042`: a number that counts has no zeros before it.
    fn has_zeros(&self) -> bool {
        self.digits.iter().any(|group| group.len() >= 3 && group.starts_with('0'))
    }
}

/// Whether the number at the token `at` is an amount, a time, a date or a duration of its own.
fn belongs_elsewhere(window: &Window<'_>, at: usize) -> bool {
    let follows = |n: usize| window.get(at + n).is_some_and(|token| token.is_digits());
    if follows(1) && follows(2) {
        // In the middle of a long row of groups.
        return false;
    }
    let Some(numeral) = Numeral::at(window, at) else { return false };
    let next = at + numeral.tokens;
    let word = window.get(next).filter(|token| token.is_on_the_line()).map(|token| token.word()).unwrap_or_default();
    let is_decimal = numeral.separators.iter().any(|separator| matches!(separator, ',' | ':' | '.'));
    quantities::is_unit(window, next)
        || numeral.separators.iter().any(|separator| matches!(separator, ',' | ':'))
        || is_decimal && numeral.digits() < 6
        || numeral.digits() <= 2 && words::is_time_unit(&word)
        || words::month(&word).is_some()
}
