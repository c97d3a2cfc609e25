//! Dates in national forms: `17 Nov`, `17. November 2026`, `Nov 17th`, `17/11`, `2026-11-17`, `11月17日`, `the 16th`.

use super::numerals::Numeral;
use super::read::{Found, Reading};
use super::tokens::{Token, Window};
use super::value::Value;
use super::words;
use crate::text::FactKind;

/// The date that begins with the next token.
pub(super) fn read(window: &Window<'_>) -> Option<Reading> {
    let first = window.get(0)?;
    if first.is_letters() {
        return month_first(window, first);
    }
    let numeral = Numeral::at(window, 0)?;
    east_asian(window, &numeral)
        .or_else(|| day_first(window, &numeral))
        .or_else(|| in_figures(window, &numeral))
        .or_else(|| lone_day(window, &numeral))
}

/// `November 17th, 2026`, `Nov 17`, `March 2026`.
fn month_first(window: &Window<'_>, first: Token<'_>) -> Option<Reading> {
    let month = words::month(&first.word())?;
    let mut at = 1;
    if window.get(at)?.is_sign(".") {
        at += 1;
    }
    if words::links_date(&window.get(at)?.word()) {
        at += 1;
    }
    let numeral = Numeral::at(window, at)?;
    if let Some(year) = whole_year(numeral.single()?) {
        return found(first.start, numeral.end, vec![Value::MonthOf { month, year }]);
    }
    let day = day(numeral.single()?).filter(|_| words::precedes_its_day(&first.word()))?;
    // `de mayo 5 tarjetas` and `May 5 people`: something is counted.
    let (mut end, mut next) = (numeral.end, at + numeral.tokens);
    if let Some(suffix) = ordinal_suffix(window, next) {
        (end, next) = (suffix, next + 1);
    } else if at > 1 && words::links_date(&window.get(at - 1)?.word()) {
        return None;
    }
    let (year, end) = year_at(window, next, end);
    found(first.start, end, vec![Value::Date { day, month, year }])
}

/// `17. November 2026`, `17 de noviembre`, `3. bis 5. November`.
fn day_first(window: &Window<'_>, numeral: &Numeral) -> Option<Reading> {
    let start = window.get(0)?.start;
    if let [low, high] = numeral.groups.as_slice()
        && matches!(numeral.separators[0], '-' | '–' | '/')
    {
        let (low_day, high_day) = (day(low)?, day(high)?);
        let (month, year, end) = month_at(window, numeral.tokens)?;
        let date = |day| vec![Value::Date { day, month, year }];
        let low = Found::new(numeral.places[0].clone(), FactKind::Date, date(low_day));
        let high = Found::new(numeral.places[1].start..end, FactKind::Date, date(high_day));
        return Some(Reading { found: vec![low, high], end });
    }
    let day = day(numeral.single()?)?;
    if let Some((month, year, end)) = month_at(window, numeral.tokens) {
        return found(start, end, vec![Value::Date { day, month, year }]);
    }
    let mut at = numeral.tokens;
    if window.get(at).is_some_and(|stop| stop.joins() && stop.is_sign(".")) {
        at += 1;
    }
    let connector = window.get(at)?;
    let connects =
        connector.is_sign("-–—") || words::is_among(&connector.word(), "to and bis und au et al y e a tot en do i");
    let other = Numeral::at(window, at + 1).filter(|other| connects && other.single().and_then(self::day).is_some())?;
    let (month, year, _) = month_at(window, at + 1 + other.tokens)?;
    found(start, numeral.end, vec![Value::Date { day, month, year }])
}

/// A month at the token `at`, behind what may stand between a day and its month; with its year and where it ends.
fn month_at(window: &Window<'_>, at: usize) -> Option<(u8, Option<u16>, usize)> {
    let mut at = at;
    if ordinal_suffix(window, at).is_some() || window.get(at)?.is_sign(".º°ª") {
        at += 1;
    }
    if words::links_date(&window.get(at)?.word()) {
        at += 1;
        // `d'octobre`, `de l'`
        if window.get(at)?.is_sign("'’") {
            at += 1;
        }
    }
    let name = window.get(at)?;
    // Vietnamese numbers its months.
    if name.word() == "tháng" {
        let number = Numeral::at(window, at + 1)?;
        let month = month(number.single()?)?;
        let (year, end) = year_at(window, at + 1 + number.tokens, number.end);
        return Some((month, year, end));
    }
    let month = words::month(&name.word())?;
    let mut next = at + 1;
    if window.get(next).is_some_and(|stop| stop.joins() && stop.is_sign(".")) {
        next += 1;
    }
    let (year, end) = year_at(window, next, name.end());
    Some((month, year, end))
}

