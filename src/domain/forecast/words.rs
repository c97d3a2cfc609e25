//! A forecast in words, for screens and for the command line.

use chrono::{DateTime, Duration, Utc};

use super::{Course, Forecast, KindForecast, Outlook, WINDOW};
use crate::domain::review::ReviewOrder;
use crate::domain::situation::FullTier;
use crate::domain::zone;

/// What is said about one kind, in sentences that belong together; the first one matters most.
pub fn sentences(kind: &KindForecast, now: DateTime<Utc>) -> Vec<String> {
    let outlook = match &kind.forecast {
        Forecast::Thin { decided, needed } => {
            return vec![format!(
                "no forecast: {decided} done in {} m, needs {needed}",
                kind.rates.minutes.min(WINDOW)
            )];
        }
        Forecast::Known(outlook) => outlook,
    };
    if kind.job_kind.is_for_people() {
        [Some(trend(outlook, now)), people(kind, outlook, now), Some(breaches(outlook, now))]
            .into_iter()
            .flatten()
            .collect()
    } else {
        let behind = format!("{} wait, {} behind", outlook.waiting, span(Duration::seconds(outlook.behind_seconds)));
        vec![format!("{behind}, {}", breaches(outlook, now))]
    }
}

/// What the two orders lead to, where it makes a difference; the one in force first.
pub fn orders(outlook: &Outlook) -> Vec<String> {
    let (in_force, other) = (&outlook.course, &outlook.other);
    if in_force.will_breach == other.will_breach && in_force.late_done_at == other.late_done_at {
        return Vec::new();
    }
    let told = |course: &Course| format!("{}: {}", name(course.order), more(course.will_breach));
    let wait = difference(in_force, other).filter(|_| outlook.late > 0);
    let wait = wait.map(|wait| format!("the {} late ones then {wait}", outlook.late));
    [Some(told(in_force)), Some(told(other)), wait].into_iter().flatten().collect()
}

/// A tier that takes no more, and what that means for those below.
pub fn full_tier(tier: &FullTier) -> String {
    let role = tier.role.replace('_', " ");
    let stay = match tier.stay {
        0 => "none late stays below".to_owned(),
        1 => "1 late stays below".to_owned(),
        many => format!("{many} late stay below"),
    };
    format!("{role} full, {} of {}: {stay}", tier.open_jobs, tier.most)
}

fn trend(outlook: &Outlook, now: DateTime<Utc>) -> String {
    let pace = outlook.grows_per_minute;
    if pace >= 0.05 {
        format!("grows {pace:.1}/min")
    } else if outlook.waiting == 0 {
        "nothing waits".to_owned()
    } else {
        let falls = if pace <= -0.05 { format!("falls {:.1}/min", -pace) } else { "holds".to_owned() };
        match outlook.empty_at {
            Some(at) => format!("{falls}, empty {}", moment(at, now)),
            None => falls,
        }
    }
}

fn people(kind: &KindForecast, outlook: &Outlook, now: DateTime<Utc>) -> Option<String> {
    let (working, hold) = (kind.people?, outlook.hold?);
    let empty = outlook.empty.filter(|empty| *empty > 0 && outlook.waiting > 0);
    let by = match outlook.until_closing {
        true => format!("by {}", zone::told(outlook.until).format("%H:%M")),
        false => format!("in {}", whole(outlook.until - now)),
    };
    let empty = empty.map(|empty| format!(", {empty} empty it {by}")).unwrap_or_default();
    let people = if working == 1 { "person" } else { "people" };
    Some(format!("{working} {people} now; {hold} hold it{empty}"))
}

fn breaches(outlook: &Outlook, now: DateTime<Utc>) -> String {
    match (outlook.course.will_breach, outlook.course.first_breach_at) {
        (0, _) => "none will breach".to_owned(),
        (many, Some(first)) => format!("{many} will breach, the first in {}", ahead(first - now)),
        (many, None) => format!("{many} will breach"),
    }
}

fn name(order: ReviewOrder) -> &'static str {
    match order {
        ReviewOrder::DeadlineFirst => "late first",
        ReviewOrder::SavableFirst => "savable first",
    }
}

fn more(breach: i64) -> String {
    if breach == 0 { "none breach".to_owned() } else { format!("{breach} more breach") }
}

/// How much longer or shorter those that are late now wait in the other order.
fn difference(in_force: &Course, other: &Course) -> Option<String> {
    match (in_force.late_done_at?, other.late_done_at) {
        (_, None) => Some("wait over a day".to_owned()),
        (now, Some(then)) if then > now => Some(format!("wait {} longer", span(then - now))),
        (now, Some(then)) if then < now => Some(format!("wait {} less", span(now - then))),
        _ => None,
    }
}

