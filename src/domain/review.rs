//! What a person reviews, what ties the decision to the screen, and how the database answers.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::job::{Codes, UnknownWord};
use super::{Activity, JobId, JobKind, Status, zone};

/// The three ways to decide, and the edit that leaves the decision to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    Approve,
    Reject,
    Escalate,
    Revise,
}

impl Verb {
    /// The word of the audit trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Verb::Approve => "approve",
            Verb::Reject => "reject",
            Verb::Escalate => "escalate",
            Verb::Revise => "revise",
        }
    }

    /// The word for what came of it: `not approved`.
    pub fn done(self) -> &'static str {
        match self {
            Verb::Approve => "approved",
            Verb::Reject => "rejected",
            Verb::Escalate => "escalated",
            Verb::Revise => "edited",
        }
    }
}

/// What ties a decision to what was on the screen. Written `draft/digest/seq/token`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pin {
    pub draft_id: Uuid,
    /// Lowercase hex of the draft's keyed digest.
    pub draft_digest: String,
    /// The number of the newest inbound message that was seen; 0 when there is none.
    pub newest_inbound_seq: i64,
    pub lease_token: i64,
}

impl Pin {
    /// The first eight digits of the digest, as people compare them: `7f3a-91c2`.
    pub fn short_digest(&self) -> String {
        let digits: String = self.draft_digest.chars().take(8).collect();
        match digits.split_at_checked(4) {
            Some((head, tail)) => format!("{head}-{tail}"),
            None => digits,
        }
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.draft_id, self.draft_digest, self.newest_inbound_seq, self.lease_token)
    }
}

impl FromStr for Pin {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = UnknownWord { what: "pin" };
        let mut parts = text.split('/');
        let mut next = || parts.next().ok_or(unknown);
        let pin = Pin {
            draft_id: Uuid::parse_str(next()?).map_err(|_| unknown)?,
            draft_digest: next()?.to_owned(),
            newest_inbound_seq: next()?.parse().map_err(|_| unknown)?,
            lease_token: next()?.parse().map_err(|_| unknown)?,
        };
        let is_hex = pin.draft_digest.len() == 64 && pin.draft_digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && parts.next().is_none() { Ok(pin) } else { Err(unknown) }
    }
}

/// What an approval says beside its pin. It is about the person, so the database keeps it only where that is switched on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Reading {
    /// How long the draft was on the screen.
    pub seconds_on_screen: Option<i32>,
    /// Marks in the draft that the reviewer had seen and accepted.
    pub warnings_accepted: Option<i32>,
}

/// One line of the review list: a job that waits for a person. Never a subject, never a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub job_id: JobId,
    pub job_kind: JobKind,
    pub agency: String,
    pub channel_kind: String,
    pub codes: Codes,
    pub priority: i16,
    pub target_role: String,
    pub deadline_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub lease_owner: Option<String>,
    pub lease_expires_at: Option<DateTime<Utc>>,
    /// Since when somebody holds it, where the trail still says so.
    pub held_since: Option<DateTime<Utc>>,
    /// The reason for which I gave it back the last time, if I ever did.
    pub skipped_because: Option<String>,
    /// The draft was revised by a person, so somebody else must approve it.
    pub second_look: bool,
    /// A standing hold covers this channel: what is approved will wait.
    pub held: bool,
}

/// In which order an agency reviews; a person may look at the list in the other one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOrder {
    /// What is due first, late or not.
    #[default]
    DeadlineFirst,
    /// What can still make its deadline before what cannot.
    SavableFirst,
}

impl ReviewOrder {
    pub fn as_str(self) -> &'static str {
        match self {
            ReviewOrder::DeadlineFirst => "deadline_first",
            ReviewOrder::SavableFirst => "savable_first",
        }
    }

    pub fn other(self) -> ReviewOrder {
        match self {
            ReviewOrder::DeadlineFirst => ReviewOrder::SavableFirst,
            ReviewOrder::SavableFirst => ReviewOrder::DeadlineFirst,
        }
    }
}

impl FromStr for ReviewOrder {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let orders = [ReviewOrder::DeadlineFirst, ReviewOrder::SavableFirst];
        orders.into_iter().find(|order| order.as_str() == word).ok_or(UnknownWord { what: "review order" })
    }
}

/// What I decided or edited lately, and whether it can still be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub job_id: JobId,
    /// `approve`, `reject`, `escalate`, or `revise`, which decides nothing and creates no job.
    pub decision: String,
    pub reason: Option<String>,
    pub decided_at: DateTime<Utc>,
    pub created_job_id: Option<JobId>,
    /// The status of the job that the decision created, as it is now; of an edit, that of the job itself. So are the next two.
    pub created_status: Option<String>,
    pub created_finished_at: Option<DateTime<Utc>>,
    pub created_outcome: Option<String>,
    /// When the created job becomes claimable.
    pub leaves_at: Option<DateTime<Utc>>,
    pub undone: bool,
}

