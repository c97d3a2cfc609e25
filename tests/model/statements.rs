//! A call as the SQL that makes it. Values are ids, numbers and registered codes of our own making, so they stand in the
//! statement as they are.

use chrono::{DateTime, TimeDelta, Utc};
use countersign::domain::JobKind;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::calls::{About, Asked, Call, Pin};
use super::people::Agency;
use super::real::Names;
use super::world::{Codes, Moment, Way};

/// A job that no database of a test ever comes to.
const NO_SUCH_JOB: i64 = 987_654_321;

/// When every history begins.
pub fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_607_200, 0).expect("a time of 2026")
}

pub fn time(at: Moment) -> DateTime<Utc> {
    beginning() + TimeDelta::seconds(at)
}

/// The function call, without `select`.
pub fn function(asked: &Asked, names: &Names) -> String {
    let mut arguments = arguments(&asked.call, names);
    if asked.call.has_command() {
        arguments.push(format!("command_id => '{}'", asked.command));
    }
    format!("queue.{}({})", asked.call.name(), arguments.join(", "))
}

fn arguments(call: &Call, names: &Names) -> Vec<String> {
    let id = |job: &About| format!("job_id => {}", job.map_or(NO_SUCH_JOB, |job| names.jobs[job]));
    let leased = |job: &About, token: &i64| vec![id(job), format!("lease_token => {token}")];
    let pinned = |job: &About, seen: &Pin| vec![id(job), pin(seen)];
    match call {
        Call::OpenConversation { conversation, agency, customer, channel } => vec![
            format!("conversation_id => '{conversation}'"),
            format!("agency => '{agency}', customer_ref => 'cust-{customer}', channel_kind => '{channel}'"),
        ],
        Call::StoreInbound { conversation, message, codes, priority, due } => [
            message_in(conversation, "message_id", *message, names),
            vec![format!("at => '{}'", beginning().to_rfc3339()), of_work(codes, *priority), due_at(*due)],
        ]
        .concat(),
        Call::StoreHistory { conversation, message, way } => {
            let direction = if *way == Way::Outbound { "outbound" } else { "inbound" };
            let more = format!("at => '{}', direction => '{direction}'", beginning().to_rfc3339());
            [message_in(conversation, "message_id", *message, names), vec![more]].concat()
        }
        Call::SubmitDraft { conversation, draft, author, codes, priority, due, revises } => {
            let revises = revises.map_or("null".to_owned(), |id| format!("'{id}'"));
            let more = vec![
                format!("author_ref => '{}', revises => {revises}", names.login(author)),
                of_work(codes, *priority),
                due_at(*due),
            ];
            [message_in(conversation, "draft_id", *draft, names), more].concat()
        }
        Call::ScheduleFollowup { conversation, not_before, priority } => vec![
            format!("conversation_id => '{conversation}', process_after => '{}'", time(*not_before).to_rfc3339()),
            of_work(&Codes::default(), *priority),
        ],
        Call::ClaimJobs { kinds, limit } => vec![format!("kinds => {}, \"limit\" => {limit}", list(kinds.iter()))],
        Call::StartJob { job, token } | Call::ExtendLease { job, token } | Call::ReleaseJob { job, token } => {
            leased(job, token)
        }
        Call::OpenBody { job, token } => leased(job, token),
        Call::PutDraft { job, token, draft } => {
            let agency = job.map_or("acme", |job| names.agencies[job]);
            let more = vec![
                format!("draft_id => '{draft}', author_ref => '{}'", names.login("drafter")),
                sealed(*draft, agency, names),
            ];
            [leased(job, token), more].concat()
        }
        Call::CompleteJob { job, token, found, draft, provider_ref } => {
            let draft = draft.map_or("null".to_owned(), |draft| format!("'{draft}'"));
            let provider_ref = if *provider_ref { "'smtp-1'" } else { "null" };
            let more = format!("result => '{}', draft_id => {draft}, provider_ref => {provider_ref}", as_json(found));
            [leased(job, token), vec![more]].concat()
        }
        Call::FailJob { job, token, code } => [leased(job, token), vec![format!("error_code => '{code}'")]].concat(),
        Call::ClaimReview { job } => job.iter().map(id).collect(),
        Call::Approve { job, pin } => pinned(job, pin),
        Call::Reject { job, pin, reason } => [pinned(job, pin), vec![format!("reason => '{reason}'")]].concat(),
        Call::Escalate { job, pin } => [pinned(job, pin), vec!["reason => 'legal_threat'".to_owned()]].concat(),
        Call::Revise { job, pin, revision } => {
            let agency = job.map_or("acme", |job| names.agencies[job]);
            let more = vec![format!("draft_id => '{revision}'"), sealed(*revision, agency, names)];
            [pinned(job, pin), more].concat()
        }
        Call::Skip { job, token } => [leased(job, token), vec!["reason => 'too_long'".to_owned()]].concat(),
        Call::Undo { job } | Call::TakeEscalation { job } | Call::ForceRelease { job } | Call::RetryNow { job } => {
            vec![id(job)]
        }
        Call::RetryDeadLetter { job, may_have_left } => vec![id(job), format!("may_have_left => {may_have_left}")],
        Call::DiscardDeadLetter { job } | Call::Cancel { job } => vec![id(job), "reason => 'duplicate'".to_owned()],
        // A number of its own for each, as providers give them.
        Call::ConfirmSent { job } => {
            vec![id(job), format!("provider_ref => 'found-{}'", job.map_or(NO_SUCH_JOB, |job| names.jobs[job]))]
        }
        Call::PlaceHold { kind, channel, agency } => vec![
            format!("job_kind => {}, channel_kind => {}", or_null(kind.map(JobKind::as_str)), or_null(*channel)),
            format!("agency => {}, reason => 'incident'", or_null(*agency)),
        ],
        Call::Resume { hold, per_minute } => {
            let hold = hold.map_or(NO_SUCH_JOB, |hold| names.holds[hold]);
            vec![format!("hold_id => {hold}, per_minute => {}", number_or_null(*per_minute))]
        }
        Call::SignOff { customer, expires_at } => {
            vec![format!("customer_ref => 'cust-{customer}', expires_at => '{}'", time(*expires_at).to_rfc3339())]
        }
        Call::RevokeSignOff { customer } => vec![format!("customer_ref => 'cust-{customer}'")],
        Call::SetAgencyConfig { setting, value } => {
            vec![format!("key => '{}', value => '{}'", setting.key(), setting.value(*value))]
        }
        Call::SetConfig { setting, value } => vec![format!(
            "key => '{}', value => '{}', council_reference => 'COUNCIL-17'",
            setting.key(),
            setting.value(*value)
        )],
        Call::OrderOfReview { agency, savable_first } => {
            let order = if *savable_first { "savable_first" } else { "deadline_first" };
            vec![format!("agency => '{agency}', time_zone => 'UTC', review_order => '{order}'")]
        }
        Call::RegisterExecutor { login, whitelist } => vec![
            format!("login => '{}', kinds => {}", names.login(login), list(whitelist.kinds.iter())),
            format!("channels => {}, agencies => {}", list(&whitelist.channels), list(&whitelist.agencies)),
        ],
        Call::RevokeLogin { login } => vec![format!("login => '{}'", names.login(login))],
        Call::Sweep => vec![],
    }
}

