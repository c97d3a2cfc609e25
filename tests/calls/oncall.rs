//! Dead letters, holds, and jobs that someone must stop or hurry.

use countersign::domain::{JobId, JobKind, Status};
use countersign::store::dead_letters::{Cell, Retry};
use countersign::store::holds::Scope;
use countersign::store::programs::Completion;
use countersign::store::sweeping::Swept;

use super::{approved, claimed, sending, started};
use crate::support::{Database, command, database};

/// An inbound job that ended as a dead letter.
async fn dead_inbound(db: &Database) -> JobId {
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Inbound).await;
    exe.fail_job(job.job_id, job.lease_token, "payload_missing", command()).await.unwrap();
    assert_eq!(db.status(job.job_id).await, Status::DeadLetter);
    job.job_id
}

/// A send that may have left.
async fn unknown_send(db: &Database) -> JobId {
    let question = db.question().await;
    let job = sending(db, &question).await;
    let exe = db.as_login("exe").await;
    exe.fail_job(job.job_id, job.lease_token, "provider_timeout", command()).await.unwrap();
    job.job_id
}

fn sms() -> Scope {
    Scope { channel_kind: Some("sms".into()), ..Scope::default() }
}

#[tokio::test]
async fn a_retried_dead_letter_can_really_be_claimed_again() {
    let db = database().await;
    let job = dead_inbound(&db).await;
    let kim = db.as_login("kim").await;
    db.execute(&format!("update queue.job_queue set max_attempts = attempt where job_id = {}", job.0)).await;
    assert!(kim.retry_dead_letter(job, false, command()).await.unwrap().is_applied());
    let again = claimed(&db.as_login("exe").await, JobKind::Inbound).await;
    assert_eq!((again.job_id, again.attempt), (job, 2));
    assert!(again.max_attempts.unwrap() > again.attempt);
}

#[tokio::test]
async fn a_send_that_may_have_left_is_repeated_only_by_who_says_so() {
    let db = database().await;
    let job = unknown_send(&db).await;
    let kim = db.as_login("kim").await;
    let letter = &kim.dead_letters(&Cell::default(), 10).await.unwrap()[0];
    assert!(letter.may_have_left());
    assert_eq!(kim.retry_dead_letter(job, false, command()).await.unwrap().outcome, "may_have_left");
    assert_eq!(db.status(job).await, Status::DeadLetter);
    assert!(kim.retry_dead_letter(job, true, command()).await.unwrap().is_applied());
    assert_eq!(claimed(&db.as_login("exe").await, JobKind::Send).await.job_id, job);
}

#[tokio::test]
async fn a_send_that_was_found_to_have_left_is_recorded_as_sent() {
    let db = database().await;
    let job = unknown_send(&db).await;
    let kim = db.as_login("kim").await;
    assert!(kim.confirm_sent(job, "smtp-9", command()).await.unwrap().is_applied());
    let sent = db.job(job).await;
    assert_eq!((sent.status, sent.outcome_code.as_deref()), (Status::Succeeded, Some("confirmed_sent")));
    let outbound = "select provider_ref from care.customer_message where direction = 'outbound'";
    assert_eq!(db.value::<String>(outbound).await, "smtp-9");
    let surely_failed = dead_inbound(&db).await;
    let refused = kim.confirm_sent(surely_failed, "smtp-9", command()).await.unwrap();
    assert_eq!(refused.outcome, "wrong_status");
}

#[tokio::test]
async fn one_number_of_the_provider_stands_for_one_message() {
    let db = database().await;
    let kim = db.as_login("kim").await;
    let (first, second) = (unknown_send(&db).await, unknown_send(&db).await);
    let once = command();
    assert!(kim.confirm_sent(first, "smtp-9", once).await.unwrap().is_applied());
    assert!(kim.confirm_sent(first, "smtp-9", once).await.unwrap().is_applied(), "the same command again");
    assert_eq!(kim.confirm_sent(second, "smtp-9", command()).await.unwrap().outcome, "reference_taken");
    assert_eq!(db.status(second).await, Status::DeadLetter);
    assert!(kim.confirm_sent(second, "smtp-10", command()).await.unwrap().is_applied());
}

