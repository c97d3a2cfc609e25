//! The programs that classify, draft and send. Each claims, starts, works, and completes or fails, as any executor does.

use std::time::Duration;

use uuid::Uuid;

use super::channels::{Delivery, Provider};
use super::desk::{Desk, Transcript};
use super::producers::codes_of;
use super::worker::Worker;
use crate::demo::catalogue::{holding_reply, next_draft};
use crate::demo::chance::Chance;
use crate::demo::conversations::SampleDraft;
use crate::demo::tally::Event;
use crate::domain::job::Codes;
use crate::domain::{Direction, JobKind, Status};
use crate::session::Result;
use crate::store::programs::{ClaimedJob, Completion};
use crate::store::review::Opened;

/// Takes in messages, says what they are about, and wakes follow-ups.
pub struct Classifier {
    pub desk: Desk,
    pub chance: Chance,
}

/// Writes replies; now and then it fails.
pub struct Drafter {
    pub desk: Desk,
    pub chance: Chance,
}

/// Hands approved replies to the provider of its channel.
pub struct Sender {
    pub desk: Desk,
    pub chance: Chance,
    pub provider: Provider,
}

/// Brings back leases, applies holds, escalates what is late, where no dashboard does.
pub struct Sweeper {
    pub desk: Desk,
}

const DRAFTER_FAILS_PERCENT: usize = 2;

impl Worker for Classifier {
    fn name(&self) -> &'static str {
        "the classifier"
    }

    async fn turn(&mut self) -> Result<Duration> {
        let kinds = [JobKind::Inbound, JobKind::Classify, JobKind::Followup];
        let jobs = self.desk.store.claim_jobs(&kinds, 4).await?;
        for job in &jobs {
            self.work_on(job).await?;
        }
        Ok(self.desk.rest_after(jobs.len()))
    }
}

impl Classifier {
    async fn work_on(&mut self, job: &ClaimedJob) -> Result<()> {
        if !self.desk.start(job).await? {
            return Ok(());
        }
        self.desk.pause(&mut self.chance, &self.desk.office.pace.classifying).await;
        if job.job_kind != JobKind::Classify {
            self.desk.complete(job, Completion::default()).await?;
            return Ok(());
        }
        let Some(transcript) = self.desk.open_for(job).await? else { return Ok(()) };
        let unknown = || Codes { intent_code: Some("other".to_owned()), confidence: Some(0.5), ..Codes::default() };
        let result = self.desk.office.recognise(&transcript).map_or_else(unknown, codes_of);
        if self.desk.complete(job, Completion { result, ..Completion::default() }).await? {
            self.desk.office.tally.count(Event::Classified);
        }
        Ok(())
    }
}

impl Worker for Drafter {
    fn name(&self) -> &'static str {
        "a drafter"
    }

    async fn turn(&mut self) -> Result<Duration> {
        let jobs = self.desk.store.claim_jobs(&[JobKind::Draft], 1).await?;
        for job in &jobs {
            self.work_on(job).await?;
        }
        Ok(self.desk.rest_after(jobs.len()))
    }
}

impl Drafter {
    async fn work_on(&mut self, job: &ClaimedJob) -> Result<()> {
        if !self.desk.start(job).await? {
            return Ok(());
        }
        let Some(transcript) = self.desk.open_for(job).await? else { return Ok(()) };
        self.desk.pause(&mut self.chance, &self.desk.office.pace.drafting).await;
        if self.chance.percent(DRAFTER_FAILS_PERCENT) {
            return self.desk.fail(job, "drafter_failed").await;
        }
        let SampleDraft { author, body } = self.draft(&transcript);
        let draft_id = Uuid::now_v7();
        let sealed = self.desk.seal(job.correlation_id, draft_id, Direction::Draft, &body)?;
        let store = &self.desk.store;
        let stored = store.put_draft(job.job_id, job.lease_token, draft_id, &author, &sealed, Uuid::now_v7()).await?;
        let completion = Completion { draft_id: Some(draft_id), ..Completion::default() };
        if stored.is_applied() && self.desk.complete(job, completion).await? {
            self.desk.office.tally.count(Event::Drafted);
        }
        Ok(())
    }