impl Decided {
    /// The database decides; this says whether asking makes sense.
    pub fn looks_undoable(&self) -> bool {
        !self.undone
            && self.decision != "revise"
            && matches!(self.created_status.as_deref(), Some("queued" | "paused") | None)
    }
}

/// A text that somebody saved for a job that was not theirs any more: nothing points at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRevision {
    pub draft_id: Uuid,
    pub job_id: JobId,
    pub kept_by: String,
    pub kept_at: DateTime<Utc>,
}

/// The answer of a call that decides or changes a job. An expected refusal is an answer, not an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// `applied`, or the named reason why nothing changed.
    pub outcome: String,
    #[serde(default)]
    pub job_id: Option<JobId>,
    /// The job that the act created.
    #[serde(default)]
    pub created_job_id: Option<JobId>,
    /// Who was there first, for `already_decided` and `lease_lost`.
    #[serde(default)]
    pub by: Option<String>,
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
    /// `approve`, `reject`, `escalate`: what the other one decided.
    #[serde(default)]
    pub decision: Option<String>,
    /// When the approved reply can leave at the earliest.
    #[serde(default)]
    pub leaves_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub lease_token: Option<i64>,
    /// A revision that could not take the draft's place was stored all the same, attached to nothing.
    #[serde(default)]
    pub kept: bool,
}

impl Outcome {
    /// A bare outcome, for an answer that the program gives in the database's words.
    pub fn named(outcome: &str) -> Self {
        Outcome {
            outcome: outcome.to_owned(),
            job_id: None,
            created_job_id: None,
            by: None,
            at: None,
            decision: None,
            leaves_at: None,
            lease_token: None,
            kept: false,
        }
    }

    pub fn is_applied(&self) -> bool {
        self.outcome == "applied"
    }
}

/// How a job ended, as the last row of its trail tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    by: String,
    call: String,
    at: DateTime<Utc>,
}

impl Ending {
    /// Of this trail, oldest first; none while the job goes on.
    pub fn of(trail: &[Activity]) -> Option<Ending> {
        let ends = |run: &&Activity| {
            let to = run.to_status.as_deref().and_then(|to| to.parse::<Status>().ok());
            // Who only asked afterwards was refused, and moved nothing.
            to.is_some_and(Status::is_terminal) && run.from_status != run.to_status
        };
        let last = trail.iter().rev().find(ends)?;
        Some(Ending { by: last.login.clone(), call: last.call.clone(), at: last.at })
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ending { by, call, at } = self;
        match (call.strip_prefix("review_"), call.as_str()) {
            (Some(decision), _) => write!(f, "decided by {by} ({decision})")?,
            (None, "sweep") => f.write_str(ESCALATED_BY_ITSELF)?,
            (None, "take_escalation") => write!(f, "taken over by {by}")?,
            (None, other) => write!(f, "ended by {by} ({other})")?,
        }
        write!(f, " at {}", zone::with_name(*at, "%H:%M"))
    }
}

/// Nobody's decision, whoever's program happened to sweep.
const ESCALATED_BY_ITSELF: &str = "escalated automatically when its deadline passed";

