//! I10 and every decision: all that belongs to an act is written, or none of it. A trigger that only this test has raises
//! on the nth write of a transaction, for every n.

use std::collections::BTreeSet;

use countersign::domain::{Direction, JobKind, Pin};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::contents;
use crate::calls::{completed, started};
use crate::support::{Database, Question, command, database};

/// Everything that is written under a lock of the job, and what the counts of all jobs are made of.
const ALWAYS: [&str; 4] = ["queue.command_answer", "queue.dot_iu_command_run", "queue.job_change", "queue.job_queue"];

async fn count_writes(db: &Database) {
    db.execute(
        "create function public.fail_at_nth_write() returns trigger language plpgsql as $$
         declare
             left_over integer := nullif(current_setting('test.writes_left', true), '')::integer;
         begin
             perform set_config('test.writes_left', (left_over - 1)::text, true);
             if left_over = 1 then
                 raise exception using errcode = 'XX999', message = 'this write fails';
             end if;
             return null;
         end $$;
         do $$
         declare
             held regclass;
         begin
             for held in select oid from pg_class
                         where relkind = 'r' and relnamespace in ('queue'::regnamespace, 'care'::regnamespace)
             loop
                 execute format('create trigger fail_at_nth_write after insert or update or delete on %s
                                 for each row execute function public.fail_at_nth_write()', held);
             end loop;
         end $$",
    )
    .await;
}

/// Lets the act fail at its first write, its second and so on, until it goes through, and then expects it to have written
/// to these tables. Whoever calls goes on after the failure, so that nothing is left to the end of the transaction.
async fn fails_whole(db: &Database, who: &str, act: &str, tables: &[&str]) {
    let before = contents(db).await;
    let pool = db.raw(who).await;
    let mut writes = 0;
    loop {
        let mut transaction = pool.begin().await.unwrap();
        let armed = format!("select set_config('test.writes_left', '{}', true)", writes + 1);
        sqlx::query(AssertSqlSafe(armed)).execute(&mut *transaction).await.unwrap();
        sqlx::query("savepoint before").execute(&mut *transaction).await.unwrap();
        let outcome = sqlx::query_scalar::<_, String>(AssertSqlSafe(act.to_owned())).fetch_one(&mut *transaction).await;
        if let Ok(outcome) = outcome {
            assert!(["applied", "swept"].contains(&outcome.as_str()), "{act}: {outcome}");
            transaction.commit().await.unwrap();
            break;
        }
        let error = outcome.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "XX999", "{act}: {error}");
        sqlx::query("rollback to before").execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(contents(db).await, before, "{act}: failed at write {}", writes + 1);
        writes += 1;
    }
    let after = contents(db).await;
    let written: BTreeSet<_> =
        after.iter().filter(|(table, digest)| before[*table] != **digest).map(|(table, _)| table.as_str()).collect();
    assert_eq!(written, tables.iter().copied().collect(), "{act}");
    assert!(writes >= tables.len(), "{act}: only {writes} writes");
}

async fn decision(db: &Database, call: &str, tables: &[&str]) -> Question {
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let tables: Vec<_> = ALWAYS.iter().chain(tables).copied().collect();
    fails_whole(db, "ada", &decide(call, &question, &pin), &tables).await;
    question
}

/// A statement that decides; `call` is the function's name and what it takes beside job, pin and command.
fn decide(call: &str, question: &Question, pin: &Pin) -> String {
    let (call, more) = call.split_once(' ').unwrap_or((call, ""));
    format!(
        "select queue.{call}(job_id => {}, pin => '{pin}', {more} command_id => '{}') ->> 'outcome'",
        question.job.0,
        command()
    )
}

fn about(call: &str, job: i64) -> String {
    format!("select queue.{call}(job_id => {job}, command_id => '{}') ->> 'outcome'", command())
}

#[tokio::test]
async fn i10_an_escalation_by_a_person_and_its_undoing_and_taking_over_are_whole_or_not_at_all() {
    let db = database().await;
    count_writes(&db).await;
    let up = "review_escalate reason => 'legal_threat',";
    let decided = ["queue.event_outbox", "queue.review_decision"];
    let escalated = decision(&db, up, &decided).await;
    let tables = [&ALWAYS[..], &decided].concat();
    fails_whole(&db, "ada", &about("review_undo", escalated.job.0), &tables).await;

    decision(&db, up, &decided).await;
    db.advance("31 seconds").await;
    let job: i64 =
        db.value("select max(job_id) from queue.job_queue where job_kind = 'customer_message_escalate'").await;
    fails_whole(&db, "sen", &about("take_escalation", job), &ALWAYS).await;
}