    fn draft(&self, transcript: &Transcript) -> SampleDraft {
        let written: Vec<&str> = transcript.drafts.iter().map(String::as_str).collect();
        match self.desk.office.recognise(transcript) {
            Some(sample) => next_draft(sample, &written),
            None => SampleDraft { author: "drafter-1".to_owned(), body: holding_reply("en").to_owned() },
        }
    }
}

impl Worker for Sender {
    fn name(&self) -> &'static str {
        "a sender"
    }

    async fn turn(&mut self) -> Result<Duration> {
        let jobs = self.desk.store.claim_jobs(&[JobKind::Send], 1).await?;
        for job in &jobs {
            self.work_on(job).await?;
        }
        Ok(self.desk.rest_after(jobs.len()))
    }
}

impl Sender {
    /// Hands them to a provider that fails during outages only.
    pub fn steady(self) -> Self {
        Sender { provider: self.provider.steady(), ..self }
    }

    async fn work_on(&mut self, job: &ClaimedJob) -> Result<()> {
        // Only what was started can be opened, and only what was opened can be delivered.
        if !self.desk.start(job).await? {
            return Ok(());
        }
        let Some(transcript) = self.desk.open_for(job).await? else { return Ok(()) };
        if transcript.drafts.is_empty() {
            return self.desk.fail(job, "internal_error").await;
        }
        self.desk.pause(&mut self.chance, &self.desk.office.pace.sending).await;
        match self.provider.deliver() {
            Delivery::Delivered { provider_ref } => {
                self.desk.office.deliveries.note(job.job_id);
                self.desk.sent(job, provider_ref).await
            }
            Delivery::Failed { error_code } => self.desk.fail(job, error_code).await,
        }
    }
}

impl Worker for Sweeper {
    fn name(&self) -> &'static str {
        "the sweeper"
    }

    async fn turn(&mut self) -> Result<Duration> {
        self.desk.store.sweep().await?;
        Ok(self.desk.office.pace.between_sweeps)
    }
}

impl Desk {
    /// False when the job is not to be worked on after all; the database said why, in the audit trail.
    pub async fn start(&self, job: &ClaimedJob) -> Result<bool> {
        Ok(self.store.start_job(job.job_id, job.lease_token, Uuid::now_v7()).await?.is_applied())
    }

    /// None when the lease has moved on or the message is gone.
    pub async fn open_for(&self, job: &ClaimedJob) -> Result<Option<Transcript>> {
        match self.store.open_body(job.job_id, Some(job.lease_token)).await? {
            Opened::Conversation(conversation) => Ok(Some(self.read(&conversation)?)),
            Opened::Refused(_) => Ok(None),
        }
    }

    pub async fn sent(&self, job: &ClaimedJob, provider_ref: String) -> Result<()> {
        let completion = Completion { provider_ref: Some(provider_ref), ..Completion::default() };
        if self.complete(job, completion).await? {
            self.office.tally.count(Event::Sent);
        }
        Ok(())
    }

    pub async fn fail(&self, job: &ClaimedJob, error_code: &str) -> Result<()> {
        let failed = self.store.fail_job(job.job_id, job.lease_token, error_code, Uuid::now_v7()).await?;
        match failed.status {
            Some(Status::DeadLetter) => self.office.tally.count(Event::DeadLettered),
            Some(_) => self.office.tally.count(Event::Failed),
            None => {}
        }
        Ok(())
    }

    async fn complete(&self, job: &ClaimedJob, completion: Completion) -> Result<bool> {
        Ok(self.store.complete_job(job.job_id, job.lease_token, &completion, Uuid::now_v7()).await?.is_applied())
    }

    /// After work comes more work; where there was none, a look a little later.
    fn rest_after(&self, jobs: usize) -> Duration {
        if jobs > 0 { Duration::ZERO } else { self.office.pace.idle }
    }
}
