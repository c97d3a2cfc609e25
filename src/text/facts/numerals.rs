//! Numbers as they are written: groups of digits with separators between them.

use std::ops::Range;

use super::tokens::{Gap, Window, digit};

/// More groups than this are no number that people write.
const MOST_GROUPS: usize = 10;
/// Longer ones identify something; nobody counts that far.
const LONGEST_COUNT: usize = 15;

/// Groups of digits and what separates them, without a gap, or with the gaps that group thousands.
#[derive(Debug)]
pub(super) struct Numeral {
    pub(super) groups: Vec<String>,
    /// One fewer than groups. A gap is a space.
    pub(super) separators: Vec<char>,
    /// Where each group stands, in bytes of the text. Its digits may be of another script, so that it is longer there.
    pub(super) places: Vec<Range<usize>>,
    /// How many tokens it has.
    pub(super) tokens: usize,
    /// Where it ends, in bytes.
    pub(super) end: usize,
}

/// Digits that nothing but hidden code points divides, as ASCII.
struct Group {
    digits: String,
    tokens: usize,
    place: Range<usize>,
}

impl Numeral {
    /// The number that begins with the token `at`.
    pub(super) fn at(window: &Window<'_>, at: usize) -> Option<Numeral> {
        let mut numeral = Numeral::of(Group::at(window, at)?);
        while numeral.groups.len() < MOST_GROUPS {
            let next = at + numeral.tokens;
            let separator = window.get(next).filter(|token| token.joins() && token.is_sign(".,'’:/-–_·٫٬"));
            let Some(separator) = separator.and_then(|token| token.text.chars().next()) else { break };
            let joins = window.get(next + 1).is_some_and(|token| token.joins());
            let Some(group) = Group::at(window, next + 1).filter(|_| joins) else { break };
            numeral.push(separator, group, 1);
        }
        Some(numeral)
    }

    /// The number that begins with the token `at`, its thousands grouped by gaps: `1 800`, `1 234,56`.
    pub(super) fn spaced_at(window: &Window<'_>, at: usize) -> Option<Numeral> {
        let mut numeral = Numeral::of(Group::at(window, at).filter(|first| first.digits.len() <= 3)?);
        while let Some(next) = window.get(at + numeral.tokens)
            && matches!(next.gap, Gap::Fixed | Gap::Space)
            && let Some(group) = Group::at(window, at + numeral.tokens)
            && group.digits.len() == 3
            && numeral.groups.len() < MOST_GROUPS
        {
            numeral.push(' ', group, 0);
        }
        if numeral.separators.is_empty() {
            return None;
        }
        let next = at + numeral.tokens;
        let separator = window.get(next).filter(|token| token.joins() && token.is_sign(".,"));
        if let Some(separator) = separator
            && window.get(next + 1).is_some_and(|token| token.joins())
            && let Some(group) = Group::at(window, next + 1)
        {
            numeral.push(if separator.text == "." { '.' } else { ',' }, group, 1);
        }
        Some(numeral)
    }

    fn of(first: Group) -> Numeral {
        let end = first.place.end;
        Numeral {
            groups: vec![first.digits],
            separators: Vec::new(),
            places: vec![first.place],
            tokens: first.tokens,
            end,
        }
    }

    fn push(&mut self, separator: char, group: Group, tokens_between: usize) {
        self.separators.push(separator);
        self.groups.push(group.digits);
        self.tokens += tokens_between + group.tokens;
        self.end = group.place.end;
        self.places.push(group.place);
    }

    /// The only group, where there is one.
    pub(super) fn single(&self) -> Option<&str> {
        match self.groups.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether all separators are this one.
    pub(super) fn is_separated_by(&self, separator: char) -> bool {
        !self.separators.is_empty() && self.separators.iter().all(|there| *there == separator)
    }

    pub(super) fn digits(&self) -> usize {
        self.groups.iter().map(String::len).sum()
    }

    /// The group as a small number, such as a day or an hour.
    pub(super) fn small(&self, group: usize) -> Option<u16> {
        self.groups.get(group).filter(|digits| digits.len() <= 4)?.parse().ok()
    }

    /// What it may count, in one form each: `1.250` is either 1250 or 1.25.
    pub(super) fn decimals(&self) -> Vec<String> {
        if self.digits() > LONGEST_COUNT {
            return Vec::new();
        }
        let groups = &self.groups;
        let last = groups.len() - 1;
        let Some(behind) = self.separators.last().copied() else { return vec![decimal(&groups[0], "")] };
        let before = &self.separators[..last - 1];
        let fraction_may_follow = matches!(behind, '.' | ',' | '٫') && !before.contains(&behind);
        let is_grouped = |groups: &[String], separators: &[char]| {
            let thousands = |separator: &char| matches!(separator, '.' | ',' | '\'' | '’' | ' ' | '٬');
            separators.iter().all(thousands)
                && separators.windows(2).all(|pair| pair[0] == pair[1])
                && (1..=3).contains(&groups[0].len())
                && groups[1..].iter().all(|group| group.len() == 3)
                && (groups.len() == 1 || groups[0] != "0")
        };
        let mut decimals = Vec::new();
        if is_grouped(groups, &self.separators) {
            decimals.push(decimal(&groups.concat(), ""));
        }
        if fraction_may_follow && (before.is_empty() || is_grouped(&groups[..last], before)) {
            decimals.push(decimal(&groups[..last].concat(), &groups[last]));
        }
        decimals
    }
}

/// `049` and `90` are `49.9`.
fn decimal(whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

impl Group {
    fn at(window: &Window<'_>, at: usize) -> Option<Group> {
        let first = window.get(at).filter(|token| token.is_digits())?;
        let mut group = Group {
            digits: first.text.chars().filter_map(digit).collect(),
            tokens: 1,
            place: first.start..first.end(),
        };
        while let Some(next) = window.get(at + group.tokens).filter(|token| token.is_digits() && token.joins()) {
            group.digits.extend(next.text.chars().filter_map(digit));
            group.tokens += 1;
            group.place.end = next.end();
        }
        Some(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_forms_of_a_number_have_one_decimal() {
        let cases: [(&str, &[&str]); 12] = [
            ("1.234,56", &["1234.56"]),
            ("1,234.56", &["1234.56"]),
            ("1'234.50", &["1234.5"]),
            ("1234.56", &["1234.56"]),
            ("1.250", &["1250", "1.25"]),
            ("2.000.000", &["2000000"]),
            ("0.250", &["0.25"]),
            ("49,90", &["49.9"]),
            ("007", &["7"]),
            ("1.2.3", &[]),
            ("12-34", &[]),
            ("１２", &["12"]),
        ];
        for (text, expected) in cases {
            assert_eq!(Numeral::at(&Window::new(text), 0).unwrap().decimals(), expected, "{text}");
        }
        let spaced = |text| Numeral::spaced_at(&Window::new(text), 0).map(|numeral| numeral.decimals());
        assert_eq!(spaced("1 234 567,50 zł"), Some(vec!["1234567.5".to_owned()]));
        assert_eq!(spaced("58 116"), Some(vec!["58116".to_owned()]));
        assert_eq!(spaced("58 16"), None);
    }
}
