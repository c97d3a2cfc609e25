//! What a decision does.

use countersign::domain::job::Codes;
use countersign::domain::{Direction, JobKind, Status};
use countersign::store::review::{ListOrder, Opened, Reading};
use countersign::store::{NewBody, SealedBody};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::approved;
use crate::support::{Database, command, database, opened};

async fn keep_statistics(db: &Database) {
    let wad = db.as_login("wad").await;
    let set = wad.set_agency_config("queue.customer.reviewer_statistics", &json!(true), command()).await.unwrap();
    assert!(set.is_applied());
}

#[tokio::test]
async fn how_somebody_read_is_kept_only_where_that_is_switched_on() {
    let db = database().await;
    let ada = db.as_login("ada").await;
    let reading = Reading { seconds_on_screen: Some(12), warnings_accepted: Some(1) };
    for is_on in [false, true] {
        if is_on {
            keep_statistics(&db).await;
        }
        let question = db.question().await;
        let pin = db.read("ada", question.job).await;
        assert!(ada.approve(question.job, &pin, reading, command()).await.unwrap().is_applied());
        let is_kept = format!(
            "select num_nonnulls(seconds_on_screen, warnings_accepted) from queue.review_decision where job_id = {}",
            question.job.0
        );
        assert_eq!(db.value::<i32>(&is_kept).await, if is_on { 2 } else { 0 });
    }
}

#[tokio::test]
async fn the_next_one_is_in_a_language_that_the_caller_reads() {
    let db = database().await;
    let mut jobs = Vec::new();
    for language in [Some("de"), Some("en"), None] {
        let conversation = db.conversation().await;
        let mut draft = db.new_draft(&conversation, "It left on Monday.");
        draft.codes.language = language.map(str::to_owned);
        jobs.push(db.ask(&conversation, &draft).await.job);
    }
    let ada = db.as_login("ada").await;
    let next = async |reads: &[&str]| {
        let reads: Vec<String> = reads.iter().map(|code| (*code).to_owned()).collect();
        ada.claim_next(&reads).await.unwrap().outcome.job_id
    };
    assert_eq!(next(&["en", "fr"]).await, Some(jobs[1]));
    assert_eq!(next(&["en", "fr"]).await, Some(jobs[2]), "what has no language is for everybody");
    assert_eq!(next(&["en", "fr"]).await, None);
    assert_eq!(next(&[]).await, Some(jobs[0]));
}

#[tokio::test]
async fn an_approval_is_recorded_with_its_pin_and_creates_a_send_that_waits_for_the_undo_time() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    keep_statistics(&db).await;
    let reading = Reading { seconds_on_screen: Some(12), warnings_accepted: Some(1) };
    let outcome = ada.approve(question.job, &pin, reading, command()).await.unwrap();

    assert!(outcome.is_applied(), "{outcome:?}");
    assert_eq!(db.status(question.job).await, Status::Succeeded);
    let send = db.job(outcome.created_job_id.unwrap()).await;
    assert_eq!((send.job_kind, send.status), (JobKind::Send, Status::Queued));
    assert_eq!(send.parent_job_id, Some(question.job));
    assert_eq!(send.payload_ref.message(), Some(question.draft_id));
    assert_eq!(Some(send.process_after), outcome.leaves_at);
    let undo_time = send.process_after - send.created_at;
    assert!((undo_time.as_seconds_f64() - 30.0).abs() < 1.0, "{undo_time}");

    let recorded: String = db
        .value(
            "select concat_ws('/', draft_id, encode(draft_digest, 'hex'), newest_inbound_seq, lease_token)
             from queue.review_decision where decision = 'approve' and seconds_on_screen = 12 and warnings_accepted = 1",
        )
        .await;
    assert_eq!(recorded, pin.to_string());
}

#[tokio::test]
async fn a_rejection_fails_the_job_and_asks_for_another_draft_with_the_same_deadline() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let keys = db.keyring();
    let sealed = keys.seal_note("acme", question.conversation.id, question.job.0, b"Monday was a holiday.").unwrap();
    let note = NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() };
    let ada = db.as_login("ada").await;
    let outcome = ada.reject(question.job, &pin, "wrong_fact", Some(&note), command()).await.unwrap();

    assert!(outcome.is_applied(), "{outcome:?}");
    let rejected = db.job(question.job).await;
    assert_eq!((rejected.status, rejected.outcome_code.as_deref()), (Status::Failed, Some("rejected")));
    let redraft = db.job(outcome.created_job_id.unwrap()).await;
    assert_eq!((redraft.job_kind, redraft.status), (JobKind::Draft, Status::Queued));
    assert_eq!(redraft.deadline_at, rejected.deadline_at);
    assert_eq!(redraft.codes.retry_reason_code.as_deref(), Some("wrong_fact"));
    assert_eq!(db.value::<i64>("select count(*) from care.review_note").await, 1);
}

