//! What a shift hands over to the next, on a database with something of everything.

use countersign::domain::JobId;
use countersign::domain::handover::{Matter, Topic};
use countersign::store::holds::Scope;
use std::time::Duration;

use super::home::Home;
use crate::calls::approved;
use crate::support::{Database, command, database};

async fn told(db: &Database, who: &str, topic: Topic) -> Vec<(Option<JobId>, String, Option<String>)> {
    let matters: Vec<Matter> = db.as_login(who).await.handover(Duration::from_secs(8 * 3_600)).await.unwrap();
    matters.into_iter().filter(|matter| matter.what == topic).map(|row| (row.job_id, row.login, row.code)).collect()
}

#[tokio::test]
async fn the_next_shift_is_told_what_still_waits_for_somebody() {
    let db = database().await;
    let (ada, kim) = (db.as_login("ada").await, db.as_login("kim").await);
    let login = |who: &str| db.login(who);

    let undoable = db.question().await;
    approved(&db, &undoable).await;
    let gone = db.question().await;
    let send = approved(&db, &gone).await;
    assert!(kim.cancel_job(send, "duplicate", command()).await.unwrap().is_applied());

    let skipped = db.question().await;
    let pin = db.read("ada", skipped.job).await;
    ada.skip(skipped.job, pin.lease_token, "too_long", command()).await.unwrap();

    let edited = db.question().await;
    let pin = db.read("ada", edited.job).await;
    let revision = db.new_draft(&edited.conversation, "Better.");
    assert!(ada.revise(edited.job, &pin, revision.draft_id, &revision.body, command()).await.unwrap().is_applied());

    let late = db.question().await;
    let pin = db.read("ada", late.job).await;
    db.advance("10 minutes").await;
    let revision = db.new_draft(&late.conversation, "Too late.");
    let outcome = ada.revise(late.job, &pin, revision.draft_id, &revision.body, command()).await.unwrap();
    assert!(outcome.kept, "{outcome:?}");

    let escalated = db.question().await;
    let pin = db.read("ada", escalated.job).await;
    let outcome = ada.escalate(escalated.job, &pin, "legal_threat", command()).await.unwrap();

    let scope = Scope { channel_kind: Some("sms".into()), ..Scope::default() };
    kim.place_hold(&scope, "provider_outage", None, command()).await.unwrap();

    let word = |word: &str| Some(word.to_owned());
    assert_eq!(told(&db, "ada", Topic::Skipped).await, [(Some(skipped.job), login("ada"), word("too_long"))]);
    assert_eq!(told(&db, "ada", Topic::Edited).await, [(Some(edited.job), login("ada"), None)]);
    assert_eq!(told(&db, "ada", Topic::Kept).await, [(Some(late.job), login("ada"), None)]);
    assert_eq!(
        told(&db, "ada", Topic::Escalated).await,
        [(outcome.created_job_id, login("ada"), word("legal_threat"))]
    );
    assert_eq!(told(&db, "ada", Topic::Hold).await, [(None, login("kim"), word("provider_outage"))]);
    let undo = told(&db, "ada", Topic::Undoable).await;
    assert_eq!(
        undo,
        [(Some(escalated.job), login("ada"), word("escalate")), (Some(undoable.job), login("ada"), word("approve")),]
    );
    for topic in Topic::ALL {
        assert_eq!(told(&db, "gus", topic).await, [], "another agency's shift");
    }
    db.advance("9 hours").await;
    for topic in [Topic::Skipped, Topic::Edited, Topic::Kept, Topic::Undoable] {
        assert_eq!(told(&db, "ada", topic).await, [], "{topic:?} of the shift before");
    }
    assert_eq!(told(&db, "ada", Topic::Hold).await.len(), 1, "a hold stands until somebody ends it");
}

#[test]
fn the_command_prints_every_topic_and_json() {
    let home = Home::shared();
    let text = home.ok(&["handover", "--since", "2h"]);
    for topic in Topic::ALL {
        assert!(text.contains(topic.title()), "{text}");
    }
    let report: serde_json::Value = serde_json::from_str(&home.ok(&["handover", "--json"])).unwrap();
    assert!(report["matters"].is_array() && report["teams"].is_array() && report["people"].is_null(), "{report}");
    let run = home.run(&["handover", "--people"]);
    assert!(run.code == 1 && run.stderr.contains("reviewer_statistics"), "{}", run.stderr);
}
