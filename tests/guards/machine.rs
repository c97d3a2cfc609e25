//! I3 and I4 as the owner meets them: the triggers stop whom no grant stops.

use countersign::domain::JobKind;
use countersign::domain::Status::{self, *};
use sqlx::{Postgres, Transaction};

use super::refused;
use crate::calls::{approved, sending};
use crate::support::{Question, command, database};

/// Moves one job as a hand on the table would, with everything set that the status asks for.
fn moved(by: &str, job: i64, to: Status) -> String {
    let held = matches!(to, Leased | Running);
    let over = to.is_terminal() || to == DeadLetter;
    format!(
        "update queue.job_queue
         set status = '{to}', lease_token = lease_token + {claimed},
             lease_owner = case when {held} then '{by}' end,
             lease_expires_at = case when {held} then queue.clock() end,
             finished_at = case when {over} then queue.clock() end
         where job_id = {job}",
        claimed = i32::from(to == Leased),
    )
}

/// How a job of a program gets into a status from `queued`.
fn way(to: Status) -> &'static [Status] {
    match to {
        Queued => &[],
        Leased => &[Leased],
        Running => &[Leased, Running],
        RetryWaiting => &[Leased, RetryWaiting],
        Paused => &[Paused],
        Succeeded => &[Leased, Running, Succeeded],
        Failed => &[Leased, Failed],
        DeadLetter => &[Leased, DeadLetter],
        Cancelled => &[Cancelled],
    }
}

async fn owner(db: &crate::support::Database) -> Transaction<'static, Postgres> {
    let mut transaction = db.pool().begin().await.unwrap();
    sqlx::query("set local role countersign_owner").execute(&mut *transaction).await.unwrap();
    transaction
}

/// All 81 pairs. People's jobs stand in where only people move: to and from `failed`, and from `leased` to `succeeded`;
/// a send of unknown effect where only that moves.
#[tokio::test]
async fn i3_the_owner_too_moves_a_job_only_as_some_call_does() {
    let db = database().await;
    let ada = db.login("ada");
    let conversation = db.conversation().await;
    let inbound = db.inbound(&conversation, "Hello?").await.outcome.job_id.unwrap().0;
    let send = sending(&db, &db.question().await).await;
    let exe = db.as_login("exe").await;
    exe.fail_job(send.job_id, send.lease_token, "provider_timeout", command()).await.unwrap();
    let question = db.question().await.job.0;

    for from in Status::ALL {
        for to in Status::ALL {
            let job = match (from, to) {
                (DeadLetter, Succeeded) => send.job_id.0,
                (Failed, _) | (Leased, Failed | Succeeded) => question,
                _ => inbound,
            };
            let mut hand = owner(&db).await;
            if job != send.job_id.0 {
                for step in way(from) {
                    assert_eq!(
                        refused(&mut *hand, &moved(&ada, job, *step)).await,
                        None,
                        "on the way to {from}: {step}"
                    );
                }
            }
            if (from, to) == (Leased, Succeeded) {
                let decided = decision(question, "approve");
                assert_eq!(refused(&mut *hand, &decided).await, None);
            }
            let goes = match from == to {
                // Keeping the status is no move, but nothing that has ended is written again.
                true => !from.is_terminal(),
                false => Status::TRANSITIONS.contains(&(from, to)),
            };
            let answer = refused(&mut *hand, &moved(&ada, job, to)).await;
            assert_eq!(answer.as_deref(), (!goes).then_some("CS005"), "{from} to {to}");
            hand.rollback().await.unwrap();
        }
    }
}

/// What refuses a move of a job that nobody decided and that has no approval; none where it goes.
fn refusal(kind: JobKind, from: Status, to: Status) -> Option<&'static str> {
    let is_persons = matches!(kind, JobKind::Approve | JobKind::Escalate);
    let is_send = kind == JobKind::Send;
    match (from, to) {
        // Keeping the status is no move, but nothing that has ended is written again.
        _ if from == to => from.is_terminal().then_some("CS005"),
        _ if !Status::TRANSITIONS.contains(&(from, to)) => Some("CS005"),
        (Leased, Succeeded | Failed) if !is_persons => Some("CS005"),
        (DeadLetter, Succeeded) if !is_send => Some("CS005"),
        // Its effect has to be unknown, and that it ran on record.
        (DeadLetter, Succeeded) => Some("CS005"),
        (_, Leased | Running | Succeeded) if is_send => Some("CS007"),
        (Running, RetryWaiting) if is_send => Some("CS007"),
        (Leased, Succeeded) if kind == JobKind::Approve => Some("CS007"),
        (_, Running | RetryWaiting | DeadLetter) if is_persons => Some("23514"),
        _ => None,
    }
}