#[tokio::test]
async fn nothing_follows_a_rejection_when_no_reply_is_needed() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let outcome = ada.reject(question.job, &pin, "no_reply_needed", None, command()).await.unwrap();
    assert!(outcome.is_applied() && outcome.created_job_id.is_none(), "{outcome:?}");
    assert_eq!(db.status(question.job).await, Status::Failed);
}

#[tokio::test]
async fn an_escalation_ends_the_job_and_asks_the_next_role_up_in_one_step_with_its_event() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let outcome = ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap();

    assert!(outcome.is_applied(), "{outcome:?}");
    let ended = db.job(question.job).await;
    assert_eq!((ended.status, ended.outcome_code.as_deref()), (Status::Cancelled, Some("escalated")));
    let escalated = db.job(outcome.created_job_id.unwrap()).await;
    assert_eq!((escalated.job_kind, escalated.status), (JobKind::Escalate, Status::Queued));
    assert_eq!(escalated.target_ref.as_deref(), Some("agency:acme/role:senior_reviewer"));
    assert_eq!(escalated.correlation_id, question.conversation.id);
    assert_eq!(escalated.parent_job_id, Some(question.job));
    let allowed = (escalated.deadline_at.unwrap() - escalated.created_at).as_seconds_f64();
    assert!((allowed - 7200.0).abs() < 1.0, "two hours, as the kind allows, not {allowed} s");
    let events = "select count(*) from queue.event_outbox where event_type = 'customer.message.escalated'";
    assert_eq!(db.value::<i64>(events).await, 1);
}

#[tokio::test]
async fn whoever_takes_an_escalation_over_holds_an_approve_job_for_the_same_draft_and_deadline() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let escalated = ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap().created_job_id.unwrap();
    let sen = db.as_login("sen").await;
    let at_once = sen.take_escalation(escalated, command()).await.unwrap();
    assert_eq!(at_once.outcome.outcome, "not_due", "whoever escalated it may still think better of it");
    db.advance("31 seconds").await;
    let taken = sen.take_escalation(escalated, command()).await.unwrap();

    assert!(taken.outcome.is_applied(), "{taken:?}");
    let escalated = db.job(escalated).await;
    assert_eq!(escalated.status, Status::Succeeded);
    let fresh = db.job(taken.outcome.created_job_id.unwrap()).await;
    assert_eq!((fresh.job_kind, fresh.status), (JobKind::Approve, Status::Leased));
    assert_eq!(fresh.lease_owner, Some(db.login("sen")));
    assert_eq!(fresh.payload_ref.message(), Some(question.draft_id));
    assert_eq!(fresh.deadline_at, escalated.deadline_at);
    assert!(taken.outcome.lease_token.is_some());
}