impl fmt::Display for Outcome {
    /// A sentence for the person who asked; for a word it does not know, the word itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.by.as_deref().unwrap_or("someone else");
        match self.outcome.as_str() {
            "applied" => f.write_str("applied"),
            "already_decided" => match (self.decision.as_deref(), &self.by) {
                (Some("escalate"), None) => write!(f, "already {ESCALATED_BY_ITSELF}"),
                (Some(decision), _) => write!(f, "already decided: {decision} by {by}"),
                (None, _) => write!(f, "already decided by {by}"),
            },
            "lease_lost" => match &self.by {
                Some(by) => write!(f, "the lease moved on, {by} holds the job now"),
                None => f.write_str("the lease has expired; open the job again"),
            },
            "leased" => write!(f, "{by} is reading it"),
            "self_approval" => f.write_str("you wrote or edited this draft, someone else must approve it"),
            "draft_changed" => f.write_str("the draft was replaced while you read; look at the new one"),
            "conversation_moved" => f.write_str("the customer wrote again; look at the new message"),
            "not_found" => f.write_str("no such job here"),
            "not_authorised" => f.write_str("your roles do not allow this"),
            "payload_missing" => f.write_str("the message is gone; the job was cancelled"),
            "top_tier" => f.write_str("there is no higher role to escalate to"),
            "too_late" => f.write_str("too late: what the decision created was already taken"),
            "switched_off" => f.write_str("switched off by an administrator"),
            "may_have_left" => f.write_str("it may have reached the customer; retry only if you know that it did not"),
            "reason_needed" => {
                f.write_str("people retried it three times already: the fourth time takes a registered reason")
            }
            "reference_taken" => {
                f.write_str("this number of the provider stands for another message already; each has its own")
            }
            "wrong_status" => f.write_str("it has moved on meanwhile; its status is another one now"),
            "not_due" => f.write_str("it was escalated a moment ago and can still be undone; take it in half a minute"),
            "empty" => f.write_str("nothing waits for you"),
            "held" => f.write_str("a standing hold covers it; it goes on when the hold is resumed"),
            "wrong_kind" => f.write_str("that cannot be done with a job of this kind"),
            "exists" => f.write_str("it is there already; nothing was added"),
            "repointed" => f.write_str("the open question was given the new draft"),
            "announced" => f.write_str("the opening is on record; ask again for the body"),
            "in_use" => f.write_str("something is still sealed under it"),
            "opened" => f.write_str("opened"),
            "swept" => f.write_str("swept"),
            "approval_expired" => f.write_str("the approval is too old; a fresh question was opened"),
            "dispensation_ended" => f.write_str("the dispensation has ended; a fresh question was opened"),
            "tier_full" => f.write_str("the next role up takes no more escalations now"),
            "no_period" => f.write_str("no period is set; set one with `countersign config`"),
            other => f.write_str(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin() -> Pin {
        Pin { draft_id: Uuid::from_u128(9), draft_digest: "7f3a91c2".repeat(8), newest_inbound_seq: 4, lease_token: 12 }
    }

    #[test]
    fn a_pin_survives_being_written_down() {
        assert_eq!(pin().to_string().parse::<Pin>(), Ok(pin()));
        assert_eq!(pin().short_digest(), "7f3a-91c2");
    }

    #[test]
    fn every_outcome_that_the_database_knows_has_a_sentence() {
        let records = include_str!("../../migrations/0006_records.sql");
        let (_, rest) = records.split_once("function queue.is_outcome(word text)").unwrap();
        let (_, rest) = rest.split_once("word in (").unwrap();
        let (words, _) = rest.split_once(')').unwrap();
        let words: Vec<&str> = words.split('\'').skip(1).step_by(2).collect();
        assert!(words.contains(&"held") && words.contains(&"already_decided"), "{words:?}");
        for word in words {
            let sentence = Outcome::named(word).to_string();
            assert!(!sentence.contains('_') && !sentence.is_empty(), "{word}: {sentence}");
            assert!(sentence != word || ["applied", "opened", "swept"].contains(&word), "{word}");
        }
    }

    #[test]
    fn an_ending_says_who_decided_what_and_calls_a_sweep_automatic() {
        let at = "2026-11-20T12:04:31Z".parse().unwrap();
        let run = |call: &str, to: Option<&str>| Activity {
            run_id: 1,
            at,
            login: "root".to_owned(),
            call: call.to_owned(),
            job_id: Some(JobId(1)),
            outcome: "applied".to_owned(),
            from_status: Some("leased".to_owned()),
            to_status: to.map(str::to_owned),
            code: None,
        };
        let told = |call: &str| {
            let refused =
                Activity { from_status: Some("cancelled".to_owned()), ..run("claim_review", Some("cancelled")) };
            let trail = [run("claim_review", Some("leased")), run(call, Some("cancelled")), refused];
            Ending::of(&trail).unwrap().to_string()
        };
        assert_eq!(told("review_approve"), "decided by root (approve) at 12:04 UTC");
        assert_eq!(told("take_escalation"), "taken over by root at 12:04 UTC");
        assert_eq!(told("cancel_job"), "ended by root (cancel_job) at 12:04 UTC");
        assert_eq!(told("sweep"), "escalated automatically when its deadline passed at 12:04 UTC");
        assert_eq!(Ending::of(&[run("claim_review", Some("leased"))]), None);
        let swept = Outcome { decision: Some("escalate".to_owned()), ..Outcome::named("already_decided") };
        assert_eq!(swept.to_string(), "already escalated automatically when its deadline passed");
    }

    #[test]
    fn a_damaged_pin_is_refused() {
        let whole = pin().to_string();
        let bad = [String::new(), whole.replace("7f3a", "7g3a"), format!("{whole}/1"), whole.replace("/4/", "/four/")];
        for text in bad {
            assert!(text.parse::<Pin>().is_err(), "{text}");
        }
    }
}
