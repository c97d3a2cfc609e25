//! The last moment in which a decision can be taken back is the first in which somebody can take what it created.

use countersign::domain::{JobId, JobKind, Pin, Status};
use countersign::store::Store;

use crate::support::{Database, Figure, Question, command, database, scaled};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Decision {
    Approve,
    Reject,
    Escalate,
}

/// Who undoes and who takes, each at connections of their own.
struct Sides {
    ada: Store,
    exe: Store,
    sen: Store,
}

impl Sides {
    /// Decides as `ada` and says which job this created.
    async fn decided(&self, decision: Decision, question: &Question, pin: &Pin) -> JobId {
        let job = question.job;
        let claim = self.ada.claim_review(Some(job)).await.unwrap();
        assert!(claim.outcome.is_applied(), "{claim:?}");
        let decided = match decision {
            Decision::Approve => self.ada.approve(job, pin, Default::default(), command()).await,
            Decision::Reject => self.ada.reject(job, pin, "wrong_fact", None, command()).await,
            Decision::Escalate => self.ada.escalate(job, pin, "legal_threat", command()).await,
        }
        .unwrap();
        decided.created_job_id.unwrap()
    }

    /// Whether whoever is to do the created job got it.
    async fn take(&self, decision: Decision, created: JobId) -> bool {
        let kind = match decision {
            Decision::Approve => JobKind::Send,
            Decision::Reject => JobKind::Draft,
            Decision::Escalate => {
                let taken = self.sen.take_escalation(created, command()).await.unwrap().outcome;
                assert!(["applied", "already_decided"].contains(&taken.outcome.as_str()), "{taken:?}");
                return taken.is_applied();
            }
        };
        match self.exe.claim_jobs(&[kind], 1).await.unwrap().as_slice() {
            [] => false,
            [taken] => {
                assert_eq!(taken.job_id, created);
                true
            }
            more => panic!("{more:?}"),
        }
    }

    async fn undo(&self, job: JobId) -> bool {
        let undone = self.ada.undo(job, command()).await.unwrap();
        assert!(["applied", "too_late"].contains(&undone.outcome.as_str()), "{undone:?}");
        undone.is_applied()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_i10_what_a_decision_created_is_undone_or_taken_never_both_and_never_neither() {
    let tries = scaled(90, 10_000);
    let db = database().await;
    let sides = Sides { ada: db.as_login("ada").await, exe: db.as_login("exe").await, sen: db.as_login("sen").await };
    let figure = Figure::begin("undo against claim at the boundary, tries");
    let mut undone_of = [0; 3];
    let mut attempt = 0;
    while attempt < tries {
        for (question, pin) in db.questions((tries - attempt).min(500)).await {
            let decision = [Decision::Approve, Decision::Reject, Decision::Escalate][attempt % 3];
            let created = sides.decided(decision, &question, &pin).await;
            db.execute(&format!(
                "update queue.job_queue set process_after = queue.clock() where job_id = {}",
                created.0
            ))
            .await;
            let (undone, taken) = if attempt % 2 == 0 {
                tokio::join!(sides.undo(question.job), sides.take(decision, created))
            } else {
                let (taken, undone) = tokio::join!(sides.take(decision, created), sides.undo(question.job));
                (undone, taken)
            };
            assert_ne!(undone, taken, "{decision:?} {attempt}: undone {undone}, taken {taken}");
            assert_eq!(undone, db.status(created).await == Status::Cancelled, "{decision:?} {attempt}");
            undone_of[decision as usize] += usize::from(undone);
            put_away(&db, &question).await;
            attempt += 1;
        }
    }
    println!("undone of approve, reject, escalate: {undone_of:?}");
    figure.end(tries);
    let open = "select count(*) from queue.review_decision as decision join queue.job_queue as created
                on created.job_id = decision.created_job_id
                where (decision.undone_at is not null) <> (created.outcome_code = 'undone' and created.lease_token = 0)";
    assert_eq!(db.value::<i64>(open).await, 0, "what is on record as undone was never taken");
}

/// Ends what is open of a conversation, so that no lease of an earlier try runs out during a later one. Who took an
/// escalation over has ended it.
async fn put_away(db: &Database, question: &Question) {
    db.execute(&format!(
        "update queue.job_queue
         set status = 'cancelled', outcome_code = coalesce(outcome_code, 'cancelled'), finished_at = queue.clock(),
             lease_owner = null, lease_expires_at = null
         where correlation_id = '{}' and status in ('queued', 'leased')",
        question.conversation.id
    ))
    .await;
}
