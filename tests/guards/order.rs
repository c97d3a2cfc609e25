//! The order of §4: where several refusals apply at once, the earlier one is answered.

use countersign::domain::{Direction, Pin};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use crate::support::{Conversation, Database, Question, command, database};

/// A review call, what it takes beside `job_id`, and what it can answer, in the order of the contract. Of `$`: the pin, the
/// lease's token and a sealed body are filled in.
struct Call {
    name: &'static str,
    takes: &'static str,
    refuses: &'static [&'static str],
    otherwise: &'static str,
}

const CALLS: [Call; 9] = [
    Call {
        name: "review_approve",
        takes: "pin => $pin,",
        refuses: &[
            "not_found",
            "not_authorised",
            "already_decided",
            "lease_lost",
            "payload_missing",
            "self_approval",
            "draft_changed",
            "conversation_moved",
            "switched_off",
        ],
        otherwise: "applied",
    },
    Call {
        name: "review_reject",
        takes: "pin => $pin, reason => 'policy',",
        refuses: &[
            "not_found",
            "not_authorised",
            "already_decided",
            "lease_lost",
            "payload_missing",
            "draft_changed",
            "conversation_moved",
            "switched_off",
        ],
        otherwise: "applied",
    },
    Call {
        name: "review_escalate",
        takes: "pin => $pin, reason => 'legal_threat',",
        refuses: &[
            "not_found",
            "not_authorised",
            "already_decided",
            "lease_lost",
            "payload_missing",
            "top_tier",
            "switched_off",
        ],
        otherwise: "applied",
    },
    Call {
        name: "review_revise",
        takes: "pin => $pin, $body,",
        refuses: &["not_found", "not_authorised", "already_decided", "lease_lost", "payload_missing", "draft_changed"],
        otherwise: "applied",
    },
    Call {
        name: "review_undo",
        takes: "",
        refuses: &["not_found", "not_authorised", "already_decided", "too_late"],
        otherwise: "applied",
    },
    Call {
        name: "take_escalation",
        takes: "",
        refuses: &["not_found", "not_authorised", "already_decided", "payload_missing", "switched_off"],
        otherwise: "applied",
    },
    Call {
        name: "skip_review",
        takes: "lease_token => $token, reason => 'too_long',",
        refuses: &["not_found", "not_authorised", "already_decided", "lease_lost"],
        otherwise: "applied",
    },
    Call {
        name: "force_release",
        takes: "",
        refuses: &["not_found", "not_authorised", "already_decided"],
        otherwise: "applied",
    },
    // Carries no command. Somebody else holds the job.
    Call {
        name: "claim_review",
        takes: "",
        refuses: &["not_found", "not_authorised", "already_decided"],
        otherwise: "leased",
    },
];

/// Where a call is tried: a job as it is before the call, and what `ada` knows of it.
struct Scene {
    question: Question,
    pin: Pin,
}

impl Call {
    /// The job that the call would apply to, but for what can be wrong from the beginning on.
    async fn scene(&self, db: &Database, wrong: &[&str]) -> Scene {
        let conversation = db.conversation().await;
        db.history(&conversation, Direction::Inbound, "Where is my card?").await;
        let mut question = draft(db, &conversation, wrong).await;
        if wrong.contains(&"top_tier") {
            let role = "agency:acme/role:team_lead";
            let job = question.job.0;
            db.execute(&format!("update queue.job_queue set target_ref = '{role}' where job_id = {job}")).await;
        }
        let reader =
            if ["force_release", "claim_review", "take_escalation"].contains(&self.name) { "bo" } else { "ada" };
        let pin = db.read(reader, question.job).await;
        let reader = db.as_login(reader).await;
        match self.name {
            "review_undo" => {
                let decided = reader.approve(question.job, &pin, Default::default(), command()).await.unwrap();
                assert!(decided.is_applied(), "{decided:?}");
            }
            "take_escalation" => {
                let up = reader.escalate(question.job, &pin, "legal_threat", command()).await.unwrap();
                question.job = up.created_job_id.unwrap();
                let job = question.job.0;
                db.execute(&format!("update queue.job_queue set process_after = created_at where job_id = {job}"))
                    .await;
            }
            _ => {}
        }
        Scene { question, pin }
    }

    fn statement(&self, db: &Database, scene: &Scene, command: Uuid) -> String {
        let revision = Uuid::new_v4();
        let body = db.seal("acme", scene.question.conversation.id, revision, Direction::Draft, "It left on Tuesday.");
        let sealed = format!(
            "draft_id => '{revision}', key_id => '{}', sealed_body => '\\x{}', digest => '\\x{}'",
            body.key_id,
            hex(&body.sealed),
            hex(&body.digest)
        );
        let takes = self.takes.replace("$pin", &format!("'{}'", scene.pin)).replace("$body", &sealed);
        let takes = takes.replace("$token", &scene.pin.lease_token.to_string());
        let job = scene.question.job.0;
        match self.name {
            "claim_review" => format!("select queue.claim_review(job_id => {job})"),
            name => format!("select queue.{name}(job_id => {job}, {takes} command_id => '{command}')"),
        }
    }
}

