//! The import format: one JSON object a line, unknown fields refused.
//!
//! Two steps: what the line says, then whether it can mean anything. Whether a code is registered is the database's to know.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::fault::Fault;
use crate::domain::job::Codes;
use crate::domain::{Direction, duration};

const LONGEST_REFERENCE: usize = 256;
const LONGEST_AUTHOR: usize = 128;

/// One line: a conversation that makes sense in itself. Has at least one message; messages are in order of time.
///
/// Without `Debug`, because the bodies are customers' words.
pub struct Conversation {
    /// None: derived from what the conversation begins with.
    pub conversation_id: Option<Uuid>,
    pub agency: String,
    pub customer_ref: String,
    pub channel_kind: String,
    pub codes: Codes,
    pub priority: Option<i16>,
    pub deadline_at: Option<DateTime<Utc>>,
    pub messages: Vec<Message>,
    pub draft: Option<Draft>,
}

pub struct Message {
    /// Inbound or outbound.
    pub direction: Direction,
    pub at: DateTime<Utc>,
    pub body: Zeroizing<String>,
}

pub struct Draft {
    pub author: String,
    pub body: Zeroizing<String>,
}

impl Conversation {
    /// Reads one line.
    pub fn parse(line: &[u8]) -> Result<Conversation, Fault> {
        // Serde would also take an array, with the fields in order.
        if matches!(line.trim_ascii_start().first(), Some(b'[')) {
            return Err(Fault::NotAnObject);
        }
        let said: Said = serde_json::from_slice(line).map_err(|error| Fault::from_json(&error))?;
        said.check()
    }

