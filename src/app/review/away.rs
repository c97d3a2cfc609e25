//! Nobody was there for a while, or the program was not: how long, and what became of the open job meanwhile.

use std::fmt;

use chrono::{DateTime, Duration, Utc};

use super::{Change, news};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::domain::review::Ending;
use crate::domain::{JobId, Pin, zone};

/// A time in which the open job was not watched by anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    pub who: Absent,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// None as long as it is being asked for.
    pub meanwhile: Option<Meanwhile>,
}

/// Who was not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// The person, or the program, or both.
    Here,
    Database,
}

/// What happened to the job in that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meanwhile {
    pub lease: Lease,
    pub ending: Option<Ending>,
    pub draft_replaced: bool,
    pub customer_wrote: bool,
}

/// Where my lease is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    StillMine,
    /// Since when, where that is known.
    WentBack(Option<DateTime<Utc>>),
    Taken {
        by: String,
    },
}

impl fmt::Display for Away {
    /// `AWAY 47 m (12:44 to 13:31). The lease went back at 12:49. Nobody decided, the draft is the same, no new message.`
    /// What was shorter than a minute is told as a length at a time, to the tenth of a second. The alternate form (`{:#}`) says
    /// the same in fewer words, for a narrow screen, and of what did not change that nothing did.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |at: DateTime<Utc>| zone::told(at).format("%H:%M").to_string();
        let span = self.until - self.from;
        let who = if self.who == Absent::Database { "DATABASE " } else { "" };
        match span < Duration::minutes(1) {
            true => write!(f, "{who}AWAY {} (at {}).", length(span), zone::told(self.from).format("%H:%M:%S"))?,
            false => write!(f, "{who}AWAY {} ({} to {}).", length(span), clock(self.from), clock(self.until))?,
        }
        let Some(meanwhile) = &self.meanwhile else { return f.write_str(" Asking what happened meanwhile.") };
        if let Some(ending) = &meanwhile.ending {
            return write!(f, " It is over: {ending}.");
        }
        if f.alternate() {
            return meanwhile.briefly(f);
        }
        match &meanwhile.lease {
            Lease::StillMine => f.write_str(" The lease is still yours.")?,
            Lease::WentBack(Some(at)) => write!(f, " The lease went back at {}.", clock(*at))?,
            Lease::WentBack(None) => f.write_str(" The lease went back.")?,
            Lease::Taken { by } => write!(f, " {by} holds it now.")?,
        }
        let draft = if meanwhile.draft_replaced { "the DRAFT WAS REPLACED" } else { "the draft is the same" };
        let news = if meanwhile.customer_wrote { "the CUSTOMER WROTE AGAIN" } else { "no new message" };
        write!(f, " Nobody decided, {draft}, {news}.")
    }
}

impl Meanwhile {
    fn briefly(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.lease {
            Lease::StillMine => f.write_str(" Still yours")?,
            Lease::WentBack(Some(at)) => write!(f, " Given back {}", zone::told(*at).format("%H:%M"))?,
            Lease::WentBack(None) => f.write_str(" Given back")?,
            Lease::Taken { by } => write!(f, " {by} holds it")?,
        }
        f.write_str(match (self.draft_replaced, self.customer_wrote) {
            (false, false) => ", undecided, same draft, no new message.",
            (true, false) => ", undecided, no new message, the DRAFT WAS REPLACED.",
            (false, true) => ", undecided, same draft, the CUSTOMER WROTE AGAIN.",
            (true, true) => ", undecided, DRAFT REPLACED, CUSTOMER WROTE AGAIN.",
        })
    }
}

