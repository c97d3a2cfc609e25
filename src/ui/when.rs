//! Times and durations as words.
//!
//! What a screen shows at rest steps by whole minutes and longer: nobody does anything else after 41 seconds than after 37,
//! and a screen on which nothing happens stands still. To the second counts what runs out under a person's hands, and how
//! long a database is away.

use chrono::{DateTime, Duration, Utc};

use crate::app::Load;
use crate::domain::zone;

/// A duration as a list shows it: `<1 m`, `8 m`, `14 h`, `3 d`. Less than nothing has a minus.
pub fn short(duration: Duration) -> String {
    match duration.num_minutes() {
        0 => "<1 m".to_owned(),
        _ => counted(duration),
    }
}

/// The same with its seconds, for what runs out while somebody looks: `41 s`, `8 m`.
pub fn counted(duration: Duration) -> String {
    let seconds = duration.num_seconds();
    let sign = if seconds < 0 { "-" } else { "" };
    match seconds.abs() {
        s @ 0..60 => format!("{sign}{s} s"),
        s @ 60..3_600 => format!("{sign}{} m", s / 60),
        s @ 3_600..86_400 => format!("{sign}{} h", s / 3_600),
        s => format!("{sign}{} d", s / 86_400),
    }
}

/// To the second: `1 m 12 s`.
pub fn to_the_second(duration: Duration) -> String {
    match duration.num_seconds().max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} m {} s", s / 60, s % 60),
        s => format!("{} h {} m", s / 3_600, s / 60 % 60),
    }
}

/// To the minute: `1 h 6 m`.
pub fn to_the_minute(duration: Duration) -> String {
    match duration.num_minutes().max(0) {
        0 => "<1 m".to_owned(),
        m @ 1..60 => format!("{m} m"),
        m @ 60..1_440 => format!("{} h {} m", m / 60, m % 60),
        m => format!("{} d {} h", m / 1_440, m / 60 % 24),
    }
}

/// The same as [`short`] without the space, for columns.
pub fn tight(duration: Duration) -> String {
    short(duration.max(Duration::zero())).replace(' ', "")
}

/// How long something is there; what lies ahead by a little, because clocks differ, came now.
pub fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    short((now - since).max(Duration::zero()))
}

/// How long ago.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if now - at < Duration::minutes(1) { "just now".to_owned() } else { counted_ago(at, now) }
}

/// How long ago, with its seconds.
pub fn counted_ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} ago", counted((now - at).max(Duration::zero())))
}

/// The time until a deadline, negative when it has passed; `-` where there is none.
pub fn due(deadline: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    match deadline.map(|deadline| deadline - now) {
        None => "-".to_owned(),
        Some(left) if left <= Duration::zero() && left > -Duration::minutes(1) => "now".to_owned(),
        Some(left) => short(left),
    }
}

/// Day, time and zone of a message.
pub fn stamp(at: DateTime<Utc>) -> String {
    zone::with_name(at, "%a %d %b %H:%M")
}

/// Time of day.
pub fn clock(at: DateTime<Utc>) -> String {
    zone::told(at).format("%H:%M").to_string()
}

/// Time of day to the second; the day instead when it was another one.
pub fn time_or_day(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, now) = (zone::told(at), zone::told(now));
    let format = if at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%d %b" };
    at.format(format).to_string()
}

/// Day and time to the second.
pub fn day_and_time(at: DateTime<Utc>) -> String {
    zone::told(at).format("%d %b %H:%M:%S").to_string()
}

/// Day, time to the second, and zone.
pub fn exact(at: DateTime<Utc>) -> String {
    zone::with_name(at, "%a %d %b %Y %H:%M:%S")
}

/// Relative and exact, before or behind.
pub fn both(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let relative = if at > now { format!("in {}", short(at - now)) } else { ago(at, now) };
    format!("{relative}  {}", exact(at))
}

/// What a title adds when its data could not be renewed.
pub fn stale<T>(load: &Load<T>, now: DateTime<Utc>) -> String {
    match load {
        Load::Stale { at, .. } => format!(" · as of {}", counted_ago(*at, now)),
        Load::Never | Load::Ready { .. } => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_the_unit_a_person_would() {
        let cases = [
            (0, "<1 m", "0 s"),
            (59, "<1 m", "59 s"),
            (60, "1 m", "1 m"),
            (3_599, "59 m", "59 m"),
            (3_600, "1 h", "1 h"),
            (86_399, "23 h", "23 h"),
            (259_200, "3 d", "3 d"),
            (-125, "-2 m", "-2 m"),
        ];
        for (seconds, at_rest, to_the_second) in cases {
            let duration = Duration::seconds(seconds);
            assert_eq!((&*short(duration), &*counted(duration)), (at_rest, to_the_second));
        }
    }

    #[test]
    fn a_deadline_passes_by_way_of_now() {
        let deadline = DateTime::<Utc>::UNIX_EPOCH;
        for (left, expected) in [(61, "1 m"), (1, "<1 m"), (0, "now"), (-59, "now"), (-60, "-1 m")] {
            assert_eq!(due(Some(deadline), deadline - Duration::seconds(left)), expected, "{left}");
        }
    }
}
