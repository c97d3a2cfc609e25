//! The canary where it is taken: in references, and in bodies that are sealed. And in what the program's own store is
//! refused.

use chrono::{TimeDelta, Utc};
use countersign::domain::{Direction, JobKind};
use countersign::store::Error;
use countersign::store::administration::NewCode;
use countersign::store::holds::Scope;
use countersign::store::producers::{NewAttachment, NewConversation, NewDraft, NewInbound};
use countersign::store::programs::Completion;
use serde_json::json;
use uuid::Uuid;

use super::Canary;
use super::places::told;
use crate::calls::{approved, completed, started};
use crate::support::{Conversation, Database, Question, command};

/// What bodies say.
pub struct Bodies<'c>(pub &'c Canary);

/// A conversation, a message with an attachment, drafts by a program and by a person, a note, a send that is done and one
/// that a person found to have left: the canary in each reference and each body.
pub async fn take_everything(db: &Database, canary: &Canary, Bodies(in_bodies): &Bodies<'_>) {
    let [prod, exe, bo, kim] =
        [db.as_login("prod").await, db.as_login("exe").await, db.as_login("bo").await, db.as_login("kim").await];
    let body = in_bodies.words(0);
    for by_hand in [false, true] {
        let conversation = canary_conversation(db, canary).await;
        let mut inbound = db.new_inbound(&conversation, &body);
        inbound.author_ref = canary.words(2);
        inbound.attachments = vec![attachment(canary)];
        assert!(prod.store_inbound(&inbound).await.unwrap().outcome.is_applied());
        let mut draft = db.new_draft(&conversation, &body);
        draft.author_ref = canary.words(3);
        let question = db.ask(&conversation, &draft).await;

        let pin = db.read("ada", question.job).await;
        let note = db.seal("acme", conversation.id, Uuid::new_v4(), Direction::Draft, &body);
        let rejected = db.as_login("ada").await.reject(question.job, &pin, "policy", Some(&note), command()).await;
        assert!(rejected.unwrap().is_applied());
        db.advance("40 seconds").await;
        let job = started(&exe, JobKind::Draft).await;
        let draft_id = Uuid::new_v4();
        let sealed = db.seal("acme", conversation.id, draft_id, Direction::Draft, &body);
        exe.put_draft(job.job_id, job.lease_token, draft_id, &canary.words(4), &sealed, command()).await.unwrap();
        let completion = Completion { draft_id: Some(draft_id), ..Completion::default() };
        let asked = completed(&exe, &job, &completion).await.unwrap();

        let pin = db.read("bo", asked).await;
        let revision = Uuid::new_v4();
        let sealed = db.seal("acme", conversation.id, revision, Direction::Draft, &body);
        assert!(bo.revise(asked, &pin, revision, &sealed, command()).await.unwrap().is_applied());
        approved(db, &Question { conversation, draft_id: revision, job: asked }).await;
        db.advance("40 seconds").await;
        let send = started(&exe, JobKind::Send).await;
        if by_hand {
            exe.fail_job(send.job_id, send.lease_token, "provider_timeout", command()).await.unwrap();
            assert!(kim.confirm_sent(send.job_id, &canary.words(5), command()).await.unwrap().is_applied());
        } else {
            let left = Completion { provider_ref: Some(canary.words(6)), ..Completion::default() };
            completed(&exe, &send, &left).await;
        }
    }
}

async fn canary_conversation(db: &Database, canary: &Canary) -> Conversation {
    let id = Uuid::new_v4();
    let customer_ref = canary.words(1);
    let conversation = NewConversation {
        conversation_id: id,
        agency: "acme".into(),
        customer_ref: customer_ref.clone(),
        channel_kind: "email".into(),
        command_id: command(),
    };
    assert!(db.as_login("prod").await.open_conversation(&conversation).await.unwrap().outcome.is_applied());
    Conversation { id, agency: "acme".into(), channel: "email".into(), customer_ref }
}

fn attachment(canary: &Canary) -> NewAttachment {
    let uri = format!("s3://{}", canary.words(7));
    NewAttachment { attachment_id: Uuid::new_v4(), media_type: "image/png".into(), bytes: 1, uri }
}