/// A time of day, or the time until then where it is another day.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (then, today) = (zone::told(at), zone::told(now));
    if then.date_naive() == today.date_naive() {
        format!("at {}", then.format("%H:%M"))
    } else {
        format!("in {}", ahead(at - now))
    }
}

/// As few words as a number of hours needs, however long ago it was reckoned.
fn whole(span: Duration) -> String {
    match (span.num_minutes() + 30) / 60 {
        hours @ 1.. => format!("{hours} h"),
        _ => ahead(span),
    }
}

/// The time until something, in steps of whole minutes, so that what stands on a screen does not count.
fn ahead(span: Duration) -> String {
    if span < Duration::minutes(1) { "<1 m".to_owned() } else { self::span(Duration::minutes(span.num_minutes())) }
}

fn span(span: Duration) -> String {
    match span.num_seconds().max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..600 if seconds % 60 >= 6 => format!("{}.{} m", seconds / 60, seconds % 60 / 6),
        seconds @ 60..7_200 => format!("{} m", seconds / 60),
        seconds => format!("{} h {} m", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JobKind, Rates};

    fn noon() -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::hours(12)
    }

    fn course(order: ReviewOrder, will_breach: i64, late_done: Option<i64>) -> Course {
        let first_breach_at = (will_breach > 0).then(|| noon() + Duration::minutes(12));
        Course {
            order,
            will_breach,
            first_breach_at,
            late_done_at: late_done.map(|minutes| noon() + Duration::minutes(minutes)),
        }
    }

    fn outlook() -> Outlook {
        Outlook {
            waiting: 408,
            late: 96,
            grows_per_minute: 1.73,
            behind_seconds: 204,
            course: course(ReviewOrder::DeadlineFirst, 89, Some(13)),
            other: course(ReviewOrder::SavableFirst, 0, Some(38)),
            empty_at: None,
            hold: Some(5),
            empty: Some(6),
            until: noon() + Duration::minutes(210),
            until_closing: true,
        }
    }

    fn said(job_kind: JobKind, outlook: Outlook) -> String {
        let rates = Rates { minutes: 15, came: 137, gone: 111, decided: 111, breached: 0 };
        let kind = KindForecast { job_kind, rates, people: Some(4), forecast: Forecast::Known(outlook) };
        sentences(&kind, noon()).join(". ")
    }

    #[test]
    fn a_forecast_is_said_as_a_person_would_say_it() {
        assert_eq!(
            said(JobKind::Approve, outlook()),
            "grows 1.7/min. 4 people now; 5 hold it, 6 empty it by 15:30. 89 will breach, the first in 12 m"
        );
        let no_hours = Outlook { until: noon() + Duration::minutes(239), until_closing: false, ..outlook() };
        assert!(said(JobKind::Approve, no_hours).contains("5 hold it, 6 empty it in 4 h. "));
        let falls = Outlook { grows_per_minute: -1.2, empty_at: Some(noon() + Duration::minutes(340)), ..outlook() };
        assert!(said(JobKind::Approve, falls).starts_with("falls 1.2/min, empty at 17:40. "));
        let calm = Outlook { waiting: 48, course: course(ReviewOrder::DeadlineFirst, 0, None), ..outlook() };
        assert_eq!(said(JobKind::Draft, calm), "48 wait, 3.4 m behind, none will breach");
    }

    #[test]
    fn too_few_completions_are_said_to_be_too_few() {
        let rates = Rates { minutes: 15, came: 9, gone: 1, decided: 1, breached: 0 };
        let forecast = Forecast::Thin { decided: 1, needed: 20 };
        let kind = KindForecast { job_kind: JobKind::Send, rates, people: None, forecast };
        assert_eq!(sentences(&kind, noon()), ["no forecast: 1 done in 15 m, needs 20"]);
    }

    #[test]
    fn the_other_order_is_told_where_it_changes_something() {
        let words = orders(&outlook()).join("; ");
        assert_eq!(
            words,
            "late first: 89 more breach; savable first: none breach; the 96 late ones then wait 25 m longer"
        );
        let never = Outlook { other: course(ReviewOrder::SavableFirst, 0, None), ..outlook() };
        assert_eq!(orders(&never)[2], "the 96 late ones then wait over a day");
        let same = Outlook { other: Course { order: ReviewOrder::SavableFirst, ..outlook().course }, ..outlook() };
        assert!(orders(&same).is_empty());
    }
}
