//! I3: the transition table and the calls are the same thing twice. No pair without a call, no call without its pair.

use std::collections::BTreeSet;

use countersign::domain::{Direction, JobId, JobKind, Outcome, Status};
use countersign::store::Store;
use countersign::store::holds::Scope;
use countersign::store::programs::{ClaimedJob, Completion};
use serde_json::json;
use uuid::Uuid;

use super::texts;
use crate::calls::{approved, claimed, completed, sending, started};
use crate::support::{Conversation, Database, Question, command, database};

/// The contract's §1, a row for each pair with the calls that make it. `recover_lease` is what a lease's expiry does, in
/// `sweep` and in claims; a standing hold is audited as `hold` whoever applies it.
const MOVES: [(&str, &str, &[&str]); 22] = [
    ("queued", "leased", &["claim_jobs", "claim_review", "take_escalation", "review_undo"]),
    ("retry_waiting", "leased", &["claim_jobs"]),
    ("queued", "paused", &["hold"]),
    ("retry_waiting", "paused", &["hold"]),
    (
        "queued",
        "cancelled",
        &[
            "cancel_job",
            "review_undo",
            "sweep",
            "submit_draft",
            "complete_job",
            "claim_jobs",
            "erase_customer",
            "take_escalation",
        ],
    ),
    ("retry_waiting", "cancelled", &["cancel_job", "claim_jobs", "erase_customer"]),
    ("paused", "cancelled", &["cancel_job", "review_undo", "erase_customer"]),
    ("dead_letter", "cancelled", &["dead_letter_discard", "erase_customer"]),
    ("paused", "queued", &["resume"]),
    ("retry_waiting", "queued", &["retry_now"]),
    ("leased", "running", &["start_job"]),
    (
        "leased",
        "queued",
        &["release_job", "skip_review", "force_release", "review_revise", "start_job", "recover_lease"],
    ),
    ("leased", "retry_waiting", &["recover_lease"]),
    ("leased", "dead_letter", &["recover_lease", "start_job"]),
    ("leased", "succeeded", &["review_approve", "take_escalation"]),
    ("leased", "failed", &["review_reject"]),
    // The reviewers' other calls end a job whose draft is gone.
    ("leased", "cancelled", &["review_escalate", "start_job", "review_approve", "review_reject", "review_revise"]),
    ("running", "succeeded", &["complete_job"]),
    ("running", "retry_waiting", &["fail_job", "complete_job", "recover_lease"]),
    ("running", "dead_letter", &["fail_job", "recover_lease", "complete_job"]),
    ("dead_letter", "queued", &["dead_letter_retry"]),
    ("dead_letter", "succeeded", &["confirm_sent"]),
];

/// Everybody at their places.
struct Stage {
    db: Database,
    ada: Store,
    sen: Store,
    kim: Store,
    exe: Store,
    wad: Store,
    pad: Store,
}

fn sent() -> Completion {
    Completion { provider_ref: Some("smtp-1".into()), ..Completion::default() }
}

fn by_email() -> Scope {
    Scope { channel_kind: Some("email".into()), ..Scope::default() }
}

fn done(outcome: Outcome) -> Outcome {
    assert!(outcome.is_applied(), "{outcome:?}");
    outcome
}

impl Stage {
    async fn set() -> Stage {
        let db = database().await;
        Stage {
            ada: db.as_login("ada").await,
            sen: db.as_login("sen").await,
            kim: db.as_login("kim").await,
            exe: db.as_login("exe").await,
            wad: db.as_login("wad").await,
            pad: db.as_login("pad").await,
            db,
        }
    }

    /// An inbound job, and nothing else for a program to claim.
    async fn inbound(&self) -> (Conversation, JobId) {
        let conversation = self.db.conversation().await;
        let job = self.db.inbound(&conversation, "Hello?").await.outcome.job_id.unwrap();
        (conversation, job)
    }

    async fn cancel(&self, job: JobId) {
        done(self.kim.cancel_job(job, "obsolete", command()).await.unwrap());
    }

    async fn erase(&self, conversation: &Conversation) {
        done(self.wad.erase_customer(&conversation.customer_ref, command()).await.unwrap().outcome);
    }

