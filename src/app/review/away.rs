//! Nobody was there for a while, or the program was not: how long, and what became of the open job meanwhile.

use std::fmt;

use chrono::{DateTime, Duration, Utc};

use super::pane::{self, Change};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::domain::review::Ending;
use crate::domain::{JobId, Pin};

/// A time in which the open job was not watched by anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// None as long as it is being asked for.
    pub meanwhile: Option<Meanwhile>,
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |at: DateTime<Utc>| at.format("%H:%M").to_string();
        write!(f, "AWAY {} ({} to {}).", length(self.until - self.from), clock(self.from), clock(self.until))?;
        let Some(meanwhile) = &self.meanwhile else { return f.write_str(" Asking what happened meanwhile.") };
        if let Some(ending) = &meanwhile.ending {
            return write!(f, " It is over: {ending}.");
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

fn length(span: Duration) -> String {
    match span.num_seconds().max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..5_400 => format!("{} m", seconds / 60),
        seconds @ 5_400..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// Somebody is back who was away since `from`: nothing is decided on what stands there before a fresh look.
pub fn came_back(model: &mut Model, from: DateTime<Utc>) {
    let until = model.now;
    let Some(pane) = model.review.pane_mut() else { return };
    if pane.pin().is_some() {
        // Two absences without a look between them are one.
        let from = pane.away.as_ref().map_or(from, |before| before.from.min(from));
        pane.away = Some(Away { from, until, meanwhile: None });
    }
    // What is known to be lost or over stays so.
    if !pane.change.as_ref().is_some_and(Change::ends_the_lease) {
        pane::changed(&mut model.review, Change::Away);
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
        pane::changed(&mut model.review, Change::Ended(ending));
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
        let told = |meanwhile| Away { from: at("12:44"), until: at("13:31"), meanwhile }.to_string();
        let story = "AWAY 47 m (12:44 to 13:31). The lease went back at 12:49. Nobody decided, the draft is the same, \
                     no new message.";
        assert_eq!(told(Some(same.clone())), story);
        assert!(told(None).ends_with("Asking what happened meanwhile."));
        let taken = Meanwhile { lease: Lease::Taken { by: "bo".to_owned() }, customer_wrote: true, ..same.clone() };
        assert!(
            told(Some(taken))
                .ends_with("bo holds it now. Nobody decided, the draft is the same, the CUSTOMER WROTE AGAIN.")
        );
        let over = Meanwhile { ending: Ending::of(&[run("bo", "review_reject", "failed")]), ..same };
        assert!(told(Some(over)).ends_with("It is over: decided by bo (reject) at 09:36 UTC."));
    }
}
