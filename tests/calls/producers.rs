//! Conversations, messages and drafts on their way in.

use chrono::{SubsecRound, TimeDelta, Utc};
use countersign::domain::job::Codes;
use countersign::domain::{Direction, JobKind, Status};
use countersign::store::NewBody;
use countersign::store::producers::{NewAttachment, NewConversation};
use countersign::store::review::Opened;
use serde_json::json;
use uuid::Uuid;

use crate::support::{command, database};

/// Right in form, under a key that nobody registered.
fn foreign_body() -> NewBody {
    let mut sealed = vec![1];
    sealed.extend([7; 80]);
    NewBody { key_id: "07".repeat(16), sealed, digest: vec![9; 32] }
}

#[tokio::test]
async fn a_message_and_its_job_come_in_together() {
    let db = database().await;
    let conversation = db.conversation().await;
    let deadline = (Utc::now() + TimeDelta::minutes(20)).trunc_subsecs(0);
    let mut message = db.new_inbound(&conversation, "Where is my card?");
    message.codes =
        Codes { language: Some("de".into()), routing_hint: Some("role:reviewer".into()), ..Codes::default() };
    message.priority = Some(3);
    message.deadline_at = Some(deadline);
    let attachment_id = Uuid::new_v4();
    message.attachments.push(NewAttachment {
        attachment_id,
        media_type: "image/png".into(),
        bytes: 2_100_000,
        uri: "s3://somewhere/1".into(),
    });
    let stored = db.as_login("prod").await.store_inbound(&message).await.unwrap();
    assert_eq!((stored.outcome.outcome.as_str(), stored.seq), ("applied", Some(1)));
    let job = db.job(stored.outcome.job_id.unwrap()).await;
    assert_eq!((job.job_kind, job.status, job.priority), (JobKind::Inbound, Status::Queued, 3));
    assert_eq!((job.agency.as_str(), job.channel_kind.as_str()), ("acme", "email"));
    assert_eq!(job.payload_ref.message(), Some(message.message_id));
    assert_eq!(job.deadline_at, Some(deadline));
    assert_eq!(job.codes, message.codes);
    let Opened::Conversation(opened) = db.as_login("ada").await.open_body(job.job_id, None).await.unwrap() else {
        panic!("refused")
    };
    assert_eq!(opened.messages[0].attachments[0].attachment_id, attachment_id);
}

#[tokio::test]
async fn the_same_message_twice_is_stored_once() {
    let db = database().await;
    let conversation = db.conversation().await;
    let prod = db.as_login("prod").await;
    let mut message = db.new_inbound(&conversation, "Where is my card?");
    let first = prod.store_inbound(&message).await.unwrap();
    let replayed = prod.store_inbound(&message).await.unwrap();
    assert_eq!((&replayed.outcome, replayed.seq), (&first.outcome, first.seq));
    message.command_id = command();
    assert_eq!(prod.store_inbound(&message).await.unwrap().outcome.outcome, "exists");
    assert_eq!(db.value::<i64>("select count(*) from queue.job_queue").await, 1);
    assert_eq!(db.value::<i64>("select count(*) from care.customer_message").await, 1);
}

#[tokio::test]
async fn an_open_conversation_exists_and_one_of_another_customer_is_not_found() {
    let db = database().await;
    let conversation = db.conversation().await;
    let prod = db.as_login("prod").await;
    let again = NewConversation {
        conversation_id: conversation.id,
        agency: "acme".into(),
        customer_ref: conversation.customer_ref.clone(),
        channel_kind: "email".into(),
        command_id: command(),
    };
    assert_eq!(prod.open_conversation(&again).await.unwrap().outcome.outcome, "exists");
    let other = NewConversation { customer_ref: "somebody else".into(), command_id: command(), ..again.clone() };
    assert_eq!(prod.open_conversation(&other).await.unwrap().outcome.outcome, "not_found");
    let foreign =
        NewConversation { conversation_id: Uuid::new_v4(), agency: "initech".into(), command_id: command(), ..again };
    assert_eq!(prod.open_conversation(&foreign).await.unwrap().outcome.outcome, "not_found");
}

#[tokio::test]
async fn messages_are_numbered_as_they_come_whatever_they_say_of_their_time() {
    let db = database().await;
    let conversation = db.conversation().await;
    let mut numbers = Vec::new();
    for direction in [Direction::Inbound, Direction::Outbound, Direction::Inbound] {
        numbers.push(db.history(&conversation, direction, "Hello.").await.seq);
    }
    assert_eq!(numbers, [Some(1), Some(2), Some(3)]);
    assert_eq!(db.value::<i64>("select count(*) from queue.job_queue").await, 0, "history makes no job");
    let newest = "select last_inbound_seq from care.customer_conversation";
    assert_eq!(db.value::<i64>(newest).await, 3);
}