/// All 81 pairs for each of the seven kinds, from rows that got into their status by no call.
#[tokio::test]
async fn i3_each_kind_makes_the_moves_of_the_one_machine_and_no_others() {
    let db = database().await;
    let ada = db.login("ada");
    let question = db.question().await;
    done_with(&db, question.job.0).await;
    let mut tried = 0;
    for kind in JobKind::ALL {
        let is_persons = matches!(kind, JobKind::Approve | JobKind::Escalate);
        for from in Status::ALL {
            let held = matches!(from, Leased | Running);
            let over = from.is_terminal() || from == DeadLetter;
            let born = format!(
                "alter table queue.job_queue disable trigger machine;
                 insert into queue.job_queue
                     (job_kind, status, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref,
                      max_attempts, created_at, process_after, lease_owner, lease_expires_at, finished_at)
                 values ('{kind}', '{from}', 'acme', case when {is_persons} then 'agency:acme/role:reviewer' end, 'email',
                         '{conversation}', case when '{kind}' = 'customer_message_send' then {parent} end,
                         case when '{kind}' in ('customer_message_draft', 'customer_message_followup')
                              then 'conversation:{conversation}' else 'message:{draft}' end,
                         case when {is_persons} then null else 5 end, queue.clock(), queue.clock(),
                         case when {held} then '{ada}' end, case when {held} then queue.clock() end,
                         case when {over} then queue.clock() end);
                 alter table queue.job_queue enable always trigger machine;",
                conversation = question.conversation.id,
                draft = question.draft_id,
                parent = question.job.0,
            );
            let mut hand = db.pool().begin().await.unwrap();
            if is_persons && matches!(from, Running | RetryWaiting | DeadLetter) {
                let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(born)).execute(&mut *hand).await.unwrap_err();
                let constraint = refused.as_database_error().unwrap().constraint().unwrap().to_owned();
                assert_eq!(constraint, "job_people_do_not_run", "{kind} in {from}");
                tried += Status::ALL.len();
                continue;
            }
            sqlx::raw_sql(sqlx::AssertSqlSafe(born)).execute(&mut *hand).await.unwrap();
            let job: i64 =
                sqlx::query_scalar("select max(job_id) from queue.job_queue").fetch_one(&mut *hand).await.unwrap();
            for to in Status::ALL {
                sqlx::raw_sql("savepoint before").execute(&mut *hand).await.unwrap();
                let answer = refused(&mut *hand, &moved(&ada, job, to)).await;
                assert_eq!(answer.as_deref(), refusal(kind, from, to), "{kind}: {from} to {to}");
                sqlx::raw_sql("rollback to before").execute(&mut *hand).await.unwrap();
                tried += 1;
            }
            hand.rollback().await.unwrap();
        }
    }
    assert_eq!(tried, 7 * 81);
}

/// Ends a question, so that the conversation has room for another.
async fn done_with(db: &crate::support::Database, job: i64) {
    db.execute(&format!(
        "update queue.job_queue set status = 'cancelled', finished_at = queue.clock() where job_id = {job}"
    ))
    .await;
}

/// A decision by who holds the job, pinned to what is there.
fn decision(job: i64, verb: &str) -> String {
    format!(
        "insert into queue.review_decision (job_id, agency, decision, reason, decided_by, decided_at, draft_id, draft_digest,
                                            newest_inbound_seq, lease_token)
         select job_id, job.agency, '{verb}', 'policy', lease_owner, queue.clock(), message_id, digest, last_inbound_seq,
                lease_token
         from queue.job_queue as job
         join care.customer_message on payload_ref = 'message:' || message_id
         join care.customer_conversation on correlation_id = customer_conversation.conversation_id
         where job_id = {job}"
    )
}

#[tokio::test]
async fn i3_programs_never_end_a_job_that_they_did_not_start_and_only_an_unknown_send_is_found_to_have_left() {
    let db = database().await;
    let ada = db.login("ada");
    let conversation = db.conversation().await;
    let inbound = db.inbound(&conversation, "Hello?").await.outcome.job_id.unwrap().0;
    let cases = [(&[Leased][..], Succeeded), (&[Leased], Failed), (&[Leased, DeadLetter], Succeeded)];
    for (before, to) in cases {
        let mut hand = owner(&db).await;
        for step in before {
            assert_eq!(refused(&mut *hand, &moved(&ada, inbound, *step)).await, None);
        }
        assert_eq!(
            refused(&mut *hand, &moved(&ada, inbound, to)).await.as_deref(),
            Some("CS005"),
            "{before:?} to {to}"
        );
    }
}

