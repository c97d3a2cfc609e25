//! In which time zone a person is told times. Everything is stored, compared and reckoned in UTC; this is only for the eye.
//!
//! Chosen once, before anything is shown, as the locale is; until then it is UTC.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, FixedOffset, Local, Utc};

static LOCAL: AtomicBool = AtomicBool::new(false);

/// From here on times are told in the zone of this machine, or of the variable `TZ`.
pub fn tell_local() {
    LOCAL.store(true, Ordering::Relaxed);
}

/// The same moment, as it is told.
pub fn told(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    if LOCAL.load(Ordering::Relaxed) { at.with_timezone(&Local).fixed_offset() } else { at.fixed_offset() }
}

/// What the zone is called at this moment: `UTC`, `UTC+1`, `UTC-3:30`. A letter code such as `CST` means several zones.
pub fn name(at: DateTime<Utc>) -> String {
    named(*told(at).offset())
}

/// A moment in this pattern of chrono's, with the zone behind it.
pub fn with_name(at: DateTime<Utc>, pattern: &str) -> String {
    written(told(at), pattern)
}

fn written(told: DateTime<FixedOffset>, pattern: &str) -> String {
    format!("{} {}", told.format(pattern), named(*told.offset()))
}

fn named(offset: FixedOffset) -> String {
    let minutes = offset.local_minus_utc() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named_by_what_it_differs_from_utc() {
        let at: DateTime<Utc> = "2026-11-20T22:45:00Z".parse().unwrap();
        let cases = [
            (0, "Fri 22:45 UTC"),
            (60, "Fri 23:45 UTC+1"),
            (330, "Sat 04:15 UTC+5:30"),
            (-210, "Fri 19:15 UTC-3:30"),
            (-30, "Fri 22:15 UTC-0:30"),
            (840, "Sat 12:45 UTC+14"),
        ];
        for (minutes, expected) in cases {
            let told = at.with_timezone(&FixedOffset::east_opt(60 * minutes).unwrap());
            assert_eq!(written(told, "%a %H:%M"), expected);
        }
    }
}
