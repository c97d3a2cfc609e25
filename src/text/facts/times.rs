//! Times of day: `14:30`, `2 pm`, `14 Uhr`, `14h30`, `14時30分`, and words such as `noon`.

use super::numerals::Numeral;
use super::read::{Found, Reading};
use super::tokens::{Token, Window};
use super::value::Value;
use super::{spelled, words};
use crate::text::FactKind;

/// The time that begins with the next token.
pub(super) fn read(window: &Window<'_>) -> Option<Reading> {
    let first = window.get(0)?;
    if words::named_time(&first.word()).is_some() {
        let stands_alone = !window.text()[..first.start].ends_with(['-', '\'', '’'])
            && !window.text()[first.end()..].starts_with(['-', '\'', '’']);
        let minutes = words::named_time(&first.word()).filter(|_| stands_alone)?;
        return Reading::of(Found::new(
            first.start..first.end(),
            FactKind::Time,
            vec![Value::Time { minutes, either: false }],
        ));
    }
    if first.is_letters() {
        let spelled = spelled::read(window).filter(|spelled| spelled.value < 24)?;
        let end = marker(window, spelled.tokens)?;
        return Reading::of(Found::new(first.start..end, FactKind::Time, vec![time(spelled.value, 0)]));
    }
    let numeral = Numeral::at(window, 0)?;
    let clock = clock(window, &numeral);
    let Some((values, end)) = clock else { return range(window, &numeral) };
    Reading::of(Found::new(first.start..end, FactKind::Time, values))
}

/// `9 bis 11 Uhr`, `9-17h`: the first number shares what makes a time of the second.
fn range(window: &Window<'_>, numeral: &Numeral) -> Option<Reading> {
    let start = window.get(0)?.start;
    if let [low, high] = numeral.groups.as_slice()
        && matches!(numeral.separators[0], '-' | '–')
    {
        let (low_hour, high_hour) = (hour(low)?, hour(high)?);
        let end = marker(window, numeral.tokens)?;
        let low = Found::new(numeral.places[0].clone(), FactKind::Time, vec![low_hour]);
        let high = Found::new(numeral.places[1].start..end, FactKind::Time, vec![high_hour]);
        return Some(Reading { found: vec![low, high], end });
    }
    if let [first @ (':' | '.'), '-' | '–', second] = numeral.separators.as_slice()
        && first == second
    {
        let end = marker(window, numeral.tokens);
        if *first == '.' && end.is_none() {
            return None;
        }
        let values = |hour, minute| Some(vec![minute_of(numeral.small(hour)?, numeral.small(minute)?)?]);
        let end = end.unwrap_or(numeral.end);
        let early = Found::new(start..numeral.places[1].end, FactKind::Time, values(0, 1)?);
        let late = Found::new(numeral.places[2].start..end, FactKind::Time, values(2, 3)?);
        return Some(Reading { found: vec![early, late], end });
    }
    let next = window.get(numeral.tokens).filter(|next| next.is_on_the_line())?;
    let connects = next.is_sign("-–—〜~") || words::makes_range(&window.word_before(), &next.word());
    let other = Numeral::at(window, numeral.tokens + 1).filter(|_| connects)?;
    other.single().and_then(hour)?;
    marker(window, numeral.tokens + 1 + other.tokens)?;
    Reading::of(Found::new(start..numeral.end, FactKind::Time, vec![hour(numeral.single()?)?]))
}

fn hour(digits: &str) -> Option<Value> {
    let hour: u16 = digits.parse().ok().filter(|hour| digits.len() <= 2 && *hour < 24)?;
    Some(time(hour, 0))
}

fn minute_of(hour: u16, minute: u16) -> Option<Value> {
    (hour < 24 && minute < 60).then(|| time(hour, minute))
}

/// A time on a clock of twelve hours or of twenty-four: nobody wrote which.
fn time(hour: u16, minute: u16) -> Value {
    Value::Time { minutes: hour * 60 + minute, either: (1..=12).contains(&hour) }
}

/// `Uhr`, `h` and their like at the token `at`: where it ends.
fn marker(window: &Window<'_>, at: usize) -> Option<usize> {
    let token = window.get(at).filter(|token| token.is_on_the_line())?;
    let word = token.word();
    if word == "o" && window.get(at + 1).is_some_and(|sign| sign.is_sign("'’")) {
        return window.get(at + 2).filter(|clock| clock.word() == "clock").map(|clock| clock.end());
    }
    if let Some((_, end)) = half_of_day(window, at) {
        return Some(end);
    }
    if word.starts_with('時') {
        return Some(token.start + '時'.len_utf8());
    }
    (words::follows_time(&word) || word == "h").then_some(token.end())
}