#[tokio::test]
async fn a_discarded_dead_letter_is_over() {
    let db = database().await;
    let job = dead_inbound(&db).await;
    let kim = db.as_login("kim").await;
    assert!(kim.discard_dead_letter(job, "obsolete", command()).await.unwrap().is_applied());
    let over = db.job(job).await;
    assert_eq!((over.status, over.outcome_code.as_deref()), (Status::Cancelled, Some("discarded")));
    assert_eq!(kim.retry_dead_letter(job, false, command()).await.unwrap().outcome, "wrong_status");
}

#[tokio::test]
async fn how_often_people_retried_is_counted_and_cells_narrow_the_list() {
    let db = database().await;
    let inbound = dead_inbound(&db).await;
    let send = unknown_send(&db).await;
    let kim = db.as_login("kim").await;
    kim.retry_dead_letter(inbound, false, command()).await.unwrap();
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Inbound).await;
    exe.fail_job(job.job_id, job.lease_token, "payload_missing", command()).await.unwrap();
    let of_kind = |kind| Cell { job_kind: Some(kind), ..Cell::default() };
    let letters = kim.dead_letters(&of_kind(JobKind::Inbound), 10).await.unwrap();
    assert_eq!(letters.iter().map(|row| (row.job_id, row.retried_by_people)).collect::<Vec<_>>(), [(inbound, 1)]);
    let letters = kim.dead_letters(&of_kind(JobKind::Send), 10).await.unwrap();
    assert_eq!(letters.iter().map(|row| row.job_id).collect::<Vec<_>>(), [send]);
    assert_eq!(kim.dead_letter_grid().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_hold_stops_what_it_covers_and_what_comes_later_until_it_is_resumed() {
    let db = database().await;
    let (covered, free) = (db.question_of("acme", "sms").await, db.question().await);
    let (held, other) = (approved(&db, &covered).await, approved(&db, &free).await);
    db.advance("40 seconds").await;
    let kim = db.as_login("kim").await;
    let placed = kim.place_hold(&sms(), "provider_outage", Some("INC-2304"), command()).await.unwrap();
    assert_eq!((placed.outcome.outcome.as_str(), placed.paused), ("applied", 1));
    assert_eq!(db.status(held).await, Status::Paused);
    let later = db.question_of("acme", "sms").await.job;
    assert_eq!(db.as_login("exe").await.sweep().await.unwrap().paused, 1);
    assert_eq!(db.status(later).await, Status::Paused);
    assert_eq!(claimed(&db.as_login("exe").await, JobKind::Send).await.job_id, other);

    let resumed = kim.resume_hold(placed.hold_id.unwrap(), None, command()).await.unwrap();
    assert_eq!((resumed.outcome.outcome.as_str(), resumed.resumed), ("applied", 2));
    assert_eq!(claimed(&db.as_login("exe").await, JobKind::Send).await.job_id, held);
    let again = kim.resume_hold(placed.hold_id.unwrap(), None, command()).await.unwrap();
    assert_eq!((again.outcome.outcome.as_str(), again.outcome.by), ("already_decided", Some(db.login("kim"))));
    assert!(kim.holds().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_paced_resume_spaces_the_jobs_out() {
    let db = database().await;
    let mut sends = Vec::new();
    for _ in 0..3 {
        sends.push(approved(&db, &db.question_of("acme", "sms").await).await);
    }
    db.advance("40 seconds").await;
    let kim = db.as_login("kim").await;
    let hold = kim.place_hold(&sms(), "provider_outage", None, command()).await.unwrap().hold_id.unwrap();
    assert_eq!(kim.resume_hold(hold, Some(2), command()).await.unwrap().resumed, 3);
    let exe = db.as_login("exe").await;
    let mut claimed_after = Vec::new();
    for _ in 0..3 {
        claimed_after.push(exe.claim_jobs(&[JobKind::Send], 10).await.unwrap().len());
        db.advance("31 seconds").await;
    }
    assert_eq!(claimed_after, [1, 1, 1], "two a minute");
}

#[tokio::test]
async fn of_two_holds_over_the_same_job_both_must_go() {
    let db = database().await;
    let send = approved(&db, &db.question_of("acme", "sms").await).await;
    let kim = db.as_login("kim").await;
    let wide = Scope { agency: Some("acme".into()), ..Scope::default() };
    let one = kim.place_hold(&sms(), "incident", None, command()).await.unwrap().hold_id.unwrap();
    let two = kim.place_hold(&wide, "incident", None, command()).await.unwrap().hold_id.unwrap();
    kim.resume_hold(one, None, command()).await.unwrap();
    assert_eq!(db.status(send).await, Status::Paused);
    kim.resume_hold(two, None, command()).await.unwrap();
    assert_eq!(db.status(send).await, Status::Queued);
}

#[tokio::test]
async fn a_waiting_retry_is_hurried_and_a_waiting_job_cancelled() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    let exe = db.as_login("exe").await;
    let job = started(&exe, JobKind::Inbound).await;
    exe.fail_job(job.job_id, job.lease_token, "internal_error", command()).await.unwrap();
    assert_eq!(exe.claim_jobs(&[JobKind::Inbound], 1).await.unwrap(), []);
    let kim = db.as_login("kim").await;
    assert!(kim.retry_now(job.job_id, command()).await.unwrap().is_applied());
    assert_eq!(kim.retry_now(job.job_id, command()).await.unwrap().outcome, "wrong_status");
    assert!(kim.cancel_job(job.job_id, "duplicate", command()).await.unwrap().is_applied());
    assert_eq!(db.status(job.job_id).await, Status::Cancelled);
    assert_eq!(kim.cancel_job(job.job_id, "duplicate", command()).await.unwrap().outcome, "wrong_status");
}

#[tokio::test]
async fn what_is_being_worked_on_is_not_cancelled() {
    let db = database().await;
    let question = db.question().await;
    db.read("ada", question.job).await;
    let refused = db.as_login("kim").await.cancel_job(question.job, "duplicate", command()).await.unwrap();
    assert_eq!(refused.outcome, "wrong_status");
}

#[tokio::test]
async fn only_oncall_acts_and_only_in_its_agency() {
    let db = database().await;
    let job = dead_inbound(&db).await;
    for (who, expected) in [("opa", "not_authorised"), ("ada", "not_authorised"), ("gus", "not_found")] {
        let store = db.as_login(who).await;
        let answers = [
            store.retry_dead_letter(job, false, command()).await.unwrap().outcome,
            store.discard_dead_letter(job, "obsolete", command()).await.unwrap().outcome,
            store.confirm_sent(job, "smtp-1", command()).await.unwrap().outcome,
            store.retry_now(job, command()).await.unwrap().outcome,
            store.cancel_job(job, "obsolete", command()).await.unwrap().outcome,
        ];
        assert_eq!(answers, [expected; 5], "{who}");
        let hold = store.place_hold(&sms(), "incident", None, command()).await.unwrap();
        assert_eq!(hold.outcome.outcome, "not_authorised", "{who}");
    }
    let elsewhere = Scope { agency: Some("globex".into()), ..Scope::default() };
    let foreign = db.as_login("kim").await.place_hold(&elsewhere, "incident", None, command()).await.unwrap();
    assert_eq!(foreign.outcome.outcome, "not_authorised");
}

#[tokio::test]
async fn a_hold_over_everything_or_over_nothing_known_is_misuse() {
    let db = database().await;
    let kim = db.as_login("kim").await;
    let pigeon = Scope { channel_kind: Some("pigeon".into()), ..Scope::default() };
    for scope in [Scope::default(), pigeon] {
        let error = kim.place_hold(&scope, "incident", None, command()).await.unwrap_err();
        assert_eq!(error.sqlstate(), Some("CS002"), "{scope:?}");
    }
    let error = kim.place_hold(&sms(), "incident", Some("see the wiki"), command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS002"));
}

#[tokio::test]
async fn a_passed_deadline_goes_up_by_itself_but_never_from_under_a_reader() {
    let db = database().await;
    let (late, read) = (db.question().await, db.question().await);
    db.advance("239 minutes").await;
    db.read("ada", read.job).await;
    db.advance("2 minutes").await;
    let exe = db.as_login("exe").await;
    let swept = exe.sweep().await.unwrap();
    assert_eq!(swept, Swept { escalated: 1, ..Swept::default() });
    assert_eq!(db.job(late.job).await.outcome_code.as_deref(), Some("escalated"));
    assert_eq!(db.status(read.job).await, Status::Leased);
    assert_eq!(exe.sweep().await.unwrap(), Swept::default(), "once is enough");
    let undone = db.as_login("sen").await.undo(late.job, command()).await.unwrap();
    assert_eq!(undone.outcome, "not_found", "what nobody decided cannot be taken back");
}

#[tokio::test]
async fn a_full_tier_stops_escalation_and_says_so_once() {
    let db = database().await;
    let key = "queue.customer.escalation_open_limit";
    let wad = db.as_login("wad").await;
    wad.set_agency_config(key, &serde_json::json!(1), command()).await.unwrap();
    for _ in 0..3 {
        db.question().await;
    }
    db.advance("241 minutes").await;
    let exe = db.as_login("exe").await;
    let swept = exe.sweep().await.unwrap();
    assert_eq!((swept.escalated, swept.stopped_full), (1, 2));
    assert_eq!(exe.sweep().await.unwrap().stopped_full, 2);
    let said = "select count(*) from queue.dot_iu_command_run where outcome = 'tier_full'";
    assert_eq!(db.value::<i64>(said).await, 1);
}

#[tokio::test]
async fn the_program_reports_nothing_of_a_send_that_it_never_made() {
    let db = database().await;
    let question = db.question().await;
    let job = sending(&db, &question).await;
    let exe = db.as_login("exe").await;
    let error = exe.complete_job(job.job_id, job.lease_token, &Completion::default(), command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS002"), "a send ends with the provider's id");
    assert_eq!(db.status(job.job_id).await, Status::Running);
}

#[tokio::test]
async fn what_people_retried_three_times_takes_a_reason_the_fourth_time() {
    let db = database().await;
    let job = dead_inbound(&db).await;
    let (kim, exe) = (db.as_login("kim").await, db.as_login("exe").await);
    for _ in 0..3 {
        assert!(kim.retry_dead_letter(job, false, command()).await.unwrap().is_applied());
        let again = started(&exe, JobKind::Inbound).await;
        exe.fail_job(again.job_id, again.lease_token, "payload_missing", command()).await.unwrap();
    }
    let letter = &kim.dead_letters(&Cell::default(), 10).await.unwrap()[0];
    assert!(letter.needs_a_reason() && letter.nothing_else_open);
    assert_eq!(letter.workers, [db.login("exe")]);
    assert_eq!(kim.retry_dead_letter(job, false, command()).await.unwrap().outcome, "reason_needed");
    let because = |reason: &str| Retry { reason: Some(reason.to_owned()), ..Retry::default() };
    let unknown = kim.retry_dead_letter_again(job, &because("obsolete"), command()).await.unwrap_err();
    assert_eq!(unknown.sqlstate(), Some("CS008"), "a reason for something else is none");
    let asked = command();
    assert!(kim.retry_dead_letter_again(job, &because("cause_removed"), asked).await.unwrap().is_applied());
    let kept = format!("select code from queue.dot_iu_command_run where command_id = '{asked}'");
    assert_eq!(db.value::<String>(&kept).await, "cause_removed");
}

#[tokio::test]
async fn a_retry_can_wait_for_its_turn() {
    let db = database().await;
    let job = dead_inbound(&db).await;
    let (kim, exe) = (db.as_login("kim").await, db.as_login("exe").await);
    let later = Retry { after_seconds: 60, ..Retry::default() };
    assert!(kim.retry_dead_letter_again(job, &later, command()).await.unwrap().is_applied());
    assert_eq!(exe.claim_jobs(&[JobKind::Inbound], 1).await.unwrap(), []);
    db.advance("61 seconds").await;
    assert_eq!(claimed(&exe, JobKind::Inbound).await.job_id, job);
}

#[tokio::test]
async fn who_is_given_up_is_told_from_who_still_gets_a_reply() {
    let db = database().await;
    let question = db.question().await;
    let job = sending(&db, &question).await;
    db.as_login("exe").await.fail_job(job.job_id, job.lease_token, "invalid_recipient", command()).await.unwrap();
    let kim = db.as_login("kim").await;
    let nothing_else = async || kim.dead_letters(&Cell::default(), 10).await.unwrap()[0].nothing_else_open;
    assert!(nothing_else().await);
    db.inbound(&question.conversation, "Anybody there?").await;
    assert!(!nothing_else().await);
}