/// What was shorter than anybody measured has no length.
fn length(span: Duration) -> String {
    match span.num_seconds().max(0) {
        0..10 => match span.num_milliseconds() / 100 {
            ..1 => "for a moment".to_owned(),
            tenths => format!("{}.{} s", tenths / 10, tenths % 10),
        },
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..5_400 => format!("{} m", seconds / 60),
        seconds @ 5_400..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// The person or the program is back, away since `from`: nothing is decided on what stands there before a fresh look.
pub fn came_back(model: &mut Model, from: DateTime<Utc>) {
    after(model, Absent::Here, from);
}

/// The same, after the database was not there.
pub fn database_came_back(model: &mut Model, from: DateTime<Utc>) {
    after(model, Absent::Database, from);
}

fn after(model: &mut Model, who: Absent, from: DateTime<Utc>) {
    let until = model.now;
    let Some(pane) = model.review.pane_mut() else { return };
    if pane.pin().is_some() {
        // Two absences without a look between them are one.
        let before = pane.away.as_ref().map(|before| (before.who, before.from));
        let (before_who, before_from) = before.unwrap_or((who, from));
        let who = if before_who == who { who } else { Absent::Here };
        pane.away = Some(Away { who, from: before_from.min(from), until, meanwhile: None });
    }
    // What is known to be lost or over stays so.
    if !pane.change.as_ref().is_some_and(Change::ends_the_lease) {
        news::changed(&mut model.review, Change::Away);
    }
}

/// Asks what happened meanwhile, until it is known.
pub fn ask(model: &Model) -> Option<Effect> {
    let pane = model.review.pane()?;
    let pin = pane.pin()?.clone();
    let waits = pane.away.as_ref().is_some_and(|away| away.meanwhile.is_none());
    waits.then_some(Effect::LookBack { job_id: pane.job.job_id, pin })
}

/// What happened meanwhile is known.
pub fn looked_back(model: &mut Model, job_id: JobId, pin: &Pin, meanwhile: Meanwhile) {
    let concerned = model.review.pane_mut().filter(|pane| pane.job.job_id == job_id && pane.pin() == Some(pin));
    let Some(pane) = concerned else { return };
    let ending = meanwhile.ending.clone();
    if let Some(away) = &mut pane.away {
        away.meanwhile = Some(meanwhile);
    }
    if let Some(ending) = ending {
        news::changed(&mut model.review, Change::Ended(ending));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::sample::run;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-20T{text}:00Z").parse().unwrap()
    }

    #[test]
    fn the_story_is_told_in_one_breath() {
        let same = Meanwhile {
            lease: Lease::WentBack(Some(at("12:49"))),
            ending: None,
            draft_replaced: false,
            customer_wrote: false,
        };
        let told = |meanwhile| Away { who: Absent::Here, from: at("12:44"), until: at("13:31"), meanwhile }.to_string();
        let story = "AWAY 47 m (12:44 to 13:31). The lease went back at 12:49. Nobody decided, the draft is the same, \
                     no new message.";
        assert_eq!(told(Some(same.clone())), story);
        assert!(told(None).ends_with("Asking what happened meanwhile."));
        let taken = Meanwhile { lease: Lease::Taken { by: "bo".to_owned() }, customer_wrote: true, ..same.clone() };
        assert!(
            told(Some(taken))
                .ends_with("bo holds it now. Nobody decided, the draft is the same, the CUSTOMER WROTE AGAIN.")
        );
        let short = |meanwhile| {
            let away =
                Away { who: Absent::Database, from: at("12:44"), until: at("13:31"), meanwhile: Some(meanwhile) };
            format!("{away:#}")
        };
        let brief = "DATABASE AWAY 47 m (12:44 to 13:31). Given back 12:49, undecided, same draft, no new message.";
        assert_eq!(short(same.clone()), brief);
        let all = Meanwhile { draft_replaced: true, customer_wrote: true, ..same.clone() };
        assert!(short(all).ends_with("undecided, DRAFT REPLACED, CUSTOMER WROTE AGAIN."));
        let over = Meanwhile { ending: Ending::of(&[run("bo", "review_reject", "failed")]), ..same };
        assert!(told(Some(over)).ends_with("It is over: decided by bo (reject) at 09:36 UTC."));
    }

    #[test]
    fn a_short_absence_is_told_with_its_length_and_whose_it_was() {
        let told = |who, milliseconds| {
            let until = at("12:44") + Duration::milliseconds(milliseconds);
            let story = Away { who, from: at("12:44"), until, meanwhile: None }.to_string();
            story.replace(" Asking what happened meanwhile.", "")
        };
        let cases = [
            (Absent::Database, 99, "DATABASE AWAY for a moment (at 12:44:00)."),
            (Absent::Database, 400, "DATABASE AWAY 0.4 s (at 12:44:00)."),
            (Absent::Here, 9_990, "AWAY 9.9 s (at 12:44:00)."),
            (Absent::Here, 59_000, "AWAY 59 s (at 12:44:00)."),
            (Absent::Database, 60_000, "DATABASE AWAY 1 m (12:44 to 12:45)."),
        ];
        for (who, milliseconds, expected) in cases {
            assert_eq!(told(who, milliseconds), expected);
        }
    }
}
