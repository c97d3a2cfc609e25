//! What a fact says, apart from how it is written: two writings of one value have a key in common.

/// The value of one fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Date {
        day: u8,
        month: u8,
        year: Option<u16>,
    },
    /// A day whose month is understood: `the 16th`.
    Day(u8),
    MonthOf {
        month: u8,
        year: u16,
    },
    /// Minutes since midnight. `either`: it may be twelve hours later too.
    Time {
        minutes: u16,
        either: bool,
    },
    Amount {
        decimal: String,
        currency: &'static str,
    },
    Percentage(String),
    /// A number without a unit.
    Plain(String),
    /// What was written with digits alone, by its groups.
    Digits(Vec<String>),
    /// Letters and digits, capital letters and no separators, and the digits among them.
    Code {
        whole: String,
        digits: Vec<String>,
    },
    /// Digits behind `+`, or behind a trunk 0, or plain.
    Phone {
        international: bool,
        digits: String,
    },
    /// The end of a host, which decides who answers.
    Host(String),
    Email(String),
    Handle(String),
}

/// What two writings of one value have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    FullDate(u8, u8, u16),
    /// Day and month, whatever the year.
    DayAndMonth(u8, u8),
    /// Day and month, written without a year.
    YearlessDate(u8, u8),
    Day(u8),
    /// Written without a month.
    LoneDay(u8),
    MonthOf(u8, u16),
    Time(u16),
    Amount(String, &'static str),
    Percentage(String),
    Number(String),
    /// A number without a unit: it may be an amount or a percentage.
    PlainNumber(String),
    Digits(String),
    /// Digits that no letters belong to.
    LoneDigits(String),
    Code(String),
    International(String),
    National(String),
    /// An international number without its country.
    WithoutCountry(String),
    Host(String),
    Email(String),
    Handle(String),
}

impl Value {
    /// What in a conversation this value bears out.
    pub(super) fn evidence(&self, keys: &mut impl FnMut(Key)) {
        match self {
            Value::Date { day, month, year } => {
                keys(Key::Day(*day));
                keys(Key::DayAndMonth(*day, *month));
                match year {
                    Some(year) => {
                        keys(Key::FullDate(*day, *month, *year));
                        keys(Key::MonthOf(*month, *year));
                    }
                    None => keys(Key::YearlessDate(*day, *month)),
                }
            }
            Value::Day(day) => {
                keys(Key::Day(*day));
                keys(Key::LoneDay(*day));
            }
            Value::MonthOf { month, year } => keys(Key::MonthOf(*month, *year)),
            Value::Time { .. } => self.times().for_each(keys),
            Value::Amount { decimal, currency } => {
                keys(Key::Amount(decimal.clone(), currency));
                keys(Key::Number(decimal.clone()));
            }
            Value::Percentage(decimal) => {
                keys(Key::Percentage(decimal.clone()));
                keys(Key::Number(decimal.clone()));
            }
            Value::Plain(decimal) => {
                keys(Key::Number(decimal.clone()));
                keys(Key::PlainNumber(decimal.clone()));
            }
            Value::Digits(groups) => {
                let whole = groups.concat();
                groups.iter().filter(|group| group.len() >= 3).for_each(|group| keys(Key::Digits(group.clone())));
                if whole.len() >= 8 {
                    // `the card ending in 4471`
                    keys(Key::Digits(whole[whole.len() - 4..].to_owned()));
                }
                keys(Key::LoneDigits(whole.clone()));
                keys(Key::Digits(whole));
            }
            Value::Code { whole, digits } => {
                keys(Key::Code(whole.clone()));
                digits.iter().filter(|group| group.len() >= 4).for_each(|group| keys(Key::Digits(group.clone())));
                keys(Key::Digits(digits.concat()));
            }
            Value::Phone { international: true, digits } => {
                keys(Key::International(digits.clone()));
                without_country(digits).for_each(|rest| keys(Key::WithoutCountry(rest)));
            }
            Value::Phone { international: false, digits } => keys(Key::National(digits.clone())),
            Value::Host(host) => keys(Key::Host(host.clone())),
            Value::Email(address) => {
                keys(Key::Email(address.clone()));
                if let Some((_, host)) = address.rsplit_once('@') {
                    keys(Key::Host(crate::text::hosts::deciding_part(host).to_owned()));
                }
            }
            Value::Handle(handle) => keys(Key::Handle(handle.clone())),
        }
    }

    /// What would bear this value out: each element is one way, of which every key is needed.
    pub(super) fn ways(&self) -> Vec<Vec<Key>> {
        let any = |keys: Vec<Key>| keys.into_iter().map(|key| vec![key]).collect();
        match self {
            Value::Date { day, month, year: Some(year) } => {
                any(vec![Key::FullDate(*day, *month, *year), Key::YearlessDate(*day, *month), Key::LoneDay(*day)])
            }
            Value::Date { day, month, year: None } => any(vec![Key::DayAndMonth(*day, *month), Key::LoneDay(*day)]),
            Value::Day(day) => any(vec![Key::Day(*day)]),
            Value::MonthOf { month, year } => any(vec![Key::MonthOf(*month, *year)]),
            Value::Time { .. } => any(self.times().collect()),
            Value::Amount { decimal, currency } => {
                any(vec![Key::Amount(decimal.clone(), currency), Key::PlainNumber(decimal.clone())])
            }
            Value::Percentage(decimal) => {
                any(vec![Key::Percentage(decimal.clone()), Key::PlainNumber(decimal.clone())])
            }
            Value::Plain(decimal) => any(vec![Key::Number(decimal.clone())]),
            Value::Digits(groups) => {
                let mut ways = vec![vec![Key::Digits(groups.concat())]];
                // Two numbers that happen to stand side by side.
                if groups.len() > 1 && groups.iter().all(|group| group.len() >= 3) {
                    ways.push(groups.iter().cloned().map(Key::Digits).collect());
                }
                ways
            }
            Value::Code { whole, digits } => any(vec![Key::Code(whole.clone()), Key::LoneDigits(digits.concat())]),
            Value::Phone { international: true, digits } => {
                let mut keys = vec![Key::International(digits.clone())];
                keys.extend(without_country(digits).map(Key::National));
                any(keys)
            }
            Value::Phone { international: false, digits } => {
                any(vec![Key::National(digits.clone()), Key::WithoutCountry(digits.clone())])
            }
            Value::Host(host) => any(vec![Key::Host(host.clone())]),
            Value::Email(address) => any(vec![Key::Email(address.clone())]),
            Value::Handle(handle) => any(vec![Key::Handle(handle.clone())]),
        }
    }

    fn times(&self) -> impl Iterator<Item = Key> + use<> {
        let (first, second) = match self {
            Value::Time { minutes, either } => (Some(*minutes), either.then_some((minutes + 720) % 1440)),
            _ => (None, None),
        };
        first.into_iter().chain(second).map(Key::Time)
    }
}

/// What may remain of an international number without its country, whose code has one to three digits.
fn without_country(digits: &str) -> impl Iterator<Item = String> {
    (1..=3).filter_map(|len| digits.get(len..)).filter(|rest| rest.len() >= 6).map(str::to_owned)
}
