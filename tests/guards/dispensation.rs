//! I5: two halves, two people; either alone sends nothing.

use chrono::{TimeDelta, Utc};
use countersign::domain::{Direction, JobKind, Role, Status};
use countersign::store::programs::{ClaimedJob, Completion};
use serde_json::json;
use uuid::Uuid;

use crate::calls::{claimed, completed, started};
use crate::support::{Database, command, database};

const SWITCH: &str = "queue.customer.send_without_approve.enabled";

/// A draft that a program made for a customer; what its completion created.
pub(super) async fn drafted(db: &Database, conversation: &crate::support::Conversation) -> JobKind {
    let exe = db.as_login("exe").await;
    let prod = db.as_login("prod").await;
    prod.schedule_followup(conversation.id, Utc::now() - TimeDelta::minutes(1), &Default::default(), None, command())
        .await
        .unwrap();
    let followup = started(&exe, JobKind::Followup).await;
    completed(&exe, &followup, &Completion::default()).await;
    let job: ClaimedJob = started(&exe, JobKind::Draft).await;
    let draft_id = Uuid::new_v4();
    let body = db.seal("acme", conversation.id, draft_id, Direction::Draft, "It left on Monday.");
    exe.put_draft(job.job_id, job.lease_token, draft_id, "drafter-1", &body, command()).await.unwrap();
    let completion = Completion { draft_id: Some(draft_id), ..Completion::default() };
    db.job(completed(&exe, &job, &completion).await.unwrap()).await.job_kind
}

pub(super) async fn switch(db: &Database, who: &str, on: bool) {
    let set = db.as_login(who).await.set_config(SWITCH, &json!(on), Some("COUNCIL-17"), command()).await.unwrap();
    assert!(set.is_applied(), "{set:?}");
}

pub(super) async fn sign(db: &Database, who: &str, conversation: &crate::support::Conversation) {
    let until = Utc::now() + TimeDelta::days(1);
    let signed = db.as_login(who).await.sign_off_customer(&conversation.customer_ref, until, command()).await.unwrap();
    assert!(signed.is_applied(), "{signed:?}");
}

#[tokio::test]
async fn i5_nobody_gives_both_halves_even_one_after_the_other() {
    let db = database().await;
    let conversation = db.conversation().await;
    switch(&db, "pad", true).await;
    // A second platform_admin makes the first one a workflow_admin, who then signs.
    // Of this test alone: what a login is a member of belongs to the whole server.
    db.admin().create_login(&db.login("second_pad")).await.unwrap();
    db.admin().appoint_platform_admin(&db.login("second_pad")).await.unwrap();
    let second = db.as_login("second_pad").await;
    let turned =
        second.register_staff(&db.login("pad"), Some("acme"), &[Role::WorkflowAdmin], command()).await.unwrap();
    assert!(turned.is_applied());
    sign(&db, "pad", &conversation).await;
    assert_eq!(drafted(&db, &conversation).await, JobKind::Approve);
    // The same sign-off counts as soon as somebody else stands behind the switch.
    let other = db.conversation().await;
    sign(&db, "pad", &other).await;
    switch(&db, "second_pad", true).await;
    assert_eq!(drafted(&db, &other).await, JobKind::Send);
}

#[tokio::test]
async fn nobody_changes_what_they_are_themselves() {
    let db = database().await;
    let pad = db.as_login("pad").await;
    let error =
        pad.register_staff(&db.login("pad"), Some("acme"), &[Role::WorkflowAdmin], command()).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("CS004"));
    assert_eq!(pad.whoami().await.unwrap().principal.roles, [Role::PlatformAdmin]);
}

/// Taken back between completion and claim, and between claim and start; by the one and by the other.
#[tokio::test]
async fn i5_either_half_taken_back_stops_the_send_at_claim_and_at_start() {
    let db = database().await;
    let exe = db.as_login("exe").await;
    for (half, at_claim) in
        [("switch", true), ("switch", false), ("sign-off", true), ("sign-off", false), ("expiry", true)]
    {
        let conversation = db.conversation().await;
        switch(&db, "pad", true).await;
        sign(&db, "wad", &conversation).await;
        assert_eq!(drafted(&db, &conversation).await, JobKind::Send, "{half}");
        db.advance("40 seconds").await;
        let leased = match at_claim {
            true => None,
            false => Some(claimed(&exe, JobKind::Send).await),
        };
        match half {
            "switch" => switch(&db, "pad", false).await,
            "sign-off" => {
                let wad = db.as_login("wad").await;
                let revoked = wad.revoke_sign_off(&conversation.customer_ref, command()).await.unwrap();
                assert!(revoked.outcome.is_applied());
            }
            _ => db.advance("2 days").await,
        }
        match leased {
            None => assert_eq!(exe.claim_jobs(&[JobKind::Send], 5).await.unwrap(), [], "{half}"),
            Some(send) => {
                let outcome = exe.start_job(send.job_id, send.lease_token, command()).await.unwrap();
                assert_eq!(outcome.outcome, "dispensation_ended", "{half}");
            }
        }
        let ended: i64 = db
            .value(&format!(
                "select count(*) from queue.job_queue where correlation_id = '{}' and job_kind = 'customer_message_send'
                   and status = '{}' and outcome_code = 'dispensation_ended'",
                conversation.id,
                Status::Cancelled
            ))
            .await;
        assert_eq!(ended, 1, "{half}, at claim: {at_claim}");
        // Whatever asks a person now must not hold the next round up.
        db.execute(
            "update queue.job_queue set status = 'cancelled', finished_at = queue.clock() where status = 'queued'",
        )
        .await;
    }
}