    /// How many bytes of bodies it carries, which is what its size in memory amounts to.
    pub fn body_bytes(&self) -> usize {
        let draft = self.draft.as_ref().map_or(0, |draft| draft.body.len());
        draft + self.messages.iter().map(|message| message.body.len()).sum::<usize>()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    conversation_id: Option<String>,
    agency: String,
    customer_ref: String,
    channel_kind: String,
    language: Option<String>,
    intent_code: Option<String>,
    confidence: Option<f64>,
    priority: Option<i64>,
    sla: Option<String>,
    messages: Vec<SaidMessage>,
    draft: Option<SaidDraft>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidMessage {
    direction: String,
    at: String,
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidDraft {
    author: String,
    body: String,
}

impl Said {
    fn check(self) -> Result<Conversation, Fault> {
        let conversation_id = (self.conversation_id.as_deref().map(Uuid::parse_str).transpose())
            .map_err(|_| Fault::bad("conversation_id", "not a UUID"))?;
        check_reference("customer_ref", &self.customer_ref, LONGEST_REFERENCE)?;
        let confidence = self.confidence.map(check_confidence).transpose()?;
        let priority = self.priority.map(check_priority).transpose()?;
        let span = (self.sla.as_deref().map(duration::parse).transpose())
            .map_err(|_| Fault::bad("sla", "not a length of time such as 30m"))?;
        let messages = check_messages(self.messages, self.draft.is_some())?;
        let deadline_at = span.map(|span| deadline(&messages, span)).transpose()?;
        let draft = self.draft.map(SaidDraft::check).transpose()?;
        Ok(Conversation {
            conversation_id,
            agency: self.agency,
            customer_ref: self.customer_ref,
            channel_kind: self.channel_kind,
            codes: Codes { language: self.language, intent_code: self.intent_code, confidence, ..Codes::default() },
            priority,
            deadline_at,
            messages,
            draft,
        })
    }
}

impl SaidMessage {
    fn check(self, index: usize) -> Result<Message, Fault> {
        let field = |name: &str| format!("messages[{index}].{name}");
        let direction = match self.direction.as_str() {
            "inbound" => Direction::Inbound,
            "outbound" => Direction::Outbound,
            _ => return Err(Fault::bad(field("direction"), "neither inbound nor outbound")),
        };
        let at = DateTime::parse_from_rfc3339(&self.at)
            .map_err(|_| Fault::bad(field("at"), "not a time such as 2026-11-20T09:12:00Z"))?
            .with_timezone(&Utc);
        Ok(Message { direction, at, body: check_body(|| field("body"), self.body)? })
    }
}

impl SaidDraft {
    fn check(self) -> Result<Draft, Fault> {
        check_reference("draft.author", &self.author, LONGEST_AUTHOR)?;
        Ok(Draft { author: self.author, body: check_body(|| "draft.body".to_owned(), self.body)? })
    }
}

fn check_messages(said: Vec<SaidMessage>, has_draft: bool) -> Result<Vec<Message>, Fault> {
    let messages =
        said.into_iter().enumerate().map(|(index, message)| message.check(index)).collect::<Result<Vec<_>, _>>()?;
    let newest = messages.last().ok_or_else(|| Fault::bad("messages", "empty"))?;
    if !messages.is_sorted_by_key(|message| message.at) {
        return Err(Fault::bad("messages", "not in order of time"));
    }
    if !has_draft && newest.direction != Direction::Inbound {
        return Err(Fault::bad("messages", "the newest is not inbound, and there is no draft: nothing is to be done"));
    }
    Ok(messages)
}

/// The time to answer counts from the last message of the customer.
fn deadline(messages: &[Message], span: Duration) -> Result<DateTime<Utc>, Fault> {
    let asked = messages.iter().rfind(|message| message.direction == Direction::Inbound);
    let asked_at = asked.ok_or_else(|| Fault::bad("sla", "no inbound message that it could count from"))?.at;
    asked_at
        .checked_add_signed(chrono::Duration::from_std(span).unwrap_or(chrono::Duration::MAX))
        .ok_or_else(|| Fault::bad("sla", "leaves the calendar"))
}

fn check_confidence(confidence: f64) -> Result<f64, Fault> {
    if (0.0..=1.0).contains(&confidence) {
        Ok((confidence * 1000.0).round() / 1000.0)
    } else {
        Err(Fault::bad("confidence", "not from 0 to 1"))
    }
}

fn check_priority(priority: i64) -> Result<i16, Fault> {
    i16::try_from(priority)
        .ok()
        .filter(|priority| (0..=9).contains(priority))
        .ok_or_else(|| Fault::bad("priority", "not from 0 to 9"))
}

fn check_reference(field: &'static str, text: &str, longest: usize) -> Result<(), Fault> {
    if text.is_empty() {
        Err(Fault::bad(field, "empty"))
    } else if text.chars().count() > longest {
        Err(Fault::bad(field, "too long"))
    } else if text.chars().any(char::is_control) {
        Err(Fault::bad(field, "holds control characters"))
    } else {
        Ok(())
    }
}

fn check_body(field: impl FnOnce() -> String, body: String) -> Result<Zeroizing<String>, Fault> {
    if body.is_empty() { Err(Fault::bad(field(), "empty")) } else { Ok(Zeroizing::new(body)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary-7731";

    const WHOLE: &str = r#"{"conversation_id":"6f1c1c5e-4f3b-4c8e-9a53-0d5e3c1b7a10","agency":"acme","customer_ref":"cust-1042",
        "channel_kind":"email","language":"en","intent_code":"card_arrival","confidence":0.8312,"priority":5,"sla":"30m",
        "messages":[{"direction":"inbound","at":"2026-11-20T09:12:00+01:00","body":"Where is my card?"},
                    {"direction":"outbound","at":"2026-11-20T09:12:00Z","body":"On its way."}],
        "draft":{"author":"drafter-1","body":"Hello"}}"#;

    /// The whole line with one piece of its text replaced.
    fn with(old: &str, new: &str) -> String {
        assert!(WHOLE.contains(old), "{old}");
        WHOLE.replacen(old, new, 1)
    }

    fn fault(line: &str) -> String {
        match Conversation::parse(line.as_bytes()) {
            Ok(_) => "accepted".to_owned(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_whole_line_is_understood() {
        let conversation = Conversation::parse(WHOLE.as_bytes()).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(conversation.conversation_id, Some("6f1c1c5e-4f3b-4c8e-9a53-0d5e3c1b7a10".parse().unwrap()));
        assert_eq!(conversation.codes.confidence, Some(0.831));
        assert_eq!(conversation.priority, Some(5));
        assert_eq!(conversation.messages.len(), 2);
        assert_eq!(conversation.messages[0].at, "2026-11-20T08:12:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!(conversation.body_bytes(), "Where is my card?On its way.Hello".len());
    }

    #[test]
    fn the_deadline_counts_from_the_last_message_of_the_customer() {
        let conversation = Conversation::parse(WHOLE.as_bytes()).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(conversation.deadline_at, Some("2026-11-20T08:42:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_optional_may_be_left_out() {
        let line = r#"{"agency":"a","customer_ref":"c","channel_kind":"sms",
            "messages":[{"direction":"inbound","at":"2026-11-20T09:12:00Z","body":"?"}]}"#;
        assert_eq!(fault(line), "accepted");
    }

    #[test]
    fn a_bad_line_is_refused_by_category_and_never_quoted() {
        let deep = "[".repeat(200);
        let long_reference = CANARY.repeat(30);
        let rows = [
            (CANARY.to_owned(), "not JSON at column 1"),
            (format!(r#""{CANARY}"#), "not JSON at column 12"),
            (format!(r#"["{CANARY}"]"#), "not an object"),
            ("null".to_owned(), "wrong type of value at column "),
            (format!("{{\"agency\":{deep}"), "wrong type of value at column 10"),
            (format!("{{\"agency\":\"{CANARY}\u{7}\"}}"), "not JSON at column 23"),
            (format!(r#"{{"agency":"{CANARY}"}}}}"#), "missing field in the object that ends at column 24"),
            (format!(r#"{{"{CANARY}":1}}"#), "unknown field at column 14"),
            (with(r#""body":"Hello""#, &format!(r#""body":"x","{CANARY}":1"#)), "unknown field at column "),
            (r#"{"agency":"a"}"#.to_owned(), "missing field in the object that ends at column 14"),
            (r#"{"agency":"a","agency":"b"}"#.to_owned(), "field given twice at column 22"),
            (r#"{"agency":null}"#.to_owned(), "wrong type of value at column 14"),
            (format!(r#"{{"priority":"{CANARY}"}}"#), "wrong type of value at column 25"),
            (with("6f1c", CANARY), "conversation_id: not a UUID"),
            (with("cust-1042", ""), "customer_ref: empty"),
            (with("cust-1042", &long_reference), "customer_ref: too long"),
            (with("cust-1042", &format!("{CANARY}\\u0000")), "customer_ref: holds control characters"),
            (with("0.8312", "1.5"), "confidence: not from 0 to 1"),
            (with("0.8312", "-0.1"), "confidence: not from 0 to 1"),
            (with(r#""priority":5"#, r#""priority":10"#), "priority: not from 0 to 9"),
            (with("30m", CANARY), "sla: not a length of time such as 30m"),
            (with("30m", "30"), "sla: not a length of time such as 30m"),
            (with("30m", "99999999d"), "sla: not a length of time such as 30m"),
            (with("\"inbound\"", "\"draft\""), "messages[0].direction: neither inbound nor outbound"),
            (with("2026-11-20T09:12:00Z", CANARY), "messages[1].at: not a time such as 2026-11-20T09:12:00Z"),
            (
                with("2026-11-20T09:12:00Z", "2026-02-30T09:12:00Z"),
                "messages[1].at: not a time such as 2026-11-20T09:12:00Z",
            ),
            (
                with("2026-11-20T09:12:00Z", "2026-11-20T09:12:00"),
                "messages[1].at: not a time such as 2026-11-20T09:12:00Z",
            ),
            (with("2026-11-20T09:12:00Z", "2025-11-20T09:12:00Z"), "messages: not in order of time"),
            (with("Where is my card?", ""), "messages[0].body: empty"),
            (with("drafter-1", ""), "draft.author: empty"),
            (with(r#""body":"Hello""#, r#""body":"""#), "draft.body: empty"),
        ];
        for (line, expected) in rows {
            let found = fault(&line);
            assert!(!found.contains(CANARY), "{found}");
            // The column depends on the layout of the long sample; the category is what counts there.
            let is_as_expected = if expected.ends_with(' ') { found.starts_with(expected) } else { found == expected };
            assert!(is_as_expected, "{line}: {found}");
        }
    }

    #[test]
    fn a_conversation_that_asks_for_nothing_is_refused() {
        let answered = r#"{"agency":"a","customer_ref":"c","channel_kind":"sms","messages":[MESSAGES]}"#;
        let inbound = r#"{"direction":"inbound","at":"2026-11-20T09:12:00Z","body":"?"}"#;
        let outbound = inbound.replace("inbound", "outbound");
        assert_eq!(fault(&answered.replace("MESSAGES", "")), "messages: empty");
        assert_eq!(fault(&answered.replace("MESSAGES", inbound)), "accepted");
        assert!(
            fault(&answered.replace("MESSAGES", &format!("{inbound},{outbound}"))).starts_with("messages: the newest")
        );
        let timed = answered.replace(r#""messages""#, r#""sla":"5m","draft":{"author":"d","body":"b"},"messages""#);
        assert!(fault(&timed.replace("MESSAGES", &outbound)).starts_with("sla: no inbound message"));
    }
}
