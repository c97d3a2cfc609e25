//! Conversations that go in whole: what that leaves behind, and what stays outside.

use chrono::{DateTime, Utc};
use countersign::domain::Direction;
use countersign::domain::job::Codes;
use countersign::store::NewBody;
use countersign::store::importing::{WholeConversation, WholeMessage};
use countersign::store::producers::NewConversation;
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Conversation, Database, command, database};

/// A conversation of a file, sealed.
#[derive(Clone)]
struct Line {
    conversation: NewConversation,
    codes: Codes,
    priority: Option<i16>,
    deadline_at: Option<DateTime<Utc>>,
    messages: Vec<Said>,
}

#[derive(Clone)]
struct Said {
    message_id: Uuid,
    direction: Direction,
    at: Option<DateTime<Utc>>,
    body: NewBody,
    author_ref: &'static str,
}

impl Line {
    /// With these messages, by whoever writes such.
    fn new(db: &Database, directions: &[Direction]) -> Line {
        let id = Uuid::new_v4();
        let said = |direction: &Direction| {
            let message_id = Uuid::new_v4();
            Said {
                message_id,
                direction: *direction,
                at: (*direction != Direction::Draft).then(at),
                body: db.seal("acme", id, message_id, *direction, "Where is my card?"),
                author_ref: if *direction == Direction::Inbound { "customer" } else { "drafter-1" },
            }
        };
        let conversation = NewConversation {
            conversation_id: id,
            agency: "acme".to_owned(),
            customer_ref: format!("cust-{}", id.simple()),
            channel_kind: "email".to_owned(),
            command_id: command(),
        };
        let messages = directions.iter().map(said).collect();
        Line { conversation, codes: Codes::default(), priority: None, deadline_at: None, messages }
    }

    fn whole(&self) -> WholeConversation<'_> {
        let messages = self.messages.iter().map(|said| WholeMessage {
            message_id: said.message_id,
            direction: said.direction,
            at: said.at,
            body: &said.body,
            author_ref: said.author_ref,
        });
        WholeConversation {
            conversation: &self.conversation,
            codes: &self.codes,
            priority: self.priority,
            deadline_at: self.deadline_at,
            messages: messages.collect(),
        }
    }

    fn id(&self) -> Uuid {
        self.conversation.conversation_id
    }

    /// The same by one call for each of its parts.
    async fn store_by_calls(&self, db: &Database) {
        let prod = db.as_login("prod").await;
        assert!(prod.open_conversation(&self.conversation).await.unwrap().outcome.is_applied());
        let known = Conversation {
            id: self.id(),
            agency: self.conversation.agency.clone(),
            channel: self.conversation.channel_kind.clone(),
            customer_ref: self.conversation.customer_ref.clone(),
        };
        let (last, before) = self.messages.split_last().unwrap();
        for said in before {
            let mut history = db.new_history(&known, said.direction, "");
            history.author_ref = said.author_ref.to_owned();
            (history.message_id, history.at, history.body) = (said.message_id, said.at.unwrap(), said.body.clone());
            assert!(prod.store_history(&history).await.unwrap().outcome.is_applied());
        }
        let stored = if last.direction == Direction::Draft {
            let mut draft = db.new_draft(&known, "");
            (draft.draft_id, draft.body, draft.codes) = (last.message_id, last.body.clone(), self.codes.clone());
            (draft.priority, draft.deadline_at) = (self.priority, self.deadline_at);
            prod.submit_draft(&draft).await
        } else {
            let mut inbound = db.new_inbound(&known, "");
            (inbound.message_id, inbound.body, inbound.codes) =
                (last.message_id, last.body.clone(), self.codes.clone());
            (inbound.priority, inbound.deadline_at, inbound.at) = (self.priority, self.deadline_at, at());
            prod.store_inbound(&inbound).await
        };
        assert!(stored.unwrap().outcome.is_applied());
    }
}

fn at() -> DateTime<Utc> {
    "2026-01-31T09:12:00Z".parse().unwrap()
}