/// `am`, `pm`, `a.m.`, `p. m.`: whether it is the later half, and where it ends.
fn half_of_day(window: &Window<'_>, at: usize) -> Option<(bool, usize)> {
    let token = window.get(at).filter(|token| token.is_on_the_line())?;
    match token.word().as_str() {
        "am" => return Some((false, token.end())),
        "pm" => return Some((true, token.end())),
        _ => {}
    }
    let later = match token.word().as_str() {
        "a" => false,
        "p" => true,
        _ => return None,
    };
    let stop = |n: usize| window.get(at + n).is_some_and(|token| token.joins() && token.is_sign("."));
    let m = window.get(at + 2).filter(|m| stop(1) && m.word() == "m")?;
    let end = if stop(3) { window.get(at + 3)?.end() } else { m.end() };
    Some((later, end))
}

fn clock(window: &Window<'_>, numeral: &Numeral) -> Option<(Vec<Value>, usize)> {
    let hour = numeral.small(0).filter(|hour| *hour < 24 && numeral.groups[0].len() <= 2)?;
    match numeral.groups.len() {
        1 => whole_hour(window, numeral, hour),
        2 | 3 => with_minutes(window, numeral, hour),
        _ => None,
    }
}

fn whole_hour(window: &Window<'_>, numeral: &Numeral, hour: u16) -> Option<(Vec<Value>, usize)> {
    if let Some((later, end)) = half_of_day(window, 1).filter(|_| (1..=12).contains(&hour)) {
        // German `10 am Montag`: the word belongs to what follows.
        let belongs_to_next = !window.get(1)?.joins() && window.get(1)?.text == "am" && is_german_am(window);
        return (!belongs_to_next).then(|| (vec![half(hour, 0, later)], end));
    }
    let before = window.word_before();
    let next = window.get(1);
    let letter = next.filter(|token| token.is_on_the_line()).map(|token| token.word()).unwrap_or_default();
    if letter == "h" {
        let minute =
            window.get(2).filter(|minute| minute.is_digits() && minute.text.len() == 2 && minute.is_on_the_line());
        if let Some(minute) = minute
            && let Some(minutes) = minute.text.parse::<u16>().ok().filter(|minutes| *minutes < 60)
        {
            return Some((vec![time(hour, minutes)], minute.end()));
        }
        // `in 3 h` is a duration.
        let is_time = words::precedes_time(&before)
            || words::is_among(&before, "avant après dès jusqu até de desde até trước sau");
        return (is_time || hour >= 7).then(|| (vec![time(hour, 0)], next.map_or(numeral.end, |next| next.end())));
    }
    if let Some(end) = marker(window, 1) {
        let minute =
            window.get(2).filter(|minute| minute.is_digits() && minute.text.len() <= 2 && minute.is_on_the_line());
        let is_minute = |n: usize| window.get(n).is_some_and(|token| token.text.starts_with('分'));
        if let Some(minute) = minute
            && (is_minute(3) || letter == "uhr" && minute.text.len() == 2)
            && let Some(minutes) = minute.text.parse::<u16>().ok().filter(|minutes| *minutes < 60)
        {
            let end = if is_minute(3) { minute.end() + '分'.len_utf8() } else { minute.end() };
            return Some((vec![time(hour, minutes)], end));
        }
        return Some((vec![time(hour, 0)], end));
    }
    let counts_something =
        next.is_some_and(|next| next.is_letters() && next.is_on_the_line() && !words::opens_no_noun(&next.word()));
    // `à 12` and `a 12` say too little, `at 9` and `saat 9` enough.
    let is_time = words::precedes_time(&before) && !words::is_among(&before, "à às о");
    (is_time && !counts_something).then(|| (vec![time(hour, 0)], numeral.end))
}

fn is_german_am(window: &Window<'_>) -> bool {
    let capital = |token: Token<'_>| token.is_letters() && token.text.starts_with(char::is_uppercase);
    window.get(2).is_some_and(|next| next.is_digits() || capital(next) && next.text.ends_with("tag"))
}

fn with_minutes(window: &Window<'_>, numeral: &Numeral, hour: u16) -> Option<(Vec<Value>, usize)> {
    let minutes = numeral.small(1).filter(|minutes| *minutes < 60 && numeral.groups[1].len() == 2)?;
    let is_three = numeral.groups.len() == 3;
    let half = half_of_day(window, numeral.tokens).filter(|_| (1..=12).contains(&hour) && !is_three);
    let marked = marker(window, numeral.tokens);
    let is_time = match (numeral.separators[0], is_three) {
        (':', false) => true,
        (':', true) => numeral.separators[1] == ':',
        ('.', false) => marked.is_some() || words::precedes_time(&window.word_before()),
        _ => false,
    };
    if !is_time {
        return None;
    }
    Some(match half {
        Some((later, end)) => (vec![self::half(hour, minutes, later)], end),
        None => (vec![time(hour, minutes)], marked.unwrap_or(numeral.end)),
    })
}

fn half(hour: u16, minutes: u16, later: bool) -> Value {
    Value::Time { minutes: (hour % 12 + if later { 12 } else { 0 }) * 60 + minutes, either: false }
}