/// A year at the token `at`, behind a comma, `de` or `năm`; else the date ends where it did.
fn year_at(window: &Window<'_>, at: usize, end: usize) -> (Option<u16>, usize) {
    let skips = window
        .get(at)
        .is_some_and(|token| token.is_sign(",'’") || words::links_date(&token.word()) || token.word() == "năm");
    let numeral = Numeral::at(window, at + usize::from(skips));
    let year = numeral.as_ref().and_then(Numeral::single).and_then(whole_year);
    match (year, numeral) {
        (Some(year), Some(numeral)) => (Some(year), numeral.end),
        _ => (None, end),
    }
}

/// `st`, `nd`, `rd`, `th` and what other languages hang on a day: where it ends.
fn ordinal_suffix(window: &Window<'_>, at: usize) -> Option<usize> {
    let token = window.get(at).filter(|token| token.joins())?;
    words::is_among(&token.word(), "st nd rd th er e de ste го").then_some(token.end())
}

/// `2026年11月17日`, `11月17日`, `5日`.
fn east_asian(window: &Window<'_>, numeral: &Numeral) -> Option<Reading> {
    let start = window.get(0)?.start;
    let sign =
        |at: usize, sign: char| window.get(at).filter(|token| token.is_letters() && token.text.starts_with(sign));
    let (mut at, mut number) = (numeral.tokens, numeral.single()?.to_owned());
    let mut year_there = None;
    if sign(at, '年').is_some() {
        year_there = Some(whole_year(&number)?);
        let next = Numeral::at(window, at + 1)?;
        (number, at) = (next.single()?.to_owned(), at + 1 + next.tokens);
    }
    if let Some(month_sign) = sign(at, '月') {
        let month = month(&number)?;
        let next = Numeral::at(window, at + 1).filter(|next| sign(at + 1 + next.tokens, '日').is_some());
        let Some(next) = next else {
            let year = year_there?;
            return found(start, month_sign.start + '月'.len_utf8(), vec![Value::MonthOf { month, year }]);
        };
        let end = sign(at + 1 + next.tokens, '日')?.start + '日'.len_utf8();
        return found(start, end, vec![Value::Date { day: day(next.single()?)?, month, year: year_there }]);
    }
    // `5日間` and `2〜3日` are durations.
    let is_duration = |sign: &Token<'_>| sign.text.chars().nth(1).is_some_and(|next| "間以後ほ前か目".contains(next));
    let ends_range = window.behind(1).is_some_and(|token| token.is_sign("〜~-–"));
    let sign = sign(at, '日').filter(|sign| !is_duration(sign) && !ends_range && year_there.is_none())?;
    found(start, sign.start + '日'.len_utf8(), vec![Value::Day(day(&number)?)])
}

/// `17.11.2026`, `17.11.`, `2026-11-17`, `17/11`, `09/29`.
fn in_figures(window: &Window<'_>, numeral: &Numeral) -> Option<Reading> {
    let start = window.get(0)?.start;
    let separator = *numeral.separators.first()?;
    if !numeral.is_separated_by(separator) || !matches!(separator, '.' | '/' | '-' | '–') {
        return None;
    }
    let groups: Vec<&str> = numeral.groups.iter().map(String::as_str).collect();
    match groups.as_slice() {
        [first, second, third] => {
            let values = three_parts(first, second, third);
            (!values.is_empty()).then(|| found(start, numeral.end, values))?
        }
        [first, second] => two_parts(window, numeral, first, second),
        _ => None,
    }
}

fn three_parts(first: &str, second: &str, third: &str) -> Vec<Value> {
    let date = |day_part: &str, month_part: &str, year_part: &str| {
        Some(Value::Date { day: day(day_part)?, month: month(month_part)?, year: Some(year(year_part)?) })
    };
    if first.len() == 4 {
        return date(third, second, first).into_iter().collect();
    }
    // `03/04/2026` is either; who knows the conversation knows which.
    date(first, second, third).into_iter().chain(date(second, first, third).filter(|_| first != second)).collect()
}

