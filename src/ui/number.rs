//! Counts as words.

/// A count as a column of `width` cells shows it: `·` for none, else grouped in thousands as far as there is room.
pub fn count(number: i64, width: usize) -> String {
    if number == 0 {
        return "·".to_owned();
    }
    [grouped(number), number.to_string()]
        .into_iter()
        .find(|words| words.len() <= width)
        .unwrap_or_else(|| rounded_down(number))
}

/// `12,345`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut words = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// `12k`, `3M`.
fn rounded_down(number: i64) -> String {
    let units = [(1_000_000_000, 'G'), (1_000_000, 'M'), (1_000, 'k')];
    let fitting = units.into_iter().find(|(size, _)| number.unsigned_abs() >= *size);
    fitting.map_or_else(|| number.to_string(), |(size, unit)| format!("{}{unit}", number / size as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_as_exact_as_its_column_allows() {
        let cases = [
            (0, 5, "·"),
            (7, 5, "7"),
            (999, 5, "999"),
            (1_000, 5, "1,000"),
            (12_345, 6, "12,345"),
            (12_345, 5, "12345"),
            (123_456, 5, "123k"),
            (1_234_567, 9, "1,234,567"),
            (1_234_567, 5, "1M"),
        ];
        for (number, width, expected) in cases {
            assert_eq!(count(number, width), expected, "{number} in {width}");
        }
        assert_eq!(grouped(-1_234), "-1,234");
    }
}
