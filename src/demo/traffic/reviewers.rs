//! Simulated reviewers: they read, and decide as the sample deserves. Some change their mind, some edit, some pass.

use std::time::Duration;

use uuid::Uuid;

use super::desk::{Desk, Transcript};
use super::worker::Worker;
use crate::demo::catalogue::{Judgement, holding_reply, judge};
use crate::demo::chance::Chance;
use crate::demo::conversations::{Channel, Sample};
use crate::demo::tally::Event;
use crate::domain::{Direction, JobId, JobKind, Outcome, Pin, Waiting};
use crate::session::Result;
use crate::store::review::{ListOrder, Opened, Reading};

/// A person who decides.
pub struct Reviewer {
    desk: Desk,
    chance: Chance,
}

/// A job that this reviewer reads.
#[derive(Clone, Copy)]
struct Lease {
    job: JobId,
    token: i64,
    /// It was handed up: nobody is left to hand it to.
    is_senior_work: bool,
}

impl Reviewer {
    pub fn new(desk: Desk, chance: Chance) -> Self {
        Reviewer { desk, chance }
    }
}

impl Worker for Reviewer {
    fn name(&self) -> &'static str {
        "a reviewer"
    }

    async fn turn(&mut self) -> Result<Duration> {
        let mut waiting = self.desk.store.waiting(200, &ListOrder::default()).await?;
        waiting.retain(|job| job.lease_owner.is_none());
        let pace = &self.desk.office.pace;
        let Some(rest) = pace.rest_while(waiting.len()) else { return Ok(pace.idle * 4) };
        // The most pressing ones are for the person at the dashboard.
        let first = (pace.left_for_the_person / 2).min(waiting.len().saturating_sub(1));
        let Some(job) = waiting.get(first + self.chance.below((waiting.len() - first).max(1))) else {
            return Ok(pace.idle);
        };
        match self.take(job).await? {
            Some(lease) => self.decide(lease).await?,
            None => return Ok(self.desk.office.pace.idle),
        }
        Ok(rest)
    }
}

impl Reviewer {
    /// Decides this one, unless somebody else does.
    pub async fn settle(&mut self, waiting: &Waiting) -> Result<()> {
        match self.take(waiting).await? {
            Some(lease) => self.decide(lease).await,
            None => Ok(()),
        }
    }

    /// None when somebody else was faster, or when it is not for this reviewer.
    async fn take(&self, waiting: &Waiting) -> Result<Option<Lease>> {
        let is_senior_work = waiting.target_role != "reviewer";
        let outcome = match waiting.job_kind {
            JobKind::Escalate => self.desk.store.take_escalation(waiting.job_id, Uuid::now_v7()).await?.outcome,
            _ => self.desk.store.claim_review(Some(waiting.job_id)).await?.outcome,
        };
        let job = outcome.created_job_id.unwrap_or(waiting.job_id);
        Ok(outcome.lease_token.map(|token| Lease { job, token, is_senior_work }))
    }

    /// Reads and decides; after a change of mind, once more.
    async fn decide(&mut self, first: Lease) -> Result<()> {
        if let Some(again) = self.decide_once(first, true).await? {
            self.decide_once(again, false).await?;
        }
        Ok(())
    }

    /// Returns the fresh question when the decision was taken back.
    async fn decide_once(&mut self, lease: Lease, may_change_mind: bool) -> Result<Option<Lease>> {
        let Opened::Conversation(opened) = self.desk.store.open_body(lease.job, Some(lease.token)).await? else {
            return Ok(None);
        };
        let transcript = self.desk.read(&opened)?;
        self.desk.pause(&mut self.chance, &self.desk.office.pace.reading).await;
        let office = self.desk.office.clone();
        let (Some(pin), Some(sample)) = (&opened.pin, office.recognise(&transcript)) else {
            self.give_back(lease).await?;
            return Ok(None);
        };
        if self.chance.percent(office.pace.skipped_percent) {
            let skipped = self.desk.store.skip(lease.job, lease.token, "need_information", Uuid::now_v7()).await?;
            self.count(&skipped, Event::Skipped);
            return Ok(None);
        }
        let is_decided = self.act(lease, pin, sample, &transcript).await?;
        if is_decided && may_change_mind && self.chance.percent(office.pace.change_of_mind_percent) {
            return self.undo(lease).await;
        }
        Ok(None)
    }

    /// Whether a decision was recorded.
    async fn act(&mut self, lease: Lease, pin: &Pin, sample: &Sample, seen: &Transcript) -> Result<bool> {
        let draft = seen.draft.as_deref().unwrap_or_default();
        let (store, command) = (self.desk.store.clone(), Uuid::now_v7());
        let (outcome, event) = match judge(sample, draft, lease.is_senior_work) {
            Judgement::Approve if self.wants_to_edit(sample, draft) => {
                self.revise(lease, pin, sample, draft).await?;
                return Ok(false);
            }
            Judgement::Approve => {
                let reading = Reading { seconds_on_screen: Some(1), warnings_accepted: None };
                (store.approve(lease.job, pin, reading, command).await?, Event::Approved)
            }
            Judgement::Reject { reason } => {
                (store.reject(lease.job, pin, reason, None, command).await?, Event::Rejected)
            }
            Judgement::Escalate { reason } => {
                (store.escalate(lease.job, pin, reason, command).await?, Event::Escalated)
            }
        };
        self.count(&outcome, event);
        if !outcome.is_applied() {
            // The customer wrote again, or it is this reviewer's own text: somebody looks at it afresh.
            self.give_back(lease).await?;
        }
        Ok(outcome.is_applied())
    }

    /// An edited draft is not edited again, and a short message has no room.
    fn wants_to_edit(&mut self, sample: &Sample, draft: &str) -> bool {
        sample.channel_kind != Channel::Sms
            && draft == sample.draft.body
            && self.chance.percent(self.desk.office.pace.revised_percent)
    }

    async fn revise(&self, lease: Lease, pin: &Pin, sample: &Sample, draft: &str) -> Result<()> {
        let Some(job) = self.desk.store.job(lease.job).await? else { return Ok(()) };
        let draft_id = Uuid::now_v7();
        let text = format!("{draft}\n\n{}", holding_reply(&sample.language));
        let body = self.desk.seal(job.correlation_id, draft_id, Direction::Draft, &text)?;
        let revised = self.desk.store.revise(lease.job, pin, draft_id, &body, Uuid::now_v7()).await?;
        self.count(&revised, Event::Revised);
        Ok(())
    }

    async fn undo(&self, lease: Lease) -> Result<Option<Lease>> {
        let undone = self.desk.store.undo(lease.job, Uuid::now_v7()).await?;
        self.count(&undone, Event::Undone);
        let fresh = undone.created_job_id.zip(undone.lease_token);
        Ok(fresh.map(|(job, token)| Lease { job, token, ..lease }))
    }

    async fn give_back(&self, lease: Lease) -> Result<()> {
        self.desk.store.release(lease.job, lease.token, Uuid::now_v7()).await?;
        Ok(())
    }

    fn count(&self, outcome: &Outcome, event: Event) {
        if outcome.is_applied() {
            self.desk.office.tally.count(event);
        }
    }
}