    async fn expire(&self) {
        self.db.advance("10 minutes").await;
        self.kim.sweep().await.unwrap();
    }

    /// A failed attempt that waits for its next one.
    async fn retrying(&self) -> (Conversation, ClaimedJob) {
        let (conversation, _) = self.inbound().await;
        let job = started(&self.exe, JobKind::Inbound).await;
        self.exe.fail_job(job.job_id, job.lease_token, "internal_error", command()).await.unwrap();
        (conversation, job)
    }

    async fn dead(&self) -> (Conversation, ClaimedJob) {
        let (conversation, _) = self.inbound().await;
        let job = started(&self.exe, JobKind::Inbound).await;
        self.exe.fail_job(job.job_id, job.lease_token, "provider_rejected", command()).await.unwrap();
        (conversation, job)
    }

    async fn unsure(&self) -> Question {
        let conversation = self.db.conversation().await;
        let mut draft = self.db.new_draft(&conversation, "Perhaps.");
        draft.codes.confidence = Some(0.1);
        self.db.ask(&conversation, &draft).await
    }

    async fn programs_at_work(&self) {
        // Released, started, completed; failed, hurried, claimed again, expired in every way.
        let (_, job) = self.inbound().await;
        let leased = claimed(&self.exe, JobKind::Inbound).await;
        done(self.exe.release(job, leased.lease_token, command()).await.unwrap());
        let running = started(&self.exe, JobKind::Inbound).await;
        let classify = completed(&self.exe, &running, &Completion::default()).await.unwrap();
        self.cancel(classify).await;

        let (_, failed) = self.retrying().await;
        done(self.kim.retry_now(failed.job_id, command()).await.unwrap());
        started(&self.exe, JobKind::Inbound).await;
        self.expire().await;
        self.db.advance("1 hour").await;
        claimed(&self.exe, JobKind::Inbound).await;
        self.expire().await;
        self.db.advance("1 hour").await;
        self.db.execute("update queue.job_queue set max_attempts = attempt + 1 where status = 'retry_waiting'").await;
        claimed(&self.exe, JobKind::Inbound).await;
        self.expire().await;
        done(self.kim.retry_dead_letter(failed.job_id, false, command()).await.unwrap());
        self.cancel(failed.job_id).await;

        let (_, retried) = self.retrying().await;
        self.cancel(retried.job_id).await;
        let (_, dead) = self.dead().await;
        done(self.kim.discard_dead_letter(dead.job_id, "obsolete", command()).await.unwrap());

        // A completion whose successor is switched off.
        let (_, job) = self.inbound().await;
        let running = started(&self.exe, JobKind::Inbound).await;
        let classify = "queue.customer.customer_message_classify.enabled";
        done(self.pad.set_config(classify, &json!(false), None, command()).await.unwrap());
        let answer = self.exe.complete_job(job, running.lease_token, &Completion::default(), command()).await.unwrap();
        assert_eq!(answer.outcome, "switched_off");
        done(self.pad.set_config(classify, &json!(null), None, command()).await.unwrap());
        self.cancel(job).await;
    }

    async fn holds(&self) {
        let (_, waiting) = self.inbound().await;
        let leased = claimed(&self.exe, JobKind::Inbound).await;
        let (_, other) = self.retrying_beside(waiting).await;
        let question = self.db.question().await;
        let send = approved(&self.db, &question).await;
        let hold = self.kim.place_hold(&by_email(), "incident", None, command()).await.unwrap().hold_id.unwrap();
        let held = self.exe.start_job(leased.job_id, leased.lease_token, command()).await.unwrap();
        assert_eq!(held.outcome, "held");
        assert_eq!(self.db.status(other).await, Status::Paused);
        // The decision is taken back while its send is paused; so is somebody's waiting job.
        done(self.ada.undo(question.job, command()).await.unwrap());
        assert_eq!(self.db.status(send).await, Status::Cancelled);
        self.kim.sweep().await.unwrap();
        self.cancel(waiting).await;
        self.kim.resume_hold(hold, None, command()).await.unwrap();
        self.cancel(other).await;
    }

    /// A failed attempt while another job of the kind is in somebody's hands.
    async fn retrying_beside(&self, _held: JobId) -> (Conversation, JobId) {
        let (conversation, job) = self.retrying().await;
        (conversation, job.job_id)
    }

