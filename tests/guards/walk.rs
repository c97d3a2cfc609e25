//! Everybody at work for a while, in no sensible order: no call fails, and every promise that can be counted holds.

use chrono::{TimeDelta, Utc};
use countersign::domain::{Direction, JobId, JobKind, Outcome, Pin, Status};
use countersign::store::holds::Scope;
use countersign::store::programs::{ClaimedJob, Completion};
use countersign::store::review::Opened;
use uuid::Uuid;

use super::texts;
use crate::support::{Conversation, Database, Dice, command, database};

/// What the walkers remember, right or wrong by now.
struct Walk<'db> {
    db: &'db Database,
    dice: Dice,
    conversations: Vec<Conversation>,
    jobs: Vec<JobId>,
    pins: Vec<(&'static str, JobId, Pin)>,
    leases: Vec<ClaimedJob>,
    holds: Vec<i64>,
}

const REVIEWERS: [&str; 4] = ["ada", "bo", "sen", "lee"];

impl Walk<'_> {
    async fn produce(&mut self) {
        let prod = self.db.as_login("prod").await;
        let act = self.dice.roll(8);
        if [0, 4, 5, 6].contains(&act) || self.conversations.is_empty() {
            let channel = ["email", "sms"][self.dice.roll(2)];
            self.conversations.push(self.db.conversation_of("acme", channel).await);
        }
        let conversation = self.dice.pick_late(&self.conversations).unwrap().clone();
        let stored = match act {
            0 | 1 => self.db.inbound(&conversation, "Where is my card?").await,
            2 => self.db.history(&conversation, Direction::Inbound, "Hello?").await,
            3 => {
                prod.schedule_followup(conversation.id, Utc::now(), &Default::default(), None, command()).await.unwrap()
            }
            _ => {
                let mut draft = self.db.new_draft(&conversation, "It left on Monday.");
                draft.codes.confidence = [None, Some(0.1), Some(0.9)][self.dice.roll(3)];
                draft.deadline_at = [None, Some(Utc::now() + TimeDelta::minutes(5))][self.dice.roll(2)];
                prod.submit_draft(&draft).await.unwrap()
            }
        };
        self.jobs.extend(stored.outcome.job_id);
    }

    async fn execute(&mut self) {
        let exe = self.db.as_login("exe").await;
        match self.dice.roll(6) {
            0 => self.leases.extend(exe.claim_jobs(&JobKind::ALL, 2).await.unwrap()),
            1 => self.leases.extend(exe.claim_jobs(&[JobKind::Send], 1).await.unwrap()),
            act => {
                let Some(job) = self.dice.pick_late(&self.leases).cloned() else { return };
                self.jobs.push(job.job_id);
                exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
                let created = match act {
                    2 | 3 => {
                        let completion = self.completion(&job).await;
                        let completed = exe.complete_job(job.job_id, job.lease_token, &completion, command()).await;
                        // A draft that could not be put cannot be named.
                        completed.ok().and_then(|outcome| outcome.created_job_id)
                    }
                    4 => {
                        let code = ["internal_error", "provider_timeout", "invalid_recipient"][self.dice.roll(3)];
                        exe.fail_job(job.job_id, job.lease_token, code, command()).await.unwrap();
                        None
                    }
                    _ => exe.release(job.job_id, job.lease_token, command()).await.unwrap().job_id,
                };
                self.jobs.extend(created);
            }
        }
    }

    async fn completion(&self, job: &ClaimedJob) -> Completion {
        let draft_id = Uuid::new_v4();
        if job.job_kind == JobKind::Draft {
            let exe = self.db.as_login("exe").await;
            let body = self.db.seal("acme", job.correlation_id, draft_id, Direction::Draft, "It left on Monday.");
            exe.put_draft(job.job_id, job.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
        }
        Completion { draft_id: Some(draft_id), provider_ref: Some("smtp-1".into()), ..Completion::default() }
    }

    async fn review(&mut self) {
        let who = REVIEWERS[self.dice.roll(REVIEWERS.len())];
        let store = self.db.as_login(who).await;
        if self.dice.roll(3) == 0 {
            let wanted = self.dice.pick(&self.jobs).copied().filter(|_| who == "bo");
            let claim = store.claim_review(wanted).await.unwrap().outcome;
            let Some(job) = claim.job_id else { return };
            if let Opened::Conversation(opened) = store.open_body(job, claim.lease_token).await.unwrap() {
                self.pins.extend(opened.pin.map(|pin| (who, job, pin)));
            }
            self.jobs.push(job);
            return;
        }
        let Some((who, job, pin)) = self.dice.pick_late(&self.pins).cloned() else { return };
        let store = self.db.as_login(who).await;
        let outcome = match self.dice.roll(9) {
            0..=3 => store.approve(job, &pin, Default::default(), command()).await,
            4 => store.reject(job, &pin, "policy", None, command()).await,
            5 => store.escalate(job, &pin, "legal_threat", command()).await,
            6 => store.undo(job, command()).await,
            7 => store.skip(job, pin.lease_token, "too_long", command()).await,
            _ => self.take_over().await,
        };
        self.jobs.extend(outcome.unwrap().created_job_id);
    }

    async fn take_over(&self) -> countersign::store::Result<Outcome> {
        let newest = "select coalesce(max(job_id), 1) from queue.job_queue
                      where job_kind = 'customer_message_escalate' and status = 'queued'";
        let job = JobId(self.db.value(newest).await);
        let sen = self.db.as_login("sen").await;
        Ok(sen.take_escalation(job, command()).await?.outcome)
    }

    async fn operate(&mut self) {
        let kim = self.db.as_login("kim").await;
        let job = self.dice.pick_late(&self.jobs).copied().unwrap_or(JobId(1));
        match self.dice.roll(9) {
            0 => {
                let scope = Scope { channel_kind: Some("sms".into()), ..Scope::default() };
                let placed = kim.place_hold(&scope, "incident", None, command()).await.unwrap();
                self.holds.extend(placed.hold_id);
            }
            1 | 2 => {
                if let Some(hold) = self.holds.pop() {
                    kim.resume_hold(hold, None, command()).await.unwrap();
                }
            }
            3 => drop(kim.cancel_job(job, "duplicate", command()).await.unwrap()),
            4 => drop(kim.retry_dead_letter(job, self.dice.roll(2) == 0, command()).await.unwrap()),
            5 => drop(kim.confirm_sent(job, &format!("found-{}", job.0), command()).await.unwrap()),
            6 => drop(kim.retry_now(job, command()).await.unwrap()),
            7 => drop(kim.discard_dead_letter(job, "duplicate", command()).await.unwrap()),
            _ => drop(kim.sweep().await.unwrap()),
        }
    }

    async fn let_time_pass(&mut self) {
        let time = ["5 seconds", "20 seconds", "40 seconds", "40 seconds", "3 minutes"][self.dice.roll(5)];
        self.db.advance(time).await;
    }
}

