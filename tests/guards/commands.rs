//! One of every call that carries a command, on its way to go through.

use countersign::domain::{Direction, JobKind};
use countersign::store::holds::Scope;
use uuid::Uuid;

use crate::calls::{approved, claimed, completed, sending, started};
use crate::support::{Database, command};

/// What an argument is given, and what would be another command. `None`: a resealed body is another row of bytes for the
/// same text, so the digest stands for it.
pub type Argument = (&'static str, String, Option<String>);

/// One call that goes through.
pub struct Case {
    pub call: &'static str,
    pub who: &'static str,
    pub arguments: Vec<Argument>,
}

impl Case {
    /// The call with one of its arguments exchanged.
    pub fn statement(&self, command: Uuid, other: Option<usize>) -> String {
        let arguments = self.arguments.iter().enumerate().map(|(number, (name, value, another))| {
            let value = if other == Some(number) { another.as_ref().unwrap() } else { value };
            format!("\"{name}\" => {value}, ")
        });
        format!("select queue.{}({}command_id => '{command}')", self.call, arguments.collect::<String>())
    }
}

fn text(value: impl std::fmt::Display) -> String {
    format!("'{value}'")
}

fn argument(name: &'static str, value: impl std::fmt::Display, other: impl std::fmt::Display) -> Argument {
    (name, value.to_string(), Some(other.to_string()))
}

fn words(name: &'static str, value: impl std::fmt::Display, other: impl std::fmt::Display) -> Argument {
    argument(name, text(value), text(other))
}

fn job(id: i64) -> Argument {
    argument("job_id", id, id + 1_000_000)
}

/// A body that stands in for every body of `acme`: these calls only look at the envelope.
struct Body {
    key_id: String,
    sealed: String,
    digest: String,
}

impl Body {
    fn of(db: &Database) -> Body {
        let body = db.seal("acme", Uuid::new_v4(), Uuid::new_v4(), Direction::Draft, "It left on Monday.");
        Body { key_id: body.key_id, sealed: hex(&body.sealed), digest: hex(&body.digest) }
    }

    fn arguments(&self) -> [Argument; 3] {
        [
            ("key_id", text(&self.key_id), None),
            ("sealed_body", text(&self.sealed), None),
            words("digest", &self.digest, format!("\\x{}", "00".repeat(32))),
        ]
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\\x{digits}")
}

fn case(call: &'static str, who: &'static str, arguments: impl IntoIterator<Item = Argument>) -> Case {
    Case { call, who, arguments: arguments.into_iter().collect() }
}

pub async fn producing(db: &Database) -> Vec<Case> {
    let (here, there) = (db.conversation().await.id, db.conversation().await.id);
    let body = Body::of(db);
    let conversation = || words("conversation_id", here, there);
    let at = || words("at", "2026-11-20T09:12:00Z", "2026-11-20T09:13:00Z");
    let message = || words("message_id", Uuid::new_v4(), Uuid::new_v4());
    let codes = || words("safe_payload", r#"{"language": "en"}"#, "{}");
    let attached =
        format!(r#"[{{"attachment_id": "{}", "media_type": "image/png", "bytes": 1, "uri": "x"}}]"#, Uuid::new_v4());
    let due = || words("deadline_at", "2036-11-20T09:12:00Z", "2036-11-20T09:13:00Z");
    vec![
        case(
            "open_conversation",
            "prod",
            [
                words("conversation_id", Uuid::new_v4(), Uuid::new_v4()),
                words("agency", "acme", "globex"),
                words("customer_ref", "cust-1", "cust-2"),
                words("channel_kind", "email", "sms"),
            ],
        ),
        case(
            "store_inbound",
            "prod",
            [conversation(), message(), at(), codes(), argument("priority", 3, 4), due()]
                .into_iter()
                .chain([words("author_ref", "customer", "caller"), words("attachments", "[]", attached)])
                .chain(body.arguments()),
        ),
        case(
            "store_history",
            "prod",
            [conversation(), message(), words("direction", "inbound", "outbound"), at()]
                .into_iter()
                .chain([words("author_ref", "customer", "caller")])
                .chain(body.arguments()),
        ),
        case(
            "submit_draft",
            "prod",
            [
                conversation(),
                words("draft_id", Uuid::new_v4(), Uuid::new_v4()),
                codes(),
                argument("priority", 3, 4),
                due(),
            ]
            .into_iter()
            .chain([words("author_ref", "drafter-1", "drafter-2"), argument("revises", "null", text(Uuid::new_v4()))])
            .chain(body.arguments()),
        ),
        case(
            "schedule_followup",
            "prod",
            [
                conversation(),
                words("process_after", "2036-11-20T09:12:00Z", "2036-11-20T09:13:00Z"),
                codes(),
                argument("priority", "null", 4),
            ],
        ),
    ]
}

pub async fn executing(db: &Database) -> Vec<Case> {
    let exe = db.as_login("exe").await;
    let body = Body::of(db);
    let conversation = db.conversation().await;
    // The inbound job that the producer's case left.
    started(&exe, JobKind::Inbound).await;
    db.inbound(&conversation, "Hello?").await;
    let to_start = claimed(&exe, JobKind::Inbound).await;
    db.inbound(&conversation, "Hello?").await;
    let to_complete = started(&exe, JobKind::Inbound).await;
    db.inbound(&conversation, "Hello?").await;
    let to_fail = started(&exe, JobKind::Inbound).await;
    db.inbound(&conversation, "Hello?").await;
    let to_draft = started(&exe, JobKind::Inbound).await;
    completed(&exe, &to_draft, &Default::default()).await;
    let to_draft = started(&exe, JobKind::Classify).await;
    completed(&exe, &to_draft, &Default::default()).await;
    let to_draft = started(&exe, JobKind::Draft).await;
    let token = |token: i64| argument("lease_token", token, token + 1);
    vec![
        case("start_job", "exe", [job(to_start.job_id.0), token(to_start.lease_token)]),
        case(
            "complete_job",
            "exe",
            [
                job(to_complete.job_id.0),
                token(to_complete.lease_token),
                words("result", r#"{"language": "en"}"#, r#"{"language": "de"}"#),
                argument("draft_id", "null", text(Uuid::new_v4())),
                argument("provider_ref", "null", "'smtp-1'"),
            ],
        ),
        case(
            "fail_job",
            "exe",
            [
                job(to_fail.job_id.0),
                token(to_fail.lease_token),
                words("error_code", "internal_error", "provider_timeout"),
            ],
        ),
        case(
            "put_draft",
            "exe",
            [
                job(to_draft.job_id.0),
                token(to_draft.lease_token),
                words("draft_id", Uuid::new_v4(), Uuid::new_v4()),
                words("author_ref", "drafter-1", "drafter-2"),
            ]
            .into_iter()
            .chain(body.arguments()),
        ),
    ]
}

pub async fn reviewing(db: &Database) -> Vec<Case> {
    let mut cases = Vec::new();
    let body = Body::of(db);
    for call in [
        "review_approve",
        "review_reject",
        "review_escalate",
        "review_revise",
        "review_undo",
        "take_escalation",
        "skip_review",
        "release_job",
        "force_release",
    ] {
        let question = db.question().await;
        if call == "review_undo" {
            approved(db, &question).await;
            cases.push(case(call, "ada", [job(question.job.0)]));
            continue;
        }
        let pin = db.read("ada", question.job).await;
        let mut about = job(question.job.0);
        let mut who = "ada";
        let mut moved = pin.clone();
        moved.newest_inbound_seq += 1;
        let seen = words("pin", &pin, moved);
        let token = argument("lease_token", pin.lease_token, pin.lease_token + 1);
        let more = match call {
            "review_approve" => {
                vec![seen, argument("seconds_on_screen", 3, 4), argument("warnings_accepted", "null", 1)]
            }
            "review_reject" => vec![
                seen,
                words("reason", "policy", "wrong_fact"),
                ("note_key_id", text(&body.key_id), None),
                words("note_sealed", &body.sealed, Body::of(db).sealed),
            ],
            "review_escalate" => vec![seen, words("reason", "legal_threat", "fraud_suspected")],
            "review_revise" => {
                [seen, words("draft_id", Uuid::new_v4(), Uuid::new_v4())].into_iter().chain(body.arguments()).collect()
            }
            "skip_review" => vec![token, words("reason", "too_long", "not_my_language")],
            "release_job" => vec![token],
            "take_escalation" => {
                let ada = db.as_login("ada").await;
                let up = ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap();
                about = job(up.created_job_id.unwrap().0);
                db.execute("update queue.job_queue set process_after = created_at where status = 'queued'").await;
                who = "sen";
                Vec::new()
            }
            _ => {
                who = "sen";
                Vec::new()
            }
        };
        cases.push(case(call, who, [about].into_iter().chain(more)));
    }
    cases
}

pub async fn oncall(db: &Database) -> Vec<Case> {
    let exe = db.as_login("exe").await;
    let send = sending(db, &db.question().await).await;
    exe.fail_job(send.job_id, send.lease_token, "provider_timeout", command()).await.unwrap();
    let conversation = db.conversation().await;
    let mut ended = Vec::new();
    for error in ["payload_missing", "payload_missing", "internal_error"] {
        db.inbound(&conversation, "Hello?").await;
        let job = started(&exe, JobKind::Inbound).await;
        exe.fail_job(job.job_id, job.lease_token, error, command()).await.unwrap();
        ended.push(job.job_id.0);
    }
    let waiting = db.question().await.job.0;
    let hold = db.as_login("kim").await;
    let scope = Scope { channel_kind: Some("webchat".into()), ..Default::default() };
    let hold_id = hold.place_hold(&scope, "incident", None, command()).await.unwrap().hold_id.unwrap();
    vec![
        case(
            "dead_letter_retry",
            "kim",
            [
                job(ended[0]),
                argument("may_have_left", false, true),
                argument("reason", "null", "'cause_removed'"),
                argument("after_seconds", 0, 5),
            ],
        ),
        case("dead_letter_discard", "kim", [job(ended[1]), words("reason", "duplicate", "obsolete")]),
        case("retry_now", "kim", [job(ended[2])]),
        case("confirm_sent", "kim", [job(send.job_id.0), words("provider_ref", "smtp-3", "smtp-4")]),
        case("cancel_job", "kim", [job(waiting), words("reason", "duplicate", "obsolete")]),
        case(
            "hold",
            "kim",
            [
                argument("job_kind", "null", "'customer_message_send'"),
                words("channel_kind", "webchat", "sms"),
                argument("agency", "null", "'acme'"),
                words("reason", "incident", "maintenance"),
                argument("ticket", "null", "'INC-1'"),
            ],
        ),
        case("try_resume", "kim", [argument("hold_id", hold_id, hold_id + 1), argument("sends", 5, 6)]),
        case("resume", "kim", [argument("hold_id", hold_id, hold_id + 1), argument("per_minute", "null", 5)]),
    ]
}

pub async fn ruling(db: &Database) -> Vec<Case> {
    // Rights belong to the whole server, so that a login of this test alone is registered as one class after the other.
    db.admin().create_login(&db.login("newcomer")).await.unwrap();
    let customer = db.conversation().await.customer_ref;
    let forgotten = db.conversation().await.customer_ref;
    let newcomer = || words("login", db.login("newcomer"), db.login("mon"));
    let revoke = || case("revoke_login", "pad", [newcomer()]);
    let agencies = || argument("agencies", "'{acme}'", "'{globex}'");
    let channels = || argument("channels", "'{email}'", "'{sms}'");
    db.execute("update queue.event_type_registry set ratified_at = null where event_type = 'customer.message.sent'")
        .await;
    let (limit, age) = ("queue.customer.escalation_open_limit", "queue.customer.max_approval_age");
    vec![
        case(
            "sign_off_customer",
            "wad",
            [
                words("customer_ref", &customer, &forgotten),
                words("expires_at", "2036-11-20T09:12:00Z", "2036-11-20T09:13:00Z"),
            ],
        ),
        case("revoke_sign_off", "wad", [words("customer_ref", &customer, &forgotten)]),
        case("erase_customer", "wad", [words("customer_ref", &forgotten, &customer)]),
        case("set_agency_config", "wad", [words("key", limit, age), words("value", 100, 101)]),
        case(
            "set_business_hours",
            "wad",
            [
                words("agency", "acme", "globex"),
                argument("hours", "'{mon 09:00-17:00}'", "'{tue 09:00-17:00}'"),
                words("time_zone", "UTC", "Europe/Berlin"),
            ],
        ),
        case(
            "set_holidays",
            "wad",
            [
                words("agency", "acme", "globex"),
                argument("days", "'{2026-12-25}'", "'{2026-12-26}'"),
                argument("closed", true, false),
            ],
        ),
        case(
            "set_config",
            "pad",
            [words("key", limit, age), words("value", 100, 101), argument("council_reference", "null", "'CR-1'")],
        ),
        case(
            "register_code",
            "pad",
            [
                words("list", "reason", "intent"),
                words("code", "unclear", "vague"),
                argument("effect", "null", "'none'"),
                argument("final", false, true),
                argument("used_by", "'{skip}'", "'{reject}'"),
            ],
        ),
        case("register_agency_host", "wad", [words("host", "track.acme.example", "acme.example")]),
        case(
            "register_agency",
            "pad",
            [
                words("agency", "initech", "hooli"),
                words("time_zone", "UTC", "Europe/Berlin"),
                words("review_order", "deadline_first", "savable_first"),
            ],
        ),
        case(
            "register_key",
            "pad",
            [words("key_id", "ab".repeat(16), "cd".repeat(16)), words("agency", "acme", "globex")],
        ),
        case("ratify_event_type", "pad", [words("event_type", "customer.message.sent", "customer.message.undone")]),
        case("register_monitor", "pad", [newcomer()]),
        revoke(),
        case("register_producer", "pad", [newcomer(), agencies(), channels()]),
        case("set_enabled", "pad", [newcomer(), argument("enabled", false, true)]),
        revoke(),
        case(
            "register_executor",
            "pad",
            [
                newcomer(),
                argument("kinds", "'{customer_message_send}'", "'{customer_message_draft}'"),
                channels(),
                agencies(),
            ],
        ),
        revoke(),
        case(
            "register_staff",
            "pad",
            [newcomer(), words("agency", "acme", "globex"), argument("roles", "'{reviewer}'", "'{operator}'")],
        ),
        case(
            "set_config",
            "pad",
            [
                words("key", "queue.retention.outbox", "queue.retention.audit"),
                words("value", "2592000", "2592001"),
                argument("council_reference", "null", "'CR-1'"),
            ],
        ),
        case("retention_sweep", "pad", [argument("limit", 10, 20)]),
    ]
}
