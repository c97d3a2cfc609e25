//! Lists of jobs: every filter narrows, pages meet, trees and traces hang together.

use chrono::{TimeDelta, Utc};
use countersign::domain::job::Codes;
use countersign::domain::{Filter, JobId};

use super::{approved, sending};
use crate::support::{Question, command, database};

#[tokio::test]
async fn every_term_of_a_filter_finds_its_job_and_leaves_the_others_out() {
    let db = database().await;
    let plain = db.question().await;
    let conversation = db.conversation_of("acme", "sms").await;
    let mut draft = db.new_draft(&conversation, "It left on Monday.");
    draft.codes = Codes {
        language: Some("de".into()),
        intent_code: Some("refund".into()),
        confidence: Some(0.5),
        ..Codes::default()
    };
    draft.deadline_at = Some(Utc::now() + TimeDelta::minutes(10));
    let marked = db.ask(&conversation, &draft).await;
    db.read("ada", marked.job).await;
    let ada = db.as_login("ada").await;
    let terms = [
        format!("id:{}", marked.job.0),
        "status:leased".to_owned(),
        "channel:sms".to_owned(),
        "lang:de".to_owned(),
        "intent:refund".to_owned(),
        "conf:<0.6".to_owned(),
        "conf:>0.4".to_owned(),
        "due:<15m".to_owned(),
        format!("holder:{}", db.login("ada")),
        format!("conv:{}", conversation.id),
        format!("cust:{}", conversation.customer_ref),
        "mine".to_owned(),
        "kind:approve channel:sms to:reviewer".to_owned(),
    ];
    for term in terms {
        assert_eq!(found(&ada, &term).await, [marked.job], "{term}");
    }
    assert_eq!(found(&ada, "due:>1h").await, [plain.job]);
    assert_eq!(found(&ada, "").await, [marked.job, plain.job], "newest first");
    for term in ["kind:send", "to:team_lead", "error:rate_limited", "edited:", "skipped:", "cust:nobody"] {
        assert_eq!(found(&ada, term).await, [], "{term}");
    }
    assert_eq!(found(&db.as_login("bo").await, "mine").await, []);
}

#[tokio::test]
async fn what_i_decided_is_mine_and_what_failed_is_found_by_its_error() {
    let db = database().await;
    let question = db.question().await;
    let job = sending(&db, &question).await;
    let exe = db.as_login("exe").await;
    exe.fail_job(job.job_id, job.lease_token, "rate_limited", command()).await.unwrap();
    let ada = db.as_login("ada").await;
    assert_eq!(found(&ada, "mine").await, [question.job]);
    assert_eq!(found(&ada, "error:rate_limited status:retry_waiting").await, [job.job_id]);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let db = database().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(db.question().await.job);
    }
    all.reverse();
    let kim = db.as_login("kim").await;
    let mut seen: Vec<JobId> = Vec::new();
    loop {
        let page = kim.jobs(&Filter::default(), seen.last().copied(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|job| job.job_id));
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn a_conversation_is_found_by_its_customer_its_draft_and_the_providers_id() {
    let db = database().await;
    let question = db.question().await;
    let job = sending(&db, &question).await;
    let exe = db.as_login("exe").await;
    let completion =
        countersign::store::programs::Completion { provider_ref: Some("smtp-77".into()), ..Default::default() };
    exe.complete_job(job.job_id, job.lease_token, &completion, command()).await.unwrap();
    let Question { conversation, draft_id, .. } = &question;
    let ada = db.as_login("ada").await;
    let whole = ada.trace(&conversation.id.to_string()).await.unwrap();
    assert!(whole.iter().any(|event| event.job_id == Some(job.job_id) && event.what == "complete_job"));
    for reference in [conversation.customer_ref.clone(), draft_id.to_string(), "smtp-77".to_owned()] {
        assert_eq!(ada.trace(&reference).await.unwrap(), whole, "{reference}");
    }
    assert!(db.as_login("gus").await.trace(&conversation.customer_ref).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_blocks_a_send_is_named() {
    let db = database().await;
    let question = db.question().await;
    let send = approved(&db, &question).await;
    let ada = db.as_login("ada").await;
    assert_eq!(ada.why_blocked(send).await.unwrap(), ["not_due"]);
    db.advance("40 seconds").await;
    assert_eq!(ada.why_blocked(send).await.unwrap(), Vec::<String>::new());
    db.inbound(&question.conversation, "Forget it.").await;
    assert_eq!(ada.why_blocked(send).await.unwrap(), ["conversation_moved"]);
}

async fn found(store: &countersign::store::Store, filter: &str) -> Vec<JobId> {
    let jobs = store.jobs(&filter.parse().unwrap(), None, 50).await.unwrap();
    jobs.into_iter().map(|job| job.job_id).collect()
}