/// Everything that is stored of a conversation, without what differs from one to the next: ids, digests and moments.
async fn stored(db: &Database, conversation: Uuid) -> Value {
    db.value(&format!(
        "with job as (select * from queue.job_queue where correlation_id = '{conversation}'),
         message as (select * from care.customer_message where conversation_id = '{conversation}')
         select jsonb_build_object(
            'conversation', (
                select to_jsonb(one) - '{{conversation_id,customer_id,opened_at}}'::text[]
                from care.customer_conversation as one where conversation_id = '{conversation}'),
            'messages', (
                select jsonb_agg(to_jsonb(message) - '{{message_id,conversation_id,sealed_body,digest,stored_at}}'::text[]
                                 || case when direction = 'draft' then '{{\"at\": \"now\"}}' else '{{}}' end::jsonb order by seq)
                from message),
            'jobs', (
                select jsonb_agg(to_jsonb(job) - '{{job_id,correlation_id,payload_ref,created_at,process_after,deadline_at,idempotency_key}}'::text[]
                    || jsonb_build_object(
                           'about', (select seq from message where 'message:' || message_id = payload_ref),
                           'waits', round(extract(epoch from process_after - created_at)),
                           'allowed', case when deadline_promised then to_jsonb(deadline_at)
                                           else to_jsonb(round(extract(epoch from deadline_at - created_at))) end))
                from job),
            'events', (
                select jsonb_agg(to_jsonb(event) - '{{event_id,correlation_id,created_at,written_in}}'::text[])
                from queue.event_outbox as event where correlation_id = '{conversation}'),
            'acts', (
                select jsonb_agg(to_jsonb(run) - '{{run_id,at,call,job_id,written_in}}'::text[])
                from queue.dot_iu_command_run as run where job_id in (select job_id from job)))"
    ))
    .await
}

#[tokio::test]
async fn what_goes_in_whole_is_what_the_calls_would_have_stored() {
    use Direction::{Draft, Inbound, Outbound};
    let db = database().await;
    let codes = Codes { language: Some("en".to_owned()), confidence: Some(0.9), ..Codes::default() };
    for is_ratified in [true, false] {
        db.execute(&format!(
            "update queue.event_type_registry set ratified_at = {} where event_type = 'customer.message.enqueued'",
            if is_ratified { "now()" } else { "null" }
        ))
        .await;
        for directions in [&[Inbound, Outbound, Inbound, Draft][..], &[Draft], &[Inbound], &[Outbound, Inbound]] {
            for (priority, deadline_at) in [(None, None), (Some(2), Some("2026-12-31T09:12:00Z".parse().unwrap()))] {
                let line = || Line { codes: codes.clone(), priority, deadline_at, ..Line::new(&db, directions) };
                let (whole, apart) = (line(), line());
                let taken = db.as_login("prod").await.import_conversations(&[whole.whole()]).await.unwrap();
                assert_eq!(taken, [whole.id()].into());
                apart.store_by_calls(&db).await;
                let expected = stored(&db, apart.id()).await;
                assert_eq!(expected["jobs"].as_array().unwrap().len(), 1);
                assert_eq!(expected["events"].is_null(), !is_ratified);
                assert_eq!(stored(&db, whole.id()).await, expected, "{directions:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_plain_stays_outside_and_keeps_nothing_else_out() {
    use Direction::{Draft, Inbound, Outbound};
    let db = database().await;
    let prod = db.as_login("prod").await;
    let question = || Line::new(&db, &[Inbound, Draft]);
    let known = db.question().await;

    let mut cases = Vec::new();
    let mut case = |what: &'static str, line: Line| cases.push((what, line));
    case("a draft before the end", Line::new(&db, &[Draft, Inbound]));
    case("nothing to answer", Line::new(&db, &[Inbound, Outbound]));
    case("no message", Line::new(&db, &[]));
    let mut line = question();
    line.conversation.conversation_id = known.conversation.id;
    case("a conversation that is open", line);
    let mut line = question();
    line.conversation.agency = "globex".to_owned();
    case("another agency's keys", line);
    let mut line = question();
    line.conversation.channel_kind = "fax".to_owned();
    case("a channel that is not the producer's", line);
    let mut line = question();
    line.messages[0].message_id = known.draft_id;
    case("a message that is stored", line);
    let mut line = question();
    line.messages[1].body.digest.pop();
    case("half a digest", line);
    let mut line = question();
    line.messages[0].body.sealed[0] = 2;
    case("an envelope of a version to come", line);
    let mut line = question();
    line.codes.intent_code = Some("of_nobody".to_owned());
    case("a code that nobody registered", line);
    let mut line = question();
    line.codes.channel_kind = Some("sms".to_owned());
    case("codes of another channel", line);
    let mut line = question();
    line.codes.confidence = Some(0.01);
    case("a draft that its author doubts", line);

    for (what, line) in &cases {
        let beside = question();
        let taken = prod.import_conversations(&[line.whole(), beside.whole()]).await.unwrap();
        assert_eq!(taken, [beside.id()].into(), "{what}");
        let left: i64 = db
            .value(&format!(
                "select (select count(*) from care.customer where customer_ref = '{}')
                      + (select count(*) from queue.job_queue where correlation_id = '{}' and job_id <> {})",
                line.conversation.customer_ref,
                line.id(),
                known.job.0
            ))
            .await;
        assert_eq!(left, 0, "{what}");
    }

    // Nothing is left to add the second time.
    let line = question();
    assert_eq!(prod.import_conversations(&[line.whole()]).await.unwrap().len(), 1);
    let once = stored(&db, line.id()).await;
    assert_eq!(prod.import_conversations(&[line.whole()]).await.unwrap().len(), 0);
    assert_eq!(stored(&db, line.id()).await, once);
}