    async fn sends(&self) {
        let question = self.db.question().await;
        let send = sending(&self.db, &question).await;
        completed(&self.exe, &send, &sent()).await;

        // Unknown, by its code and by its worker's vanishing.
        let send = sending(&self.db, &self.db.question().await).await;
        self.exe.fail_job(send.job_id, send.lease_token, "provider_timeout", command()).await.unwrap();
        done(self.kim.confirm_sent(send.job_id, "smtp-2", command()).await.unwrap());
        let send = sending(&self.db, &self.db.question().await).await;
        self.expire().await;
        assert_eq!(self.db.status(send.job_id).await, Status::DeadLetter);

        // No longer wanted: when it is claimed, when it starts, and when it waits for its next attempt.
        for moment in ["claim", "start", "retry"] {
            let question = self.db.question().await;
            approved(&self.db, &question).await;
            self.db.advance("40 seconds").await;
            let leased = if moment == "claim" { None } else { Some(claimed(&self.exe, JobKind::Send).await) };
            if let (Some(send), "retry") = (&leased, moment) {
                done(self.exe.start_job(send.job_id, send.lease_token, command()).await.unwrap());
                self.exe.fail_job(send.job_id, send.lease_token, "rate_limited", command()).await.unwrap();
                self.db.advance("1 minute").await;
            }
            self.db.history(&question.conversation, Direction::Inbound, "Never mind.").await;
            match (&leased, moment) {
                (Some(send), "start") => {
                    let answer = self.exe.start_job(send.job_id, send.lease_token, command()).await.unwrap();
                    assert_eq!(answer.outcome, "conversation_moved");
                }
                _ => assert_eq!(self.exe.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []),
            }
        }
    }

