//! `payload_ref`: where the thing itself lies, because a job only signals.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::job::UnknownWord;

/// A reference into the message store. Resolved when a job starts or is reviewed, not when it is enqueued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum PayloadRef {
    Message(Uuid),
    Conversation(Uuid),
    Customer(Uuid),
    Attachment(Uuid),
    Case(Uuid),
}

impl PayloadRef {
    /// The message this points at, when it points at one.
    pub fn message(self) -> Option<Uuid> {
        match self {
            PayloadRef::Message(id) => Some(id),
            _ => None,
        }
    }

    fn parts(self) -> (&'static str, Uuid) {
        match self {
            PayloadRef::Message(id) => ("message", id),
            PayloadRef::Conversation(id) => ("conversation", id),
            PayloadRef::Customer(id) => ("customer", id),
            PayloadRef::Attachment(id) => ("attachment", id),
            PayloadRef::Case(id) => ("case", id),
        }
    }
}

impl fmt::Display for PayloadRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, id) = self.parts();
        write!(f, "{what}:{id}")
    }
}

impl FromStr for PayloadRef {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = UnknownWord { what: "payload reference" };
        let (what, id) = text.split_once(':').ok_or(unknown)?;
        let id = Uuid::parse_str(id).map_err(|_| unknown)?;
        match what {
            "message" => Ok(PayloadRef::Message(id)),
            "conversation" => Ok(PayloadRef::Conversation(id)),
            "customer" => Ok(PayloadRef::Customer(id)),
            "attachment" => Ok(PayloadRef::Attachment(id)),
            "case" => Ok(PayloadRef::Case(id)),
            _ => Err(unknown),
        }
    }
}

impl From<PayloadRef> for String {
    fn from(reference: PayloadRef) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for PayloadRef {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_back_and_nothing_else_is_taken() {
        let id = Uuid::from_u128(7);
        for reference in [
            PayloadRef::Message(id),
            PayloadRef::Conversation(id),
            PayloadRef::Customer(id),
            PayloadRef::Attachment(id),
            PayloadRef::Case(id),
        ] {
            assert_eq!(reference.to_string().parse::<PayloadRef>(), Ok(reference));
        }
        for text in ["", "message", "message:", "message:7", "body:00000000-0000-0000-0000-000000000007"] {
            assert!(text.parse::<PayloadRef>().is_err(), "{text}");
        }
    }
}