/// The draft is `ada`'s own where that is what shall be wrong.
async fn draft(db: &Database, conversation: &Conversation, wrong: &[&str]) -> Question {
    let mut draft = db.new_draft(conversation, "It left on Monday.");
    if wrong.contains(&"self_approval") {
        draft.author_ref = db.login("ada");
    }
    db.ask(conversation, &draft).await
}

/// Brings about what makes a call answer these, all of them at once.
async fn go_wrong(db: &Database, call: &Call, scene: &Scene, wrong: &[&str]) {
    let job = scene.question.job.0;
    let ada = db.login("ada");
    if wrong.contains(&"conversation_moved") {
        db.history(&scene.question.conversation, Direction::Inbound, "Hello?").await;
    }
    if wrong.contains(&"draft_changed") {
        draft(db, &scene.question.conversation, wrong).await;
    }
    let undone = format!(
        "update queue.review_decision set undone_by = decided_by, undone_at = queue.clock() where job_id = {job}"
    );
    let ended = format!(
        "update queue.job_queue set status = 'cancelled', outcome_code = 'cancelled', finished_at = queue.clock(),
                lease_owner = null, lease_expires_at = null where job_id = {job}"
    );
    // In this order: what has ended, for instance, can lose no lease.
    for (outcome, statement) in [
        (
            "payload_missing",
            format!(
                "update care.customer_message set sealed_body = null, key_id = null, erased_at = queue.clock()
                 where 'message:' || message_id = (select payload_ref from queue.job_queue where job_id = {job})"
            ),
        ),
        (
            "lease_lost",
            format!(
                "update queue.job_queue set lease_expires_at = queue.clock() - interval '1 s' where job_id = {job}"
            ),
        ),
        ("already_decided", if call.name == "review_undo" { undone } else { ended }),
        (
            "too_late",
            format!(
                "update queue.job_queue set status = 'cancelled', outcome_code = 'cancelled', finished_at = queue.clock()
                 where parent_job_id = {job}"
            ),
        ),
        (
            "switched_off",
            format!(
                "insert into queue.dot_config (key, value, set_by, set_at)
                 values ('queue.customer.enabled', 'false', '{}', queue.clock())",
                db.login("pad")
            ),
        ),
        ("not_authorised", format!("update queue.staff set roles = '{{operator}}' where login = '{ada}'")),
        ("not_found", format!("update queue.staff set agency = 'globex' where login = '{ada}'")),
    ] {
        if wrong.contains(&outcome) {
            db.execute(&statement).await;
        }
    }
}

/// `ada` may do everything that people who review can, and everything is switched on.
async fn set_right(db: &Database) {
    let ada = db.login("ada");
    db.execute(&format!(
        "update queue.staff set agency = 'acme', roles = '{{reviewer,senior_reviewer,team_lead}}' where login = '{ada}';
         delete from queue.dot_config where key = 'queue.customer.enabled'"
    ))
    .await;
}

async fn answer(ada: &PgPool, statement: &str) -> Value {
    sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_one(ada).await.unwrap()
}

#[tokio::test]
async fn i6_i9_of_several_refusals_the_one_that_comes_first_in_the_contract_is_answered() {
    let db = database().await;
    let ada = db.raw("ada").await;
    for call in &CALLS {
        for from in 0..=call.refuses.len() {
            set_right(&db).await;
            let wrong = &call.refuses[from..];
            let scene = call.scene(&db, wrong).await;
            go_wrong(&db, call, &scene, wrong).await;
            let answered = answer(&ada, &call.statement(&db, &scene, command())).await;
            let expected = wrong.first().copied().unwrap_or(call.otherwise);
            assert_eq!(answered["outcome"], expected, "{} with {wrong:?}: {answered}", call.name);
        }
    }
}

/// A replay comes before everything: who lost every right meanwhile still learns what became of the command.
#[tokio::test]
async fn i8_a_replay_is_answered_before_any_refusal() {
    let db = database().await;
    let ada = db.raw("ada").await;
    for call in CALLS.iter().filter(|call| call.name != "claim_review") {
        set_right(&db).await;
        let scene = call.scene(&db, &[]).await;
        let statement = call.statement(&db, &scene, command());
        let first = answer(&ada, &statement).await;
        assert_eq!(first["outcome"], "applied", "{}", call.name);
        go_wrong(&db, call, &scene, &["switched_off", "not_authorised", "not_found"]).await;
        let mut again = answer(&ada, &statement).await;
        assert_eq!(again.as_object_mut().unwrap().remove("replayed"), Some(Value::Bool(true)), "{}", call.name);
        assert_eq!(again, first, "{}", call.name);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