    async fn people(&self) {
        let question = self.db.question().await;
        let claim = self.ada.claim_review(Some(question.job)).await.unwrap().outcome;
        done(self.ada.skip(question.job, claim.lease_token.unwrap(), "too_long", command()).await.unwrap());
        self.db.read("ada", question.job).await;
        self.db
            .execute(
                "update queue.staff set roles = roles || '{reviewer}'::text[] where 'senior_reviewer' = any (roles)",
            )
            .await;
        done(self.sen.force_release(question.job, command()).await.unwrap());
        let pin = self.db.read("ada", question.job).await;
        let revision = Uuid::new_v4();
        let body = self.db.seal("acme", question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
        done(self.ada.revise(question.job, &pin, revision, &body, command()).await.unwrap());
        let claim = self.ada.claim_review(Some(question.job)).await.unwrap().outcome;
        done(self.ada.release(question.job, claim.lease_token.unwrap(), command()).await.unwrap());
        self.ada.claim_review(Some(question.job)).await.unwrap();
        self.expire().await;

        let rejected = self.db.question().await;
        let pin = self.db.read("ada", rejected.job).await;
        done(self.ada.reject(rejected.job, &pin, "policy", None, command()).await.unwrap());
        done(self.ada.undo(rejected.job, command()).await.unwrap());

        let escalated = self.db.question().await;
        let pin = self.db.read("ada", escalated.job).await;
        let up = done(self.ada.escalate(escalated.job, &pin, "legal_threat", command()).await.unwrap());
        self.db.advance("40 seconds").await;
        done(self.sen.take_escalation(up.created_job_id.unwrap(), command()).await.unwrap().outcome);
        // By its own doubt, and by its deadline.
        self.unsure().await;
        self.db.question().await;
        self.db.advance("5 hours").await;
        assert!(self.kim.sweep().await.unwrap().escalated > 0);
    }

    /// A draft job born of a classification that doubts itself escalates the question that it leads to.
    async fn doubts(&self) {
        let (conversation, _) = self.inbound().await;
        let inbound = started(&self.exe, JobKind::Inbound).await;
        completed(&self.exe, &inbound, &Completion::default()).await;
        let classify = started(&self.exe, JobKind::Classify).await;
        let unsure = Completion {
            result: countersign::domain::job::Codes { confidence: Some(0.1), ..Default::default() },
            ..Completion::default()
        };
        completed(&self.exe, &classify, &unsure).await;
        let draft = started(&self.exe, JobKind::Draft).await;
        let draft_id = Uuid::new_v4();
        let body = self.db.seal("acme", conversation.id, draft_id, Direction::Draft, "Perhaps.");
        self.exe.put_draft(draft.job_id, draft.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
        completed(&self.exe, &draft, &Completion { draft_id: Some(draft_id), ..Completion::default() }).await;
    }

    async fn erasures(&self) {
        // What waits is cancelled, wherever it waits.
        let (conversation, _) = self.inbound().await;
        self.erase(&conversation).await;
        let (conversation, _) = self.retrying().await;
        self.erase(&conversation).await;
        let (conversation, _) = self.dead().await;
        self.erase(&conversation).await;
        let (conversation, _) = self.inbound().await;
        let hold = self.kim.place_hold(&by_email(), "incident", None, command()).await.unwrap().hold_id.unwrap();
        self.erase(&conversation).await;
        self.kim.resume_hold(hold, None, command()).await.unwrap();
        // What is worked on ends at the next step.
        let (conversation, _) = self.inbound().await;
        let leased = claimed(&self.exe, JobKind::Inbound).await;
        self.erase(&conversation).await;
        self.exe.start_job(leased.job_id, leased.lease_token, command()).await.unwrap();
        let (conversation, _) = self.inbound().await;
        let running = started(&self.exe, JobKind::Inbound).await;
        self.erase(&conversation).await;
        self.exe.complete_job(running.job_id, running.lease_token, &Completion::default(), command()).await.unwrap();
        for call in ["approve", "reject", "escalate", "revise"] {
            let question = self.db.question().await;
            let pin = self.db.read("ada", question.job).await;
            self.erase(&question.conversation).await;
            let revision = Uuid::new_v4();
            let body = self.db.seal("acme", question.conversation.id, revision, Direction::Draft, "Hello.");
            let outcome = match call {
                "approve" => self.ada.approve(question.job, &pin, Default::default(), command()).await.unwrap(),
                "reject" => self.ada.reject(question.job, &pin, "policy", None, command()).await.unwrap(),
                "escalate" => self.ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap(),
                _ => self.ada.revise(question.job, &pin, revision, &body, command()).await.unwrap(),
            };
            assert_eq!(outcome.outcome, "payload_missing", "{call}");
        }
        // An escalation whose draft is gone without its customer: nobody can take it over.
        let question = self.unsure().await;
        let up: i64 = self
            .db
            .value(&format!("select job_id from queue.job_queue where parent_job_id = {}", question.job.0))
            .await;
        self.db
            .execute(&format!(
                "update care.customer_message set sealed_body = null, key_id = null, erased_at = queue.clock()
                 where message_id = '{}'",
                question.draft_id
            ))
            .await;
        let taken = self.sen.take_escalation(JobId(up), command()).await.unwrap().outcome;
        assert_eq!(taken.outcome, "payload_missing");
    }
}

#[tokio::test]
async fn i3_every_pair_has_its_calls_and_every_call_its_pairs() {
    let stage = Stage::set().await;
    stage.programs_at_work().await;
    stage.holds().await;
    stage.sends().await;
    stage.people().await;
    stage.doubts().await;
    stage.erasures().await;

    let seen: BTreeSet<String> = texts(
        stage.db.pool(),
        "select distinct concat_ws(' ', from_status, 'to', to_status, 'by', call)
         from queue.dot_iu_command_run where from_status <> to_status",
    )
    .await
    .into_iter()
    .collect();
    let decided: BTreeSet<String> = MOVES
        .iter()
        .flat_map(|(from, to, calls)| calls.iter().map(move |call| format!("{from} to {to} by {call}")))
        .collect();
    let never: Vec<_> = decided.difference(&seen).collect();
    let beyond: Vec<_> = seen.difference(&decided).collect();
    assert!(never.is_empty() && beyond.is_empty(), "never seen: {never:#?}\nbeyond the contract: {beyond:#?}");

    // The table in the database is the same one.
    let pairs: BTreeSet<String> =
        texts(stage.db.pool(), "select from_status || ' to ' || to_status from queue.job_transition")
            .await
            .into_iter()
            .collect();
    assert_eq!(pairs, MOVES.iter().map(|(from, to, _)| format!("{from} to {to}")).collect());
}
