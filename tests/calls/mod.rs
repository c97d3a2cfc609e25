//! Every call of the contract, through the store, on real PostgreSQL: what it does and how it refuses.

mod administration;
mod connections;
mod errors;
mod job_list;
mod jobs;
mod oncall;
mod pooler;
mod producers;
mod programs;
mod review;
mod review_refusals;
mod rights;

use countersign::domain::{JobId, JobKind};
use countersign::store::Store;
use countersign::store::programs::{ClaimedJob, Completion};

use crate::support::{Database, Question, command};

/// Claims the one job of that kind that is due, and starts it.
pub(crate) async fn started(exe: &Store, kind: JobKind) -> ClaimedJob {
    let job = claimed(exe, kind).await;
    let outcome = exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
    job
}

pub(crate) async fn claimed(exe: &Store, kind: JobKind) -> ClaimedJob {
    let mut jobs = exe.claim_jobs(&[kind], 1).await.unwrap();
    assert_eq!(jobs.len(), 1, "a {kind} job is due");
    jobs.remove(0)
}

/// Approves a question as `ada` and returns the send job that this created.
pub(crate) async fn approved(db: &Database, question: &Question) -> JobId {
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let outcome = ada.approve(question.job, &pin, Default::default(), command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
    outcome.created_job_id.unwrap()
}

/// An approved send whose undo time is over, started by the executor.
pub(crate) async fn sending(db: &Database, question: &Question) -> ClaimedJob {
    approved(db, question).await;
    db.advance("40 seconds").await;
    started(&db.as_login("exe").await, JobKind::Send).await
}

pub(crate) async fn completed(exe: &Store, job: &ClaimedJob, completion: &Completion) -> Option<JobId> {
    let outcome = exe.complete_job(job.job_id, job.lease_token, completion, command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
    outcome.created_job_id
}