#[tokio::test]
async fn a_revision_takes_the_drafts_place_and_waits_for_somebody_else() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let revision = Uuid::new_v4();
    let body = db.seal("acme", question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
    let revised = ada.revise(question.job, &pin, revision, &body, command()).await.unwrap();

    assert!(revised.is_applied(), "{revised:?}");
    let job = db.job(question.job).await;
    assert_eq!((job.status, job.payload_ref.message()), (Status::Queued, Some(revision)));
    let bo = db.as_login("bo").await;
    assert!(bo.waiting(10, &ListOrder::default()).await.unwrap()[0].second_look);
    let conversation = opened(&bo, question.job).await;
    let draft = conversation.draft().unwrap();
    assert_eq!(draft.revises, Some(question.draft_id));
    assert_eq!(draft.author_ref, db.login("ada"));
    let outcome = bo.approve(question.job, &conversation.pin.unwrap(), Reading::default(), command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
}

#[tokio::test]
async fn a_revision_under_a_lost_lease_is_kept_but_decides_nothing() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    db.advance("10 minutes").await;
    let revision = Uuid::new_v4();
    let body = db.seal("acme", question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
    let ada = db.as_login("ada").await;
    let revised = ada.revise(question.job, &pin, revision, &body, command()).await.unwrap();

    assert_eq!(revised.outcome, "lease_lost");
    assert!(revised.kept);
    assert_eq!(db.job(question.job).await.payload_ref.message(), Some(question.draft_id));
    let kept = format!("select count(*) from care.customer_message where message_id = '{revision}'");
    assert_eq!(db.value::<i64>(&kept).await, 1);
}

#[tokio::test]
async fn undo_cancels_the_send_and_hands_the_question_back_to_the_one_who_undid() {
    let db = database().await;
    let question = db.question().await;
    let send = approved(&db, &question).await;
    let deadline = db.job(question.job).await.deadline_at;
    let ada = db.as_login("ada").await;
    let outcome = ada.undo(question.job, command()).await.unwrap();

    assert!(outcome.is_applied(), "{outcome:?}");
    let send = db.job(send).await;
    assert_eq!((send.status, send.outcome_code.as_deref()), (Status::Cancelled, Some("undone")));
    let fresh = db.job(outcome.created_job_id.unwrap()).await;
    assert_eq!((fresh.job_kind, fresh.status), (JobKind::Approve, Status::Leased));
    assert_eq!(fresh.lease_owner, Some(db.login("ada")));
    assert_eq!(fresh.deadline_at, deadline);
    assert!(ada.decided_lately().await.unwrap()[0].undone);
}

#[tokio::test]
async fn a_rejection_and_an_escalation_can_be_undone_too() {
    let db = database().await;
    for decision in ["reject", "escalate"] {
        let question = db.question().await;
        let pin = db.read("ada", question.job).await;
        let ada = db.as_login("ada").await;
        let decided = match decision {
            "reject" => ada.reject(question.job, &pin, "wrong_tone", None, command()).await.unwrap(),
            _ => ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap(),
        };
        let outcome = ada.undo(question.job, command()).await.unwrap();
        assert!(outcome.is_applied(), "{decision}: {outcome:?}");
        assert_eq!(db.status(decided.created_job_id.unwrap()).await, Status::Cancelled, "{decision}");
        let fresh = db.job(outcome.created_job_id.unwrap()).await;
        assert_eq!((fresh.job_kind, fresh.status), (JobKind::Approve, Status::Leased), "{decision}");
    }
}

#[tokio::test]
async fn a_senior_may_undo_what_a_reviewer_decided_without_getting_the_lease() {
    let db = database().await;
    let question = db.question().await;
    approved(&db, &question).await;
    let outcome = db.as_login("sen").await.undo(question.job, command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
    let fresh = db.job(outcome.created_job_id.unwrap()).await;
    // The question is for reviewers, which this senior is not.
    assert_eq!((fresh.status, fresh.lease_owner), (Status::Queued, None));
}

#[tokio::test]
async fn a_reader_without_a_lease_sees_the_conversation_and_gets_no_pin() {
    let db = database().await;
    let question = db.question().await;
    let Opened::Conversation(conversation) = db.as_login("bo").await.open_body(question.job, None).await.unwrap()
    else {
        panic!("refused")
    };
    assert!(conversation.pin.is_none());
    assert_eq!(conversation.customer_ref, question.conversation.customer_ref);
    let directions: Vec<_> = conversation.messages.iter().map(|message| message.direction).collect();
    assert_eq!(directions, [Direction::Inbound, Direction::Draft]);
    assert!(matches!(conversation.messages[0].body, SealedBody::Sealed { .. }));
}

#[tokio::test]
async fn a_pin_names_draft_digest_newest_inbound_message_and_lease() {
    let db = database().await;
    let question = db.question().await;
    db.history(&question.conversation, Direction::Inbound, "Hello?").await;
    let ada = db.as_login("ada").await;
    let conversation = opened(&ada, question.job).await;
    let SealedBody::Sealed { digest, .. } = &conversation.draft().unwrap().body else { panic!("no body") };
    let pin = conversation.pin.as_ref().unwrap();
    assert_eq!(pin.draft_id, question.draft_id);
    assert_eq!(pin.draft_digest, digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    assert_eq!(pin.newest_inbound_seq, conversation.messages.last().unwrap().seq);
    assert_eq!(pin.lease_token, 1);
}

#[tokio::test]
async fn earlier_rejections_are_shown_with_the_next_draft() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("bo", question.job).await;
    db.as_login("bo").await.reject(question.job, &pin, "wrong_tone", None, command()).await.unwrap();
    let draft = db.new_draft(&question.conversation, "Dear customer, it left on Monday.");
    let again = db.ask(&question.conversation, &draft).await;
    let conversation = opened(&db.as_login("ada").await, again.job).await;
    let rejections: Vec<_> =
        conversation.rejections.iter().map(|one| (one.decided_by.as_str(), one.reason.as_str())).collect();
    assert_eq!(rejections, [(db.login("bo").as_str(), "wrong_tone")]);
}

#[tokio::test]
async fn a_skip_gives_the_job_to_whoever_comes_next_and_says_why() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let outcome = ada.skip(question.job, pin.lease_token, "not_my_language", command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
    assert_eq!(db.status(question.job).await, Status::Queued);
    let filter = "skipped:".parse().unwrap();
    assert_eq!(ada.jobs(&filter, None, 10).await.unwrap().len(), 1);
    assert_eq!(db.as_login("bo").await.jobs(&filter, None, 10).await.unwrap().len(), 0);
    let why = ada.history(question.job).await.unwrap().into_iter().find(|run| run.call == "skip_review").unwrap();
    assert_eq!(why.code.as_deref(), Some("not_my_language"));
}

#[tokio::test]
async fn a_released_job_waits_again_and_an_extended_lease_lasts() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    db.advance("4 minutes").await;
    let extended = ada.extend_lease(question.job, pin.lease_token).await.unwrap();
    assert!(extended.outcome.is_applied(), "{extended:?}");
    db.advance("4 minutes").await;
    let released = ada.release(question.job, pin.lease_token, command()).await.unwrap();
    assert!(released.is_applied(), "{released:?}");
    assert_eq!(db.status(question.job).await, Status::Queued);
}

#[tokio::test]
async fn a_senior_takes_a_lease_from_whoever_went_away() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let outcome = db.as_login("sen").await.force_release(question.job, command()).await.unwrap();
    assert!(outcome.is_applied(), "{outcome:?}");
    let late = db.as_login("ada").await.approve(question.job, &pin, Reading::default(), command()).await.unwrap();
    assert_eq!(late.outcome, "lease_lost");
}