#[tokio::test]
async fn a_conversation_that_is_absent_or_foreign_takes_nothing() {
    let db = database().await;
    let mut conversation = db.conversation().await;
    let prod = db.as_login("prod").await;
    let narrow = format!("update queue.producer set agencies = '{{globex}}' where login = '{}'", db.login("prod"));
    db.execute(&narrow).await;
    let foreign = db.new_inbound(&conversation, "Hello?");
    assert_eq!(prod.store_inbound(&foreign).await.unwrap().outcome.outcome, "not_found");
    conversation.id = Uuid::new_v4();
    assert_eq!(
        prod.store_inbound(&db.new_inbound(&conversation, "Hello?")).await.unwrap().outcome.outcome,
        "not_found"
    );
    assert_eq!(prod.submit_draft(&db.new_draft(&conversation, "Hello.")).await.unwrap().outcome.outcome, "not_found");
    assert_eq!(db.history(&conversation, Direction::Inbound, "Hello?").await.outcome.outcome, "not_found");
    let followup = prod.schedule_followup(conversation.id, Utc::now(), &Codes::default(), None, command()).await;
    assert_eq!(followup.unwrap().outcome.outcome, "not_found");
}

#[tokio::test]
async fn a_second_draft_repoints_the_open_question_and_keeps_the_earlier_deadline() {
    let db = database().await;
    let conversation = db.conversation().await;
    let soon = (Utc::now() + TimeDelta::minutes(30)).trunc_subsecs(0);
    let mut first = db.new_draft(&conversation, "It left on Monday.");
    first.deadline_at = Some(soon);
    let question = db.ask(&conversation, &first).await;
    let mut second = db.new_draft(&conversation, "It left on Tuesday.");
    second.deadline_at = Some(soon + TimeDelta::hours(3));
    let stored = db.as_login("prod").await.submit_draft(&second).await.unwrap();
    assert!(stored.repointed);
    assert_eq!(stored.outcome.job_id, Some(question.job));
    let job = db.job(question.job).await;
    assert_eq!(job.payload_ref.message(), Some(second.draft_id));
    assert_eq!(job.deadline_at, Some(soon));
}

#[tokio::test]
async fn confidence_at_the_threshold_is_sure_enough() {
    let db = database().await;
    for (confidence, goes_up) in [(0.399, true), (0.4, false)] {
        let conversation = db.conversation().await;
        let mut draft = db.new_draft(&conversation, "Perhaps.");
        draft.codes.confidence = Some(confidence);
        let stored = db.as_login("prod").await.submit_draft(&draft).await.unwrap();
        assert_eq!(stored.escalated_job_id.is_some(), goes_up, "{confidence}");
    }
}

