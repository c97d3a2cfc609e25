//! When an agency works, in the words of people: `mon-fri 09:00-17:00`.
//!
//! The database reckons deadlines by them; here they are only read and written.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::job::UnknownWord;

/// When one agency works, by the clock on its own wall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessHours {
    pub agency: String,
    /// A name of the time zone database, such as `Europe/Berlin`.
    pub time_zone: String,
    /// The database can tell the time there. Where it cannot, deadlines run through the night, whatever the hours.
    pub zone_is_known: bool,
    /// In the order of the week. None at all: deadlines run through the night.
    pub hours: Vec<Span>,
    /// Days on which nobody works, earliest first.
    pub holidays: Vec<NaiveDate>,
}

impl BusinessHours {
    /// No hours are set, or nobody can say when they are: deadlines run day and night.
    pub fn runs_through_the_night(&self) -> bool {
        self.hours.is_empty() || !self.zone_is_known
    }
}

/// One span of one weekday. Written as the database reads it: `mon 09:00-17:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Span {
    /// Monday is 0.
    weekday: u8,
    /// Minutes since midnight.
    opens: u16,
    /// At most 24:00, the midnight that ends the day.
    closes: u16,
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const MIDNIGHT: u16 = 24 * 60;

/// Reads what a person types: days and their hours in turn, as in `mon-thu 09:00-12:00,13:00-17:00 fri 09:00-15:00`. The
/// error says which part is not understood, or that spans overlap.
pub fn parse(text: &str) -> Result<Vec<Span>, String> {
    let mut spans = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(days) = words.next() {
        let weekdays = weekdays(days).ok_or_else(|| format!("{days} is no day; days are mon, mon-fri or sat,sun"))?;
        let hours = words.next().ok_or_else(|| format!("{days} has no hours behind it, such as 09:00-17:00"))?;
        for part in hours.split(',') {
            let (opens, closes) = clocks(part).ok_or_else(|| {
                format!("{part} are no hours; write 09:00-17:00, and what goes past midnight as two, until 24:00")
            })?;
            spans.extend(weekdays.iter().map(|weekday| Span { weekday: *weekday, opens, closes }));
        }
    }
    spans.sort_unstable();
    match spans.windows(2).find(|pair| pair[0].weekday == pair[1].weekday && pair[0].closes > pair[1].opens) {
        Some(pair) => Err(format!("{} and {} overlap", pair[0], pair[1])),
        None if spans.is_empty() => Err("no hours are given; write mon-fri 09:00-17:00".to_owned()),
        None => Ok(spans),
    }
}

/// `mon`, `mon-fri`, also across the week's end, or several of them with commas.
fn weekdays(text: &str) -> Option<Vec<u8>> {
    let number = |name: &str| WEEKDAYS.iter().position(|day| *day == name).and_then(|at| u8::try_from(at).ok());
    let mut days = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            None => days.push(number(part)?),
            Some((first, last)) => {
                let (first, last) = (number(first)?, number(last)?);
                days.extend((0..=(last + 7 - first) % 7).map(|step| (first + step) % 7));
            }
        }
    }
    Some(days)
}

/// The two ends of a span, the second behind the first.
fn clocks(text: &str) -> Option<(u16, u16)> {
    let (opens, closes) = text.split_once('-')?;
    let (opens, closes) = (minutes(opens)?, minutes(closes)?);
    (opens < closes && closes <= MIDNIGHT).then_some((opens, closes))
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60).then_some(hour * 60 + minute)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Span { weekday, opens, closes } = self;
        let day = WEEKDAYS[usize::from(*weekday)];
        write!(f, "{day} {:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)
    }
}

impl FromStr for Span {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let read = || {
            let (day, hours) = text.split_once(' ')?;
            let [weekday] = weekdays(day)?[..] else { return None };
            clocks(hours).map(|(opens, closes)| Span { weekday, opens, closes })
        };
        read().ok_or(UnknownWord { what: "hours of a weekday" })
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

impl TryFrom<String> for Span {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, UnknownWord> {
        text.parse()
    }
}

/// Hours as a person would write them: days with the same hours together, `mon-fri 09:00-17:00, sat 10:00-14:00`.
pub fn in_words(spans: &[Span]) -> String {
    let of = |weekday: usize| -> String {
        let spans = spans.iter().filter(|span| usize::from(span.weekday) == weekday);
        let hours = spans.map(|span| span.to_string().split_off(4));
        hours.collect::<Vec<_>>().join(",")
    };
    let mut groups: Vec<(usize, usize, String)> = Vec::new();
    for (day, hours) in (0..7).map(|day| (day, of(day))).filter(|(_, hours)| !hours.is_empty()) {
        match groups.last_mut() {
            Some((_, last, same)) if *last + 1 == day && *same == hours => *last = day,
            _ => groups.push((day, day, hours)),
        }
    }
    let group = |(first, last, hours): &(usize, usize, String)| match first == last {
        true => format!("{} {hours}", WEEKDAYS[*first]),
        false => format!("{}-{} {hours}", WEEKDAYS[*first], WEEKDAYS[*last]),
    };
    groups.iter().map(group).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        parse(text).unwrap().iter().map(Span::to_string).collect()
    }

    #[test]
    fn days_and_hours_are_read_in_turn() {
        assert_eq!(written("mon-tue 09:00-17:00"), ["mon 09:00-17:00", "tue 09:00-17:00"]);
        assert_eq!(written("sat 13:00-24:00,08:00-12:30"), ["sat 08:00-12:30", "sat 13:00-24:00"]);
        assert_eq!(written("sun-mon,thu 00:00-06:00"), ["mon 00:00-06:00", "thu 00:00-06:00", "sun 00:00-06:00"]);
        assert_eq!(written("mon 09:00-10:00 mon 10:00-11:00").len(), 2, "one may begin where another ends");
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let cases = [
            ("", "no hours"),
            ("mon", "mon has no hours"),
            ("moon 09:00-17:00", "moon is no day"),
            ("mon 17:00-09:00", "17:00-09:00"),
            ("mon 09:00-09:00", "09:00-09:00"),
            ("mon 22:00-24:01", "22:00-24:01"),
            ("mon 09:60-17:00", "09:60-17:00"),
            ("mon 9-17", "9-17"),
            ("mon +9:00-17:00", "+9:00-17:00"),
            ("mon 09:00-12:00,11:59-13:00", "overlap"),
            ("mon-fri 09:00-17:00 wed 09:00-17:00", "overlap"),
        ];
        for (text, expected) in cases {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains(expected), "{text}: {refused}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for span in parse("mon-sun 00:00-24:00").unwrap() {
            assert_eq!(span.to_string().parse(), Ok(span));
        }
        for text in ["mon-tue 09:00-17:00", "mon 09:00", "mon", "Mon 09:00-17:00"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }

    #[test]
    fn neighbouring_days_with_the_same_hours_are_told_together() {
        let words = in_words(&parse("mon-thu 09:00-12:00,13:00-17:00 fri 09:00-15:00 sun 10:00-12:00").unwrap());
        assert_eq!(words, "mon-thu 09:00-12:00,13:00-17:00, fri 09:00-15:00, sun 10:00-12:00");
        assert_eq!(in_words(&[]), "");
    }
}