#[tokio::test]
async fn the_next_job_is_the_one_whose_deadline_comes_first() {
    let db = database().await;
    let mut jobs = Vec::new();
    for hours in [3, 1, 2] {
        let conversation = db.conversation().await;
        let mut draft = db.new_draft(&conversation, "Hello.");
        draft.deadline_at = Some(chrono::Utc::now() + chrono::TimeDelta::hours(hours));
        jobs.push(db.ask(&conversation, &draft).await.job);
    }
    let ada = db.as_login("ada").await;
    let in_order = [jobs[1], jobs[2], jobs[0]];
    let waiting: Vec<_> = ada.waiting(10, &ListOrder::default()).await.unwrap().iter().map(|row| row.job_id).collect();
    assert_eq!(waiting, in_order);
    for job in in_order {
        assert_eq!(ada.claim_review(None).await.unwrap().outcome.job_id, Some(job));
    }
    assert_eq!(ada.claim_review(None).await.unwrap().outcome.outcome, "empty");
}

#[tokio::test]
async fn savable_first_puts_what_is_late_anyway_behind_what_is_not() {
    let db = database().await;
    db.execute("update queue.agency set review_order = 'savable_first' where agency = 'acme'").await;
    let mut jobs = Vec::new();
    for minutes in [10, 60] {
        let conversation = db.conversation().await;
        let mut draft = db.new_draft(&conversation, "Hello.");
        draft.deadline_at = Some(chrono::Utc::now() + chrono::TimeDelta::minutes(minutes));
        jobs.push(db.ask(&conversation, &draft).await.job);
    }
    db.advance("20 minutes").await;
    let ada = db.as_login("ada").await;
    let waiting: Vec<_> = ada.waiting(10, &ListOrder::default()).await.unwrap().iter().map(|row| row.job_id).collect();
    assert_eq!(waiting, [jobs[1], jobs[0]]);
    assert_eq!(ada.claim_review(None).await.unwrap().outcome.job_id, Some(jobs[1]));
}

#[tokio::test]
async fn what_has_no_deadline_comes_last_and_late_after_savable_before_it() {
    let db = database().await;
    let mut jobs = Vec::new();
    for minutes in [10, 60, 90] {
        let conversation = db.conversation().await;
        let mut draft = db.new_draft(&conversation, "Hello.");
        draft.deadline_at = Some(chrono::Utc::now() + chrono::TimeDelta::minutes(minutes));
        jobs.push(db.ask(&conversation, &draft).await.job);
    }
    db.execute(&format!("update queue.job_queue set deadline_at = null where job_id = {}", jobs[2].0)).await;
    db.advance("20 minutes").await;
    let ada = db.as_login("ada").await;
    let listed = async |savable_first| {
        let order = ListOrder { savable_first, ..ListOrder::default() };
        ada.waiting(10, &order).await.unwrap().iter().map(|row| row.job_id).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, [jobs[0], jobs[1], jobs[2]]);
    assert_eq!(listed(Some(true)).await, [jobs[1], jobs[2], jobs[0]], "nothing without a deadline is late");
    assert_eq!(
        ada.claim_review(None).await.unwrap().outcome.job_id,
        Some(jobs[0]),
        "the agency's order is another one"
    );
}