#[tokio::test]
async fn a_followup_becomes_ready_at_its_time() {
    let db = database().await;
    let conversation = db.conversation().await;
    let prod = db.as_login("prod").await;
    let at = Utc::now() + TimeDelta::hours(2);
    let stored = prod.schedule_followup(conversation.id, at, &Codes::default(), None, command()).await.unwrap();
    assert!(stored.outcome.is_applied(), "{stored:?}");
    let exe = db.as_login("exe").await;
    assert_eq!(exe.claim_jobs(&[JobKind::Followup], 1).await.unwrap(), []);
    db.advance("121 minutes").await;
    assert_eq!(exe.claim_jobs(&[JobKind::Followup], 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn switches_refuse_what_would_insert_a_job() {
    let db = database().await;
    let conversation = db.conversation().await;
    let pad = db.as_login("pad").await;
    let all = "queue.customer.enabled";
    assert!(pad.set_config(all, &json!(false), None, command()).await.unwrap().is_applied());
    assert_eq!(pad.switch_settled().await.unwrap()["settled"], true);
    let prod = db.as_login("prod").await;
    assert_eq!(db.inbound(&conversation, "Hello?").await.outcome.outcome, "switched_off");
    assert_eq!(
        prod.submit_draft(&db.new_draft(&conversation, "Hello.")).await.unwrap().outcome.outcome,
        "switched_off"
    );
    let followup = prod.schedule_followup(conversation.id, Utc::now(), &Codes::default(), None, command()).await;
    assert_eq!(followup.unwrap().outcome.outcome, "switched_off");
    assert_eq!(db.value::<i64>("select count(*) from care.customer_message").await, 0);
    let one = "queue.customer.customer_message_inbound.enabled";
    assert!(pad.set_config(one, &json!(true), None, command()).await.unwrap().is_applied());
    assert!(db.inbound(&conversation, "Hello?").await.outcome.is_applied(), "one kind overrides the rest");
}

#[tokio::test]
async fn a_switch_is_settled_only_when_nobody_who_read_the_old_one_is_under_way() {
    let db = database().await;
    let raw = db.raw("prod").await;
    let mut slow = raw.begin().await.unwrap();
    let conversation = db.conversation().await;
    let schedule = "select queue.schedule_followup(conversation_id => $1, process_after => $2, command_id => $3)::text";
    sqlx::query(schedule)
        .bind(conversation.id.to_string())
        .bind("2030-01-01T00:00:00Z")
        .bind(command().to_string())
        .execute(&mut *slow)
        .await
        .unwrap();
    let pad = db.as_login("pad").await;
    let waiting = pad.switch_settled().await.unwrap();
    assert_eq!((&waiting["settled"], &waiting["under_way"]), (&json!(false), &json!([db.login("prod")])));
    slow.rollback().await.unwrap();
    assert_eq!(pad.switch_settled().await.unwrap()["settled"], true);
}

#[tokio::test]
async fn words_that_are_not_registered_are_misuse() {
    let db = database().await;
    let conversation = db.conversation().await;
    let prod = db.as_login("prod").await;
    let cases = [
        Codes { language: Some("jane.doe@example.org".into()), ..Codes::default() },
        Codes { intent_code: Some("unheard_of".into()), ..Codes::default() },
        Codes { routing_hint: Some("role:janitor".into()), ..Codes::default() },
        Codes { channel_kind: Some("sms".into()), ..Codes::default() },
        Codes { confidence: Some(1.5), ..Codes::default() },
        Codes { priority: Some(12), ..Codes::default() },
    ];
    for codes in cases {
        let mut message = db.new_inbound(&conversation, "Hello?");
        message.codes = codes.clone();
        let error = prod.store_inbound(&message).await.unwrap_err();
        assert_eq!(error.sqlstate(), Some("CS008"), "{codes:?}");
    }
    assert_eq!(db.value::<i64>("select count(*) from care.customer_message").await, 0);
}

#[tokio::test]
async fn a_body_that_is_not_sealed_under_a_key_of_the_agency_is_misuse() {
    let db = database().await;
    let conversation = db.conversation().await;
    let prod = db.as_login("prod").await;
    let of_globex = db.seal("globex", conversation.id, Uuid::new_v4(), Direction::Inbound, "Hello?");
    let plaintext = NewBody {
        sealed: b"Hello, this is plain text of more than enough bytes to pass a length check".to_vec(),
        ..of_globex.clone()
    };
    for body in [foreign_body(), of_globex, plaintext] {
        let mut message = db.new_inbound(&conversation, "Hello?");
        message.body = body;
        assert_eq!(prod.store_inbound(&message).await.unwrap_err().sqlstate(), Some("CS002"));
    }
}

#[tokio::test]
async fn one_bad_row_keeps_nothing_else_of_its_batch_out() {
    let db = database().await;
    let conversation = db.conversation().await;
    let mut messages: Vec<_> = (0..7).map(|_| db.new_inbound(&conversation, "Hello?")).collect();
    messages[4].codes.intent_code = Some("unheard_of".into());
    let answers = db.as_login("prod").await.store_inbounds(&messages).await.unwrap();
    assert_eq!(answers.len(), 7);
    for (position, answer) in answers.iter().enumerate() {
        match answer {
            Ok(stored) => assert!(stored.outcome.is_applied() && position != 4, "{position}: {stored:?}"),
            Err(error) => assert_eq!((position, error.sqlstate()), (4, Some("CS008"))),
        }
    }
    assert_eq!(db.value::<i64>("select count(*) from queue.job_queue").await, 6);
}

#[tokio::test]
async fn a_producer_reads_the_outbox_of_its_agencies_from_where_it_stopped() {
    let db = database().await;
    let conversation = db.conversation().await;
    db.inbound(&conversation, "Hello?").await;
    db.inbound(&conversation, "Hello again?").await;
    let foreign = db.conversation_of("globex", "email").await;
    db.inbound(&foreign, "Hello?").await;
    let prod = db.as_login("prod").await;
    let narrow = format!("update queue.producer set agencies = '{{acme}}' where login = '{}'", db.login("prod"));
    db.execute(&narrow).await;
    db.outbox_has_settled().await;
    let first = prod.read_outbox(0, 1).await.unwrap();
    assert_eq!(first.events[0].event_type, "customer.message.enqueued");
    let rest = prod.read_outbox(first.next, 10).await.unwrap();
    assert_eq!(rest.events.iter().map(|event| event.agency.as_str()).collect::<Vec<_>>(), ["acme"]);
    assert!(prod.read_outbox(rest.next, 10).await.unwrap().events.is_empty());
}

#[tokio::test]
async fn events_of_a_type_that_is_not_ratified_are_withheld_and_the_act_succeeds() {
    let db = database().await;
    db.execute("update queue.event_type_registry set ratified_at = null").await;
    let conversation = db.conversation().await;
    assert!(db.inbound(&conversation, "Hello?").await.outcome.is_applied());
    assert_eq!(db.value::<i64>("select count(*) from queue.event_outbox").await, 0);
    let seven = db.as_login("ada").await.whoami().await.unwrap().events_withheld;
    assert_eq!(seven, 7);
}