#[tokio::test]
async fn i3_jobs_are_born_queued_and_never_deleted() {
    let db = database().await;
    let question = db.question().await;
    for status in Status::ALL {
        let born = format!(
            "insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, payload_ref, max_attempts,
                                          created_at, process_after, lease_owner, lease_expires_at, finished_at)
             select 'customer_message_inbound', '{status}', agency, channel_kind, correlation_id, payload_ref, 5, queue.clock(),
                    queue.clock(), case when '{status}' in ('leased', 'running') then session_user end,
                    case when '{status}' in ('leased', 'running') then queue.clock() end,
                    case when '{status}' in ('succeeded', 'failed', 'cancelled', 'dead_letter') then queue.clock() end
             from queue.job_queue where job_id = {}",
            question.job.0
        );
        let mut hand = owner(&db).await;
        let answer = refused(&mut *hand, &born).await;
        assert_eq!(answer.as_deref(), (status != Queued).then_some("CS005"), "{status}");
    }
    let kept =
        ["job_queue", "review_decision", "send_evidence", "event_outbox", "dot_iu_command_run", "command_answer"];
    approved(&db, &question).await;
    for table in kept {
        let mut hand = owner(&db).await;
        let truncated = refused(&mut *hand, &format!("truncate queue.{table} cascade")).await;
        assert_eq!(truncated.as_deref(), Some("CS010"), "{table}");
        hand.rollback().await.unwrap();
        if table == "send_evidence" {
            continue;
        }
        let mut hand = owner(&db).await;
        assert_eq!(
            refused(&mut *hand, &format!("delete from queue.{table}")).await.as_deref(),
            Some("CS010"),
            "{table}"
        );
    }
}

#[tokio::test]
async fn i4_the_gate_holds_for_the_owner() {
    let db = database().await;
    let ada = db.login("ada");
    let question = db.question().await;
    let other = db.question().await;
    let send = approved(&db, &question).await.0;
    let approve = question.job.0;

    // Another send on the same approval; a send of another conversation's draft on this approval; one on a question that
    // nobody decided.
    let another = |parent: i64, of: &Question| {
        format!(
            "insert into queue.job_queue (job_kind, status, agency, channel_kind, correlation_id, parent_job_id, payload_ref,
                                          max_attempts, created_at, process_after)
             values ('customer_message_send', 'queued', 'acme', 'email', '{}', {parent}, 'message:{}', 5, queue.clock(),
                     queue.clock())",
            of.conversation.id, of.draft_id
        )
    };
    let mut hand = owner(&db).await;
    assert_eq!(refused(&mut *hand, &another(approve, &question)).await.as_deref(), Some("23505"));
    hand.rollback().await.unwrap();

    let newest = "(select max(job_id) from queue.job_queue)";
    let lease = format!(
        "update queue.job_queue set status = 'leased', lease_owner = session_user, lease_token = lease_token + 1,
                lease_expires_at = queue.clock() where job_id = {newest}"
    );
    for (what, parent, of) in [("nobody decided", other.job.0, &other), ("of a send", send, &question)] {
        let mut hand = owner(&db).await;
        assert_eq!(refused(&mut *hand, &another(parent, of)).await, None, "{what}");
        assert_eq!(refused(&mut *hand, &lease).await.as_deref(), Some("CS007"), "{what}");
    }

    // The approved send itself: never of another draft, never running without the record of its approval.
    let mut hand = owner(&db).await;
    let other_draft =
        format!("update queue.job_queue set payload_ref = 'message:{}' where job_id = {send}", other.draft_id);
    assert_eq!(refused(&mut *hand, &other_draft).await.as_deref(), Some("CS006"));
    hand.rollback().await.unwrap();
    let mut hand = owner(&db).await;
    assert_eq!(refused(&mut *hand, &moved(&ada, send, Leased)).await, None);
    assert_eq!(refused(&mut *hand, &moved(&ada, send, Running)).await.as_deref(), Some("CS007"));
    hand.rollback().await.unwrap();

    // An approve job ends in success by a recorded approval alone.
    for recorded in [None, Some("reject"), Some("escalate")] {
        let mut hand = owner(&db).await;
        assert_eq!(refused(&mut *hand, &moved(&ada, other.job.0, Leased)).await, None);
        if let Some(verb) = recorded {
            assert_eq!(refused(&mut *hand, &decision(other.job.0, verb)).await, None);
        }
        assert_eq!(
            refused(&mut *hand, &moved(&ada, other.job.0, Succeeded)).await.as_deref(),
            Some("CS007"),
            "{recorded:?}"
        );
    }
}