/// What the store refuses, or the database refuses it, shows nothing of what it was. Returns how many refusals there were.
pub async fn refused_by_the_store(db: &Database, canary: &Canary) -> usize {
    let question = db.question().await;
    let (words, code) = (canary.words(0), canary.code(0));
    let [prod, ada, kim, pad, wad] = [
        db.as_login("prod").await,
        db.as_login("ada").await,
        db.as_login("kim").await,
        db.as_login("pad").await,
        db.as_login("wad").await,
    ];
    let pin = db.read("ada", question.job).await;
    let too_long = words.repeat(10);
    let draft = |author: &str, language: &str| {
        let mut draft: NewDraft = db.new_draft(&question.conversation, &words);
        draft.author_ref = author.to_owned();
        draft.codes.language = Some(language.to_owned());
        draft
    };
    let inbound = || {
        let mut inbound: NewInbound = db.new_inbound(&question.conversation, &words);
        inbound.attachments = vec![NewAttachment { media_type: words.clone(), ..attachment(canary) }];
        inbound
    };
    let conversation = |customer_ref: &str, channel: &str| NewConversation {
        conversation_id: Uuid::new_v4(),
        agency: "acme".into(),
        customer_ref: customer_ref.to_owned(),
        channel_kind: channel.to_owned(),
        command_id: command(),
    };
    let mut unknown_key = db.new_draft(&question.conversation, &words);
    unknown_key.body.key_id = words.clone();
    let scope = Scope { agency: Some(code.clone()), channel_kind: Some(code.clone()), ..Scope::default() };
    let language = NewCode { list: "language".into(), code: words.clone(), ..NewCode::default() };
    let tomorrow = Utc::now() + TimeDelta::days(1);
    let errors: Vec<Option<Error>> = vec![
        prod.open_conversation(&conversation(&too_long, "email")).await.err(),
        prod.submit_draft(&draft(&too_long, "en")).await.err(),
        prod.submit_draft(&draft("drafter-1", &words)).await.err(),
        prod.submit_draft(&draft("drafter-1", &code)).await.err(),
        prod.submit_draft(&unknown_key).await.err(),
        prod.store_inbound(&inbound()).await.err(),
        ada.reject(question.job, &pin, &words, None, command()).await.err(),
        ada.reject(question.job, &pin, &code, None, command()).await.err(),
        ada.escalate(question.job, &pin, &code, command()).await.err(),
        ada.skip(question.job, pin.lease_token, &code, command()).await.err(),
        ada.jobs(&format!("cust:{code} lang:{code}").parse().unwrap(), None, 10).await.err(),
        kim.place_hold(&scope, &words, Some(&words), command()).await.err(),
        kim.place_hold(&scope, "incident", Some(&words), command()).await.err(),
        kim.cancel_job(question.job, &code, command()).await.err(),
        kim.discard_dead_letter(question.job, &words, command()).await.err(),
        kim.confirm_sent(question.job, &too_long, command()).await.err(),
        pad.set_config(&code, &json!(words), Some(&words), command()).await.err(),
        pad.set_config("queue.environment", &json!(words), None, command()).await.err(),
        wad.set_agency_config("queue.customer.confidence_threshold", &json!({ "x": words }), command()).await.err(),
        wad.set_agency_config(&words, &json!(1), command()).await.err(),
        wad.sign_off_customer(&words, Utc::now() - TimeDelta::days(1), command()).await.err(),
        pad.register_agency(&words, &words, &words, command()).await.err(),
        pad.register_staff(&code, Some(&code), &[], command()).await.err(),
        pad.register_producer(&words, &[&code], &[&code], command()).await.err(),
        pad.register_executor(&words, &[JobKind::Send], &[&code], &[&code], command()).await.err(),
        pad.register_monitor(&words, command()).await.err(),
        pad.register_code(&language, command()).await.err(),
        pad.register_key(&words, &code, command()).await.err(),
    ];
    let answers = [
        format!("{:?}", prod.open_conversation(&conversation(&words, &code)).await.unwrap()),
        format!("{:?}", wad.sign_off_customer(&words, tomorrow, command()).await.unwrap()),
        format!("{:?}", pad.revoke_login(&words, command()).await.unwrap()),
        format!("{:?}", ada.trace(&words).await.unwrap()),
    ];
    for answer in &answers {
        assert_eq!(canary.found_in(answer), None);
    }
    let errors: Vec<Error> = errors.into_iter().flatten().collect();
    for error in &errors {
        assert_eq!(canary.found_in(&told(error)), None);
        let wrapped = anyhow::Error::new(error.clone()).context("while deciding");
        assert_eq!(canary.found_in(&format!("{wrapped:#} {wrapped:?}")), None);
    }
    assert!(errors.len() >= 26, "only {} were refused", errors.len());
    errors.len() + answers.len()
}