fn message_in(conversation: &Uuid, what: &str, message: Uuid, names: &Names) -> Vec<String> {
    let number = conversation.as_u64_pair().1 as usize;
    let agency = super::choose::CONVERSATIONS[number].0;
    vec![format!("conversation_id => '{conversation}', {what} => '{message}'"), sealed(message, agency, names)]
}

/// An envelope that the database takes for a sealed one: it knows no more than version, key id and length.
fn sealed(message: Uuid, agency: Agency, names: &Names) -> String {
    let key = &names.keys[agency];
    let body = "ab".repeat(40);
    format!("key_id => '{key}', sealed_body => '\\x01{key}{body}', digest => '\\x{}'", digest(message))
}

pub fn digest(of: Uuid) -> String {
    of.simple().to_string().repeat(2)
}

pub fn pin_text(pin: &Pin) -> String {
    format!("{}/{}/{}/{}", pin.draft, digest(pin.digest_of), pin.newest_inbound, pin.token)
}

fn pin(pin: &Pin) -> String {
    format!("pin => '{}'", pin_text(pin))
}

pub fn as_json(codes: &Codes) -> Value {
    let mut fields = Map::new();
    if let Some(confidence) = codes.confidence {
        fields.insert("confidence".to_owned(), json!(confidence as f64 / 1000.0));
    }
    if let Some(priority) = codes.priority {
        fields.insert("priority".to_owned(), json!(priority));
    }
    if let Some(intent) = codes.intent {
        fields.insert("intent_code".to_owned(), json!(intent));
    }
    if let Some(reason) = codes.retry_reason {
        fields.insert("retry_reason_code".to_owned(), json!(reason));
    }
    Value::Object(fields)
}

fn of_work(codes: &Codes, priority: Option<i64>) -> String {
    format!("safe_payload => '{}', priority => {}", as_json(codes), number_or_null(priority))
}

fn due_at(due: Option<Moment>) -> String {
    let due = due.map_or("null".to_owned(), |due| format!("'{}'", time(due).to_rfc3339()));
    format!("deadline_at => {due}")
}

fn list(words: impl IntoIterator<Item = impl ToString>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    format!("'{{{}}}'", words.join(","))
}

fn or_null(word: Option<&str>) -> String {
    word.map_or("null".to_owned(), |word| format!("'{word}'"))
}

fn number_or_null(number: Option<i64>) -> String {
    number.map_or("null".to_owned(), |number| number.to_string())
}