#[tokio::test]
async fn i8_an_approval_a_rejection_a_revision_and_their_undoing_are_whole_or_not_at_all() {
    let db = database().await;
    count_writes(&db).await;
    let decided = ["queue.event_outbox", "queue.review_decision"];
    let undone = [&ALWAYS[..], &decided].concat();
    let approved = decision(&db, "review_approve", &decided).await;
    fails_whole(&db, "ada", &about("review_undo", approved.job.0), &undone).await;

    let place = db.question().await.conversation.id;
    let note = db.seal("acme", place, Uuid::new_v4(), Direction::Draft, "Monday was a holiday.");
    let rejected = format!(
        "review_reject reason => 'wrong_fact', note_key_id => '{}', note_sealed => decode('{}', 'hex'),",
        note.key_id,
        hex(&note.sealed)
    );
    let rejected = decision(&db, &rejected, &["care.review_note", decided[0], decided[1]]).await;
    fails_whole(&db, "ada", &about("review_undo", rejected.job.0), &undone).await;

    let revised = format!(
        "review_revise draft_id => '{}', key_id => '{}', sealed_body => decode('{}', 'hex'), digest => decode('{}', 'hex'),",
        Uuid::new_v4(),
        note.key_id,
        hex(&note.sealed),
        hex(&note.digest)
    );
    decision(&db, &revised, &["care.customer_conversation", "care.customer_message"]).await;
}

#[tokio::test]
async fn i10_an_escalation_by_deadline_or_by_confidence_is_whole_or_not_at_all() {
    let db = database().await;
    count_writes(&db).await;
    for _ in 0..2 {
        db.question().await;
    }
    db.advance("5 hours").await;
    let counted = ["queue.bitmap_turn", "queue.fold_turn", "queue.job_change", "queue.tally"];
    let swept = [&["queue.dot_iu_command_run", "queue.event_outbox", "queue.job_queue"][..], &counted].concat();
    fails_whole(&db, "kim", "select queue.sweep() ->> 'outcome'", &swept).await;

    let tables = [&ALWAYS[..], &["queue.event_outbox", "care.customer_conversation", "care.customer_message"]].concat();
    let conversation = db.conversation().await;
    let draft = db.new_draft(&conversation, "Perhaps.");
    let submitted = format!(
        "select queue.submit_draft(
             conversation_id => '{}', draft_id => '{}', author_ref => 'drafter-1', key_id => '{}',
             sealed_body => decode('{}', 'hex'), digest => decode('{}', 'hex'),
             safe_payload => '{{\"confidence\": 0.1}}', command_id => '{}') ->> 'outcome'",
        conversation.id,
        draft.draft_id,
        draft.body.key_id,
        hex(&draft.body.sealed),
        hex(&draft.body.digest),
        command()
    );
    fails_whole(&db, "prod", &submitted, &tables).await;

    let exe = db.as_login("exe").await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Where is my card?").await;
    for kind in [JobKind::Inbound, JobKind::Classify] {
        let job = started(&exe, kind).await;
        completed(&exe, &job, &Default::default()).await;
    }
    let job = started(&exe, JobKind::Draft).await;
    let draft_id = Uuid::new_v4();
    let body = db.seal("acme", conversation.id, draft_id, Direction::Draft, "Perhaps.");
    exe.put_draft(job.job_id, job.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
    let finished = format!(
        "select queue.complete_job(job_id => {}, lease_token => {}, result => '{{\"confidence\": 0.1}}',
                                   draft_id => '{draft_id}', command_id => '{}') ->> 'outcome'",
        job.job_id.0,
        job.lease_token,
        command()
    );
    fails_whole(&db, "exe", &finished, &[&ALWAYS[..], &["queue.event_outbox"]].concat()).await;
    let escalated = "select count(*) from queue.job_queue where job_kind = 'customer_message_escalate'";
    assert_eq!(db.value::<i64>(escalated).await, 4);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
