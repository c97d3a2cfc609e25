//! A span of time as people write it: `45s`, `30m`, `2h`, `1d`, also together as in `1h30m`.

use std::time::Duration;

use super::job::UnknownWord;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A hundred years; longer is a mistake, and added to a date it could leave the calendar.
const LONGEST: u64 = 100 * 366 * 86_400;

/// Reads whole numbers with a unit each, the larger unit first. A number without a unit is refused.
pub fn parse(text: &str) -> Result<Duration, UnknownWord> {
    read(text).map(Duration::from_secs).ok_or(UnknownWord { what: "length of time, such as 45s, 30m, 2h or 1d" })
}

/// The shortest text that [`parse`] reads back; fractions of a second are dropped.
pub fn format(span: Duration) -> String {
    let mut left = span.as_secs();
    let mut text = String::new();
    for (unit, seconds) in UNITS {
        if left >= seconds {
            text.push_str(&format!("{}{unit}", left / seconds));
            left %= seconds;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

fn read(mut text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut units = UNITS.iter();
    if text.is_empty() {
        return None;
    }
    while !text.is_empty() {
        let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = text[..digits].parse().ok()?;
        let unit = text[digits..].chars().next()?;
        // Going on in the same iterator refuses a unit that is repeated or out of order.
        let (_, seconds) = units.find(|(letter, _)| *letter == unit)?;
        total = total.checked_add(number.checked_mul(*seconds)?)?;
        text = &text[digits + unit.len_utf8()..];
    }
    (total <= LONGEST).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_written_and_written_as_read() {
        for (text, seconds) in [("0s", 0), ("45s", 45), ("30m", 1800), ("1h30m", 5400), ("1d", 86_400)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(format(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        let far_too_long = format!("{}d", u64::MAX);
        for text in ["", "30", "m", "-5m", "5 m", "5M", "5m5m", "5s1h", "1.5h", "٣m", "999999d", far_too_long.as_str()]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