fn two_parts(window: &Window<'_>, numeral: &Numeral, first: &str, second: &str) -> Option<Reading> {
    let start = window.get(0)?.start;
    let date = |day_part: &str, month_part: &str| {
        Some(Value::Date { day: day(day_part)?, month: month(month_part)?, year: None })
    };
    let mut values: Vec<Value> = date(first, second).into_iter().collect();
    let separator = numeral.separators[0];
    let stop = window.get(numeral.tokens).filter(|stop| stop.joins() && stop.is_sign("."));
    let before = window.word_before();
    let has_zero = first.starts_with('0') || second.starts_with('0');
    let is_date = match separator {
        '/' => {
            values.extend(date(second, first).filter(|_| first != second));
            if let (Some(month), true) = (month(first), second.len() == 2)
                && let Some(year) = year(second)
            {
                values.push(Value::MonthOf { month, year });
            }
            let ratio = matches!((first, second), ("24", "7") | ("50", "50"));
            !ratio
                && (has_zero || words::precedes_date(&before) || first.len() + second.len() == 4 && second.len() == 2)
        }
        '.' => {
            let goes_on = |token: Token<'_>| token.text.starts_with(char::is_lowercase) || token.is_sign(",;)-–:");
            let is_cut_off = stop.is_some() && window.get(numeral.tokens + 1).is_some_and(goes_on);
            // A price has two digits behind the point as well.
            let is_day = first.len() <= 2 && second.len() <= 2;
            is_day
                && (is_cut_off
                    || stop.is_some() && words::precedes_date(&before)
                    || words::precedes_day(&before) && has_zero)
        }
        _ => first.len() == 2 && second.len() == 2 && words::precedes_date(&before) && day(first) > month(second),
    };
    if values.is_empty() {
        return None;
    }
    let end = stop.filter(|_| separator == '.').map_or(numeral.end, |stop| stop.end());
    if is_date {
        return found(start, end, values);
    }
    // A price or a share as well as a date: all of it may be what the other text means.
    if separator != '.' {
        return Reading::of(Found { at: start..numeral.end, kind: None, values });
    }
    let decimals = numeral.decimals();
    let kind = if second.len() == 2 { FactKind::Amount } else { FactKind::Number };
    values.extend(decimals.into_iter().map(Value::Plain));
    if let (Some(hour), Some(minute)) = (numeral.small(0).filter(|hour| *hour < 24), numeral.small(1)) {
        values.push(Value::Time { minutes: hour * 60 + minute, either: hour <= 12 });
    }
    Reading::of(Found::new(start..numeral.end, kind, values))
}

/// `the 16th`, `am 12.`, `el día 12`, `le 1er`, `dia 12`, `il 6`.
fn lone_day(window: &Window<'_>, numeral: &Numeral) -> Option<Reading> {
    let day = day(numeral.single()?)?;
    let start = window.get(0)?.start;
    let before = window.word_before();
    let follows_article = words::precedes_day(&before) && window.get(0)?.is_on_the_line();
    let suffix = ordinal_suffix(window, numeral.tokens);
    let stop = window.get(numeral.tokens).filter(|stop| stop.joins() && stop.is_sign("."));
    let next = window.get(numeral.tokens + usize::from(suffix.is_some() || stop.is_some()));
    let is_bare = suffix.is_none() && stop.is_none();
    if is_bare && next.is_some_and(|next| next.is_digits() && next.is_on_the_line()) {
        // `au 09 69 00 45 67`
        return None;
    }
    let in_clause = next.filter(|next| next.is_letters() && next.is_on_the_line());
    let counts_something = in_clause.is_some_and(|next| !words::opens_no_noun(&next.word()));
    let is_english = suffix.is_some_and(|_| window.get(numeral.tokens).is_some_and(|token| is_english_suffix(token)));
    let names_day = words::is_among(&before, "día dia giorno يوم ngày dnia");
    let ordinary = match (suffix, stop) {
        (Some(_), _) => follows_article || is_english && day_of_week_before(window),
        (None, Some(_)) => words::is_among(&before, "am vom zum bis ab seit dem den"),
        (None, None) => names_day || words::is_among(&before, "el le il l al au du dal"),
    };
    let value = vec![Value::Day(day)];
    let end = suffix.unwrap_or(numeral.end);
    if ordinary && !counts_something && !super::quantities::is_unit(window, numeral.tokens) {
        return Reading::of(Found::new(start..end, FactKind::Date, value));
    }
    let may_be_meant = follows_article || is_english;
    let values = vec![Value::Day(day), Value::Plain(day.to_string())];
    may_be_meant.then(|| Reading::of(Found { at: start..end, kind: None, values }))?
}

fn is_english_suffix(token: Token<'_>) -> bool {
    words::is_among(&token.word(), "st nd rd th")
}

fn day_of_week_before(window: &Window<'_>) -> bool {
    words::is_weekday(&window.word_before())
}

fn found(start: usize, end: usize, values: Vec<Value>) -> Option<Reading> {
    Reading::of(Found::new(start..end, FactKind::Date, values))
}

fn day(digits: &str) -> Option<u8> {
    digits.parse().ok().filter(|day| digits.len() <= 2 && (1..=31).contains(day))
}

fn month(digits: &str) -> Option<u8> {
    digits.parse().ok().filter(|month| digits.len() <= 2 && (1..=12).contains(month))
}

/// `2026`, or `26` where the other parts leave no doubt that it is a year.
fn year(digits: &str) -> Option<u16> {
    let short = digits.parse::<u16>().ok().filter(|_| digits.len() == 2);
    short.map(|year| 2000 + year).or_else(|| whole_year(digits))
}

fn whole_year(digits: &str) -> Option<u16> {
    digits.parse().ok().filter(|year| digits.len() == 4 && (1900..2100).contains(year))
}
