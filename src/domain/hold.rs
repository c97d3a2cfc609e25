//! Standing orders that stop what they cover from being claimed, and what ending one will do.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::JobKind;

/// What a hold covers; None means any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    pub job_kind: Option<JobKind>,
    pub channel_kind: Option<String>,
    pub agency: Option<String>,
}

impl Scope {
    /// `send/sms of acme`, `send`, `any/sms`, `everything of acme`.
    pub fn as_words(&self) -> String {
        let kind = self.job_kind.map(JobKind::short);
        let what = match (kind, &self.channel_kind) {
            (Some(kind), Some(channel)) => format!("{kind}/{channel}"),
            (Some(kind), None) => kind.to_owned(),
            (None, Some(channel)) => format!("any/{channel}"),
            (None, None) => "everything".to_owned(),
        };
        match &self.agency {
            Some(agency) => format!("{what} of {agency}"),
            None => what,
        }
    }
}

/// One hold that stands, or that was ended and still gives back what it kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub hold_id: i64,
    pub job_kind: Option<JobKind>,
    pub channel_kind: Option<String>,
    pub agency: Option<String>,
    pub reason: String,
    pub ticket: Option<String>,
    pub placed_by: String,
    pub placed_at: DateTime<Utc>,
    /// When it was ended; what it kept goes back by and by.
    pub resumed_at: Option<DateTime<Utc>>,
    pub per_minute: Option<i32>,
    /// When a few were last let through.
    pub trial_at: Option<DateTime<Utc>>,
    /// Jobs that it keeps in `paused` now.
    pub paused: i64,
    /// Of the first thousand of them: sends whose customer wrote since the approval. They come back to Review.
    pub moved: i64,
}

impl Hold {
    pub fn scope(&self) -> Scope {
        Scope { job_kind: self.job_kind, channel_kind: self.channel_kind.clone(), agency: self.agency.clone() }
    }

    /// Whether it keeps new work from being claimed.
    pub fn stands(&self) -> bool {
        self.resumed_at.is_none()
    }
}

/// What a hold would stop, and what not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldForecast {
    pub ready: i64,
    /// Queued for later.
    pub scheduled: i64,
    pub retry_waiting: i64,
    /// Leased or running: these go on.
    pub under_way: i64,
    /// Another hold keeps them already.
    pub paused: i64,
    /// Seconds after which an approved reply that did not leave is asked about again.
    pub max_approval_age: i64,
}

/// What ending a hold will do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeForecast {
    /// Jobs that the hold keeps.
    pub paused: i64,
    /// Of these, kept by another hold all the same.
    pub kept: i64,
    /// Of those that go, sends.
    pub sends: i64,
    /// Sends whose customer wrote since: they come back to Review.
    pub moved: i64,
    /// Sends whose approval will be too old when it is their turn: they come back to Review.
    pub expired: i64,
}

impl ResumeForecast {
    /// Jobs that go.
    pub fn go(&self) -> i64 {
        self.paused - self.kept
    }

    /// Sends that come back to Review instead of leaving.
    pub fn back_to_review(&self) -> i64 {
        self.moved + self.expired
    }

    /// From the first job's turn to the last one's.
    pub fn lasts(&self, per_minute: Option<i32>) -> Duration {
        let Some(pace) = per_minute.filter(|pace| *pace > 0) else { return Duration::zero() };
        Duration::seconds((self.go() - 1).max(0) * 60 / i64::from(pace))
    }
}

/// What became of the few that were let through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// They got through.
    pub done: i64,
    pub failed: i64,
    /// No longer wanted: they came back to Review.
    pub back_to_review: i64,
    /// Not ended yet.
    pub under_way: i64,
}

/// What a trial says about the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not all of them have ended.
    Open,
    /// None failed, and one at least got through.
    Passed,
    /// One at least failed.
    Failed,
    /// None left: none was wanted any more, or none was there.
    Nothing,
}

impl Trial {
    pub fn verdict(&self) -> Verdict {
        match self {
            Trial { failed: 1.., .. } => Verdict::Failed,
            Trial { under_way: 1.., .. } => Verdict::Open,
            Trial { done: 1.., .. } => Verdict::Passed,
            _ => Verdict::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_passes_only_when_something_left_and_nothing_failed() {
        let trial = |done, failed, back_to_review, under_way| Trial { done, failed, back_to_review, under_way };
        assert_eq!(trial(0, 0, 0, 5).verdict(), Verdict::Open);
        assert_eq!(trial(4, 0, 0, 1).verdict(), Verdict::Open);
        assert_eq!(trial(3, 1, 0, 1).verdict(), Verdict::Failed);
        assert_eq!(trial(3, 0, 2, 0).verdict(), Verdict::Passed);
        assert_eq!(trial(0, 0, 5, 0).verdict(), Verdict::Nothing);
    }

    #[test]
    fn the_last_turn_comes_after_all_that_go_before_it() {
        let forecast = ResumeForecast { paused: 70, kept: 9, ..ResumeForecast::default() };
        assert_eq!(forecast.lasts(Some(30)), Duration::minutes(2));
        assert_eq!(forecast.lasts(None), Duration::zero());
        assert_eq!(ResumeForecast::default().lasts(Some(30)), Duration::zero());
    }

    #[test]
    fn a_scope_is_said_as_people_say_it() {
        let scope = |kind, channel: Option<&str>, agency: Option<&str>| {
            Scope { job_kind: kind, channel_kind: channel.map(str::to_owned), agency: agency.map(str::to_owned) }
                .as_words()
        };
        assert_eq!(scope(Some(JobKind::Send), Some("sms"), None), "send/sms");
        assert_eq!(scope(Some(JobKind::Send), None, Some("acme")), "send of acme");
        assert_eq!(scope(None, Some("sms"), None), "any/sms");
        assert_eq!(scope(None, None, Some("acme")), "everything of acme");
    }
}
