//! A conversation as the message store returns it: numbered messages with sealed bodies.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::JobId;
use super::job::UnknownWord;
use super::review::Pin;

/// Which way a message goes. A draft is a message that has not left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Draft,
    Outbound,
}

impl Direction {
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Inbound => "inbound",
            Direction::Draft => "draft",
            Direction::Outbound => "outbound",
        }
    }
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Direction {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "inbound" => Ok(Direction::Inbound),
            "draft" => Ok(Direction::Draft),
            "outbound" => Ok(Direction::Outbound),
            _ => Err(UnknownWord { what: "direction" }),
        }
    }
}

/// One message. The body is `B`: sealed bytes as the store returns them, safe text as a screen shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<B> {
    pub message_id: Uuid,
    /// The database's number within the conversation; the highest is the newest.
    pub seq: i64,
    pub direction: Direction,
    /// The message this one revises (drafts), or the draft that was sent (outbound).
    pub revises: Option<Uuid>,
    pub author_ref: String,
    pub at: DateTime<Utc>,
    pub body: B,
    pub attachments: Vec<Attachment>,
}

/// What is known of an attachment; its bytes are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub attachment_id: Uuid,
    pub media_type: String,
    pub bytes: i64,
}

impl Attachment {
    /// The size as people say it: `2.1 MB`.
    pub fn size(&self) -> String {
        const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
        if self.bytes < 1000 {
            return format!("{} bytes", self.bytes);
        }
        let mut value = self.bytes as f64 / 1000.0;
        let mut unit = 0;
        // What would be rounded to a thousand of one unit is one of the next.
        while value >= 999.95 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// What one `open_body` returned: the conversation around a job, and the pin to decide with.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedConversation<B> {
    pub agency: String,
    pub conversation_id: Uuid,
    pub customer_ref: String,
    pub channel_kind: String,
    /// In the order of `seq`, drafts included.
    pub messages: Vec<Message<B>>,
    /// The draft the job points at, when it points at one.
    pub draft_id: Option<Uuid>,
    /// Only the holder of the lease gets one.
    pub pin: Option<Pin>,
    /// Four eyes: this person wrote or edited the draft, so somebody else must approve it.
    pub needs_another: bool,
    /// Texts of this person that took no draft's place because the lease on the job was lost, oldest first.
    pub kept: Vec<Uuid>,
    /// Earlier rejections in this conversation, oldest first.
    pub rejections: Vec<Rejection<B>>,
}

impl<B> OpenedConversation<B> {
    pub fn draft(&self) -> Option<&Message<B>> {
        let draft_id = self.draft_id?;
        self.messages.iter().find(|message| message.message_id == draft_id)
    }
}

/// That a person refused an earlier draft, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection<B> {
    /// The job that was decided on: a note is sealed for it.
    pub job_id: JobId,
    pub decided_by: String,
    pub decided_at: DateTime<Utc>,
    pub reason: String,
    /// What the reviewer wrote about it for whoever drafts and reviews next.
    pub note: Option<B>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_take_the_unit_a_person_would() {
        let cases = [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (2_100_000, "2.1 MB"),
            (7_000_000_000_000_000, "7000.0 TB"),
        ];
        for (bytes, expected) in cases {
            let attachment = Attachment { attachment_id: Uuid::nil(), media_type: "image/png".to_owned(), bytes };
            assert_eq!(attachment.size(), expected);
        }
    }
}
