//! Amounts of money and percentages: a number with its unit before or behind it, or both ends of a range with one unit.

use super::numerals::Numeral;
use super::read::{Found, Reading};
use super::tokens::Window;
use super::value::Value;
use super::{spelled, words};
use crate::text::FactKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Currency(&'static str),
    Percent,
}

/// The amount or percentage that begins with the next token.
pub(super) fn read(window: &Window<'_>) -> Option<Reading> {
    let first = window.get(0)?;
    if let Some((unit, used)) = unit_before(window)
        && window.get(used).is_some_and(|token| token.is_on_the_line())
    {
        let numeral = Numeral::spaced_at(window, used).filter(has_decimals).or_else(|| Numeral::at(window, used))?;
        return Reading::of(quantity(first.start..numeral.end, unit, numeral.decimals())?);
    }
    if first.is_letters() {
        let spelled = spelled::read(window)?;
        // `one $5 note`: the sign belongs to the figure behind it.
        window.get(spelled.tokens).filter(|unit| unit.is_letters())?;
        let (unit, end) = unit_after(window, spelled.tokens)?;
        return Reading::of(quantity(first.start..end, unit, vec![spelled.value.to_string()])?);
    }
    let whole = Numeral::at(window, 0)?;
    let spaced = Numeral::spaced_at(window, 0).filter(has_decimals);
    for numeral in spaced.into_iter().chain([whole]) {
        if let Some((unit, end)) = unit_after(window, numeral.tokens) {
            return with_unit(first.start, &numeral, unit, end);
        }
        if let Some(reading) = range(window, first.start, &numeral) {
            return Some(reading);
        }
    }
    None
}

/// Whether the token begins what makes a quantity of the number before it.
pub(super) fn is_unit(window: &Window<'_>, at: usize) -> bool {
    unit_after(window, at).is_some()
}

fn has_decimals(numeral: &Numeral) -> bool {
    !numeral.decimals().is_empty()
}

/// `10-15 %` is two percentages.
fn with_unit(start: usize, numeral: &Numeral, unit: Unit, end: usize) -> Option<Reading> {
    if let [low, high] = numeral.groups.as_slice()
        && matches!(numeral.separators[0], '-' | '–')
    {
        let low = quantity(numeral.places[0].clone(), unit, vec![low.clone()])?;
        let high = quantity(numeral.places[1].start..end, unit, vec![high.clone()])?;
        return Some(Reading { found: vec![low, high], end });
    }
    Reading::of(quantity(start..end, unit, numeral.decimals())?)
}

/// `5 to 10 €`: the first number shares the unit of the second, which is read after it.
fn range(window: &Window<'_>, start: usize, numeral: &Numeral) -> Option<Reading> {
    let next = window.get(numeral.tokens)?;
    let connects = next.is_sign("-–—〜~") || words::makes_range(&window.word_before(), &next.word());
    let other = Numeral::at(window, numeral.tokens + 1).filter(|_| connects && next.is_on_the_line())?;
    let (unit, _) = unit_after(window, numeral.tokens + 1 + other.tokens)?;
    Reading::of(quantity(start..numeral.end, unit, numeral.decimals())?)
}

fn quantity(at: std::ops::Range<usize>, unit: Unit, decimals: Vec<String>) -> Option<Found> {
    if decimals.is_empty() {
        return None;
    }
    let kind = if unit == Unit::Percent { FactKind::Percentage } else { FactKind::Amount };
    let value = |decimal| match unit {
        Unit::Percent => Value::Percentage(decimal),
        Unit::Currency(currency) => Value::Amount { decimal, currency },
    };
    Some(Found::new(at, kind, decimals.into_iter().map(value).collect()))
}

/// `€`, `EUR`, `US$`, `%` and `yüzde` before a number, with how many tokens that is.
fn unit_before(window: &Window<'_>) -> Option<(Unit, usize)> {
    let (first, next) = (window.get(0)?, window.get(1)?);
    if first.is_sign("%") {
        let follows_number = first.joins() && window.behind(1).is_some_and(|token| token.is_digits());
        return (next.is_digits() && next.joins() && !follows_number).then_some((Unit::Percent, 1));
    }
    if first.is_letters() && next.joins() && next.is_sign("$") && first.text.len() <= 2 {
        let currency = if first.text == "R" { "BRL" } else { "USD" };
        return Some((Unit::Currency(currency), 2));
    }
    if !next.is_digits() {
        // `Rs. 500`
        return None;
    }
    let word = first.word();
    if word == "yüzde" {
        return Some((Unit::Percent, 1));
    }
    let named = if first.is_letters() { words::is_currency_code(&word) } else { true };
    let name = if first.is_letters() { word.as_str() } else { first.text };
    words::currency(name).filter(|_| named).map(|currency| (Unit::Currency(currency), 1))
}

/// The unit that begins with the token `at`, and where it ends.
fn unit_after(window: &Window<'_>, at: usize) -> Option<(Unit, usize)> {
    let token = window.get(at).filter(|token| !token.is_digits())?;
    if token.is_sign("%٪％") {
        return Some((Unit::Percent, token.end()));
    }
    // `88,-` and `88,— €`
    if token.is_sign(",.") && window.get(at + 1).is_some_and(|dash| dash.joins() && dash.is_sign("-–—")) {
        return unit_after(window, at + 2);
    }
    let word = token.word();
    let next = window.get(at + 1);
    if let Some(tokens) = words::is_percent(&word, &next.map(|next| next.word()).unwrap_or_default()) {
        let last = window.get(at + tokens - 1)?;
        return Some((Unit::Percent, last.end()));
    }
    let name = if token.is_letters() { word.as_str() } else { token.text };
    let currency = words::currency(name).or_else(|| words::bent_currency(&word))?;
    // `50 $ 20`: the sign belongs to what it touches.
    let end = if word.starts_with('円') { token.start + '円'.len_utf8() } else { token.end() };
    Some((Unit::Currency(currency), end))
}