#[tokio::test]
async fn the_list_of_whoever_reads_some_languages_has_those_and_what_has_none() {
    let db = database().await;
    let mut jobs = Vec::new();
    for language in [Some("de"), Some("fr"), None, Some("en")] {
        let conversation = db.conversation().await;
        let mut draft = db.new_draft(&conversation, "Hello.");
        draft.codes.language = language.map(str::to_owned);
        jobs.push(db.ask(&conversation, &draft).await.job);
    }
    let ada = db.as_login("ada").await;
    let order = ListOrder { reads: vec!["fr".to_owned(), "en".to_owned()], ..ListOrder::default() };
    let listed: Vec<_> = ada.waiting(10, &order).await.unwrap().iter().map(|row| row.job_id).collect();
    assert_eq!(listed, jobs[1..]);
}

/// However many wait, taking the next one and listing the first looks at no more than those.
#[tokio::test]
async fn the_next_question_costs_the_same_however_many_wait() {
    let db = database().await;
    db.questions(300).await;
    db.execute("analyze queue.job_queue").await;
    let ada = db.raw("ada").await;
    for call in ["queue.claim_review()", "queue.waiting_questions(10)"] {
        let mut transaction = ada.begin().await.unwrap();
        let asked = format!("select count(*) from {call}");
        sqlx::query(AssertSqlSafe(asked)).execute(&mut *transaction).await.unwrap();
        let looked_at = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'job_queue'";
        let looked_at: i64 = sqlx::query_scalar(looked_at).fetch_one(&mut *transaction).await.unwrap();
        assert!((10..100).contains(&looked_at), "{call} looks at {looked_at} jobs");
        transaction.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn an_unsure_draft_goes_up_at_once() {
    let db = database().await;
    let conversation = db.conversation().await;
    let mut draft = db.new_draft(&conversation, "Perhaps.");
    draft.codes = Codes { confidence: Some(0.399), ..Codes::default() };
    let stored = db.as_login("prod").await.submit_draft(&draft).await.unwrap();
    let escalated = db.job(stored.escalated_job_id.unwrap()).await;
    assert_eq!((escalated.job_kind, escalated.status), (JobKind::Escalate, Status::Queued));
    assert_eq!(db.status(stored.outcome.job_id.unwrap()).await, Status::Cancelled);
}

#[tokio::test]
async fn an_open_pane_learns_of_a_new_message_and_of_a_new_draft() {
    let db = database().await;
    let question = db.question().await;
    let ada = db.as_login("ada").await;
    let pin = db.read("ada", question.job).await;
    let before = ada.pane_state(question.job).await.unwrap().unwrap();
    assert_eq!((before.newest_inbound_seq, before.lease_token), (pin.newest_inbound_seq, pin.lease_token));
    db.history(&question.conversation, Direction::Inbound, "Hello?").await;
    let draft = db.new_draft(&question.conversation, "It left on Friday.");
    db.ask(&question.conversation, &draft).await;
    let after = ada.pane_state(question.job).await.unwrap().unwrap();
    assert!(after.newest_inbound_seq > pin.newest_inbound_seq);
    assert_eq!(after.payload_ref.message(), Some(draft.draft_id));
}

#[tokio::test]
async fn what_a_rejection_creates_waits_until_it_cannot_be_undone_any_more() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let ada = db.as_login("ada").await;
    let rejected = ada.reject(question.job, &pin, "wrong_tone", None, command()).await.unwrap();
    let draft_job = rejected.created_job_id.unwrap();
    let exe = db.as_login("exe").await;
    assert_eq!(exe.claim_jobs(&[JobKind::Draft], 1).await.unwrap().len(), 0, "it can still be undone");
    db.advance("31 seconds").await;
    let claimed = exe.claim_jobs(&[JobKind::Draft], 1).await.unwrap();
    assert_eq!(claimed.iter().map(|job| job.job_id).collect::<Vec<_>>(), [draft_job]);
    assert_eq!(ada.undo(question.job, command()).await.unwrap().outcome, "too_late");
}
