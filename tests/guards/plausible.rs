//! The arguments of every call, found in the catalogue, and values with which each call gets far.

use countersign::domain::{Direction, JobKind, Pin};
use uuid::Uuid;

use crate::calls::started;
use crate::support::{Database, Question, command};

/// One argument of a call.
#[derive(sqlx::FromRow)]
pub(crate) struct Argument {
    pub(crate) call: String,
    pub(crate) name: String,
    pub(crate) kind: String,
}

impl Argument {
    /// Whether it is a row of ours, which is given as JSON.
    pub(crate) fn is_row(&self) -> bool {
        self.kind.starts_with("queue.")
    }
}

/// The arguments of every call that some class of login may make.
pub(crate) async fn arguments(db: &Database) -> Vec<Argument> {
    sqlx::query_as(
        "select proc.proname::text as call, arg.name, format_type(arg.kind, null) as kind
         from pg_proc as proc
         cross join unnest(proc.proargnames[1:proc.pronargs], proc.proargtypes::oid[]) with ordinality as arg (name, kind, place)
         where proc.pronamespace = 'queue'::regnamespace
           and exists (select from unnest(array['countersign_staff', 'countersign_executor', 'countersign_producer']) as class
                       where has_function_privilege(class, proc.oid, 'execute'))
         order by proc.proname, arg.place",
    )
    .fetch_all(db.pool())
    .await
    .unwrap()
}

/// Values with which every call gets far: those of a question that `ada` reads.
pub(crate) struct Plausible {
    question: Question,
    pin: Pin,
    pub(super) key_id: String,
    sealed: String,
}

impl Plausible {
    pub(crate) async fn new(db: &Database) -> Plausible {
        let question = db.question().await;
        let pin = db.read("ada", question.job).await;
        Plausible::about(db, question, pin)
    }

    /// Those of a draft job that `exe` works on.
    pub(crate) async fn of_a_program(db: &Database) -> Plausible {
        let mut question = db.question().await;
        let mut pin = db.read("ada", question.job).await;
        let ada = db.as_login("ada").await;
        assert!(ada.reject(question.job, &pin, "policy", None, command()).await.unwrap().is_applied());
        db.advance("40 seconds").await;
        let job = started(&db.as_login("exe").await, JobKind::Draft).await;
        (question.job, pin.lease_token) = (job.job_id, job.lease_token);
        Plausible::about(db, question, pin)
    }

    fn about(db: &Database, question: Question, pin: Pin) -> Plausible {
        let body = db.seal("acme", question.conversation.id, Uuid::new_v4(), Direction::Draft, "It left on Monday.");
        let sealed = body.sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        Plausible { question, pin, key_id: body.key_id, sealed }
    }

    /// As an SQL expression.
    fn value(&self, argument: &Argument) -> String {
        let quoted = |value: &str| format!("'{value}'");
        match argument.name.as_str() {
            "conversation_id" => quoted(&self.question.conversation.id.to_string()),
            "message_id" | "draft_id" | "command_id" => "gen_random_uuid()::text".to_owned(),
            "job_id" => self.question.job.0.to_string(),
            "lease_token" => self.pin.lease_token.to_string(),
            "pin" => quoted(&format!(
                "{}/{}/{}/{}",
                self.pin.draft_id, self.pin.draft_digest, self.pin.newest_inbound_seq, self.pin.lease_token
            )),
            "key_id" => quoted(&self.key_id),
            "sealed_body" => format!("'\\x{}'", self.sealed),
            "digest" => "sha256('')".to_owned(),
            "agency" | "of_agency" => quoted("acme"),
            "channel_kind" => quoted("email"),
            "job_kind" => quoted("customer_message_send"),
            "at" | "process_after" => "clock_timestamp()::date || 'T09:12:00Z'".to_owned(),
            "expires_at" => "clock_timestamp()::date + 2 || 'T09:12:00Z'".to_owned(),
            "safe_payload" | "result" => quoted("{}"),
            "attachments" => quoted("[]"),
            "direction" => quoted("inbound"),
            "author_ref" => quoted("drafter-1"),
            "customer_ref" | "ref" => quoted(&self.question.conversation.customer_ref),
            "provider_ref" => quoted("smtp-1"),
            "error_code" => quoted("internal_error"),
            "key" => quoted("queue.customer.confidence_threshold"),
            "value" => quoted("0.5"),
            "list" => quoted("intent"),
            "code" => quoted("card_lost"),
            "time_zone" => quoted("UTC"),
            "review_order" => quoted("deadline_first"),
            "event_type" => quoted("customer.message.sent"),
            "login" => quoted("of_nobody"),
            "reason" => quoted(match argument.call.as_str() {
                "review_reject" => "policy",
                "review_escalate" => "legal_threat",
                "skip_review" => "too_long",
                "hold" => "incident",
                _ => "duplicate",
            }),
            "hours" => "array['mon 09:00-17:00']".to_owned(),
            "days" => "array['2026-12-25']".to_owned(),
            "closed" => "true".to_owned(),
            "kinds" => "array['customer_message_send']".to_owned(),
            "channels" => "array['email']".to_owned(),
            "agencies" => "array['acme']".to_owned(),
            "roles" => "array['reviewer']".to_owned(),
            "hold_id" | "per_minute" | "limit" => "1".to_owned(),
            "after_event" => "0".to_owned(),
            // A conversation of one message, another one with each transaction.
            "conversation_ids" | "message_of" => "array[md5(pg_current_xact_id()::text)::uuid::text]".to_owned(),
            "message_ids" => "array[gen_random_uuid()::text]".to_owned(),
            "channel_kinds" => "array['email']".to_owned(),
            "customer_refs" => "array['cust-of-a-file']".to_owned(),
            "safe_payloads" => "array['{}']".to_owned(),
            "priorities" => "array[5]".to_owned(),
            "deadlines" => "array[null]::text[]".to_owned(),
            "directions" => "array['inbound']".to_owned(),
            "times" => "array[clock_timestamp()::date || 'T09:12:00Z']".to_owned(),
            "key_ids" => format!("array['{}']", self.key_id),
            "sealed_bodies" => format!("array['\\x{}'::bytea]", self.sealed),
            "digests" => "array[sha256('')]".to_owned(),
            "author_refs" => "array['customer']".to_owned(),
            _ => "null".to_owned(),
        }
    }

    /// The call with one argument as `$1` and the others plausible.
    pub(crate) fn call(&self, all: &[Argument], given: &Argument) -> String {
        let list: Vec<_> = all
            .iter()
            .filter(|argument| argument.call == given.call)
            .map(|argument| match (argument.name == given.name, argument.is_row()) {
                (true, false) => format!("\"{}\" => $1::{}", argument.name, argument.kind),
                (true, true) => {
                    format!("\"{}\" => jsonb_populate_record(null::{}, $1::text::jsonb)", argument.name, argument.kind)
                }
                (false, _) => format!("\"{}\" => {}", argument.name, self.value(argument)),
            })
            .collect();
        format!("select to_jsonb(queue.{}({}))", given.call, list.join(", "))
    }
}