#[tokio::test]
async fn whatever_everybody_does_the_promises_hold() {
    let db = database().await;
    let mut walk = Walk {
        db: &db,
        dice: Dice(2026),
        conversations: Vec::new(),
        jobs: Vec::new(),
        pins: Vec::new(),
        leases: Vec::new(),
        holds: Vec::new(),
    };
    for _ in 0..1500 {
        match walk.dice.roll(10) {
            0 | 1 => walk.produce().await,
            2..=4 => walk.execute().await,
            5..=7 => walk.review().await,
            8 => walk.operate().await,
            _ => walk.let_time_pass().await,
        }
    }

    let broken: Vec<_> =
        db.admin().invariants().await.unwrap().into_iter().filter(|invariant| invariant.broken > 0).collect();
    assert!(broken.is_empty(), "{broken:?}");

    let moves: Vec<(String, String)> = sqlx::query_as(
        "select distinct from_status, to_status from queue.dot_iu_command_run
         where from_status is not null and to_status is not null and from_status <> to_status",
    )
    .fetch_all(db.pool())
    .await
    .unwrap();
    let known: Vec<_> = Status::TRANSITIONS.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
    assert_eq!(moves.iter().filter(|pair| !known.contains(pair)).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
    let never: Vec<_> = known.iter().filter(|pair| !moves.contains(pair)).collect();
    assert!(never.len() <= 5, "the walk went nowhere near {never:?}");
    let sent = "select count(*)::text from care.customer_message where direction = 'outbound'";
    assert_ne!(texts(db.pool(), sent).await, ["0"]);
}
