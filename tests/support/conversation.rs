//! Conversations and drafts for tests, through the public calls only.

use chrono::{DateTime, TimeDelta, Utc};
use countersign::domain::job::Codes;
use countersign::domain::{Direction, JobId, OpenedConversation, Pin};
use countersign::store::producers::{NewConversation, NewDraft, NewHistory, NewInbound, Stored};
use countersign::store::review::Opened;
use countersign::store::{SealedBody, Store};
use uuid::Uuid;

use super::database::{Database, command};

/// A conversation that the producer opened.
#[derive(Debug, Clone)]
pub struct Conversation {
    pub id: Uuid,
    pub agency: String,
    pub channel: String,
    pub customer_ref: String,
}

/// A draft that waits for a person.
#[derive(Debug, Clone)]
pub struct Question {
    pub conversation: Conversation,
    pub draft_id: Uuid,
    pub job: JobId,
}

impl Conversation {
    fn to_open(&self) -> NewConversation {
        NewConversation {
            conversation_id: self.id,
            agency: self.agency.clone(),
            customer_ref: self.customer_ref.clone(),
            channel_kind: self.channel.clone(),
            command_id: command(),
        }
    }
}

impl Database {
    /// An open conversation of `acme` by e-mail, without messages.
    pub async fn conversation(&self) -> Conversation {
        self.conversation_of("acme", "email").await
    }

    pub async fn conversation_of(&self, agency: &str, channel: &str) -> Conversation {
        let id = Uuid::new_v4();
        let conversation = Conversation {
            id,
            agency: agency.to_owned(),
            channel: channel.to_owned(),
            customer_ref: format!("cust-{}", id.simple()),
        };
        let opened = self.as_login("prod").await.open_conversation(&conversation.to_open()).await.unwrap();
        assert!(opened.outcome.is_applied(), "{opened:?}");
        conversation
    }

    /// The customer writes, and a job is born.
    pub async fn inbound(&self, conversation: &Conversation, body: &str) -> Stored {
        let message = self.new_inbound(conversation, body);
        self.as_login("prod").await.store_inbound(&message).await.unwrap()
    }

    /// The customer wrote at some time, and no job is born.
    pub async fn history(&self, conversation: &Conversation, direction: Direction, body: &str) -> Stored {
        let message = self.new_history(conversation, direction, body);
        self.as_login("prod").await.store_history(&message).await.unwrap()
    }

    pub fn new_history(&self, conversation: &Conversation, direction: Direction, body: &str) -> NewHistory {
        let message_id = Uuid::new_v4();
        NewHistory {
            conversation_id: conversation.id,
            message_id,
            direction,
            at: an_hour_ago(),
            body: self.seal(&conversation.agency, conversation.id, message_id, direction, body),
            author_ref: "customer".to_owned(),
            command_id: command(),
        }
    }

    pub fn new_inbound(&self, conversation: &Conversation, body: &str) -> NewInbound {
        let message_id = Uuid::new_v4();
        NewInbound {
            conversation_id: conversation.id,
            message_id,
            at: an_hour_ago(),
            body: self.seal(&conversation.agency, conversation.id, message_id, Direction::Inbound, body),
            codes: Codes::default(),
            priority: None,
            deadline_at: None,
            author_ref: "customer".to_owned(),
            attachments: Vec::new(),
            command_id: command(),
        }
    }

    pub fn new_draft(&self, conversation: &Conversation, body: &str) -> NewDraft {
        let draft_id = Uuid::new_v4();
        NewDraft {
            conversation_id: conversation.id,
            draft_id,
            author_ref: "drafter-1".to_owned(),
            body: self.seal(&conversation.agency, conversation.id, draft_id, Direction::Draft, body),
            codes: Codes::default(),
            priority: None,
            deadline_at: None,
            revises: None,
            command_id: command(),
        }
    }

    /// A draft in a fresh conversation of `acme` by e-mail, with one message of the customer before it.
    pub async fn question(&self) -> Question {
        self.question_of("acme", "email").await
    }

    pub async fn question_of(&self, agency: &str, channel: &str) -> Question {
        let conversation = self.conversation_of(agency, channel).await;
        self.history(&conversation, Direction::Inbound, "Where is my card?").await;
        let draft = self.new_draft(&conversation, "It left on Monday.");
        self.ask(&conversation, &draft).await
    }

    /// Submits a draft that must lead to a question.
    pub async fn ask(&self, conversation: &Conversation, draft: &NewDraft) -> Question {
        let stored = self.as_login("prod").await.submit_draft(draft).await.unwrap();
        assert!(stored.outcome.is_applied(), "{stored:?}");
        let job = stored.outcome.job_id.unwrap();
        Question { conversation: conversation.clone(), draft_id: draft.draft_id, job }
    }

    /// Many questions of `acme` by e-mail in a few statements, without a word from the customer, each with the pin that its
    /// first reader gets.
    pub async fn questions(&self, count: usize) -> Vec<(Question, Pin)> {
        // No more at once than a statement gets through in time.
        const AT_ONCE: usize = 100;
        let mut questions = Vec::with_capacity(count);
        while questions.len() < count {
            questions.extend(self.some_questions(AT_ONCE.min(count - questions.len())).await);
        }
        questions
    }

    async fn some_questions(&self, count: usize) -> Vec<(Question, Pin)> {
        let prod = self.as_login("prod").await;
        let conversations: Vec<_> = (0..count)
            .map(|_| {
                let id = Uuid::new_v4();
                let customer_ref = format!("cust-{}", id.simple());
                Conversation { id, agency: "acme".to_owned(), channel: "email".to_owned(), customer_ref }
            })
            .collect();
        let opened: Vec<_> = conversations.iter().map(Conversation::to_open).collect();
        applied(prod.open_conversations(&opened).await.unwrap());
        let drafts: Vec<_> = conversations.iter().map(|one| self.new_draft(one, "It left on Monday.")).collect();
        let stored = applied(prod.submit_drafts(&drafts).await.unwrap());
        let asked = conversations.into_iter().zip(drafts).zip(stored);
        asked
            .map(|((conversation, draft), stored)| {
                let pin = Pin {
                    draft_id: draft.draft_id,
                    draft_digest: draft.body.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
                    newest_inbound_seq: 0,
                    lease_token: 1,
                };
                (Question { conversation, draft_id: draft.draft_id, job: stored.outcome.job_id.unwrap() }, pin)
            })
            .collect()
    }

    /// Takes the lease and opens the conversation, as the review pane does.
    pub async fn read(&self, who: &str, job: JobId) -> Pin {
        opened(&self.as_login(who).await, job).await.pin.unwrap()
    }
}

/// Claims a job and opens it.
pub async fn opened(reviewer: &Store, job: JobId) -> OpenedConversation<SealedBody> {
    let claim = reviewer.claim_review(Some(job)).await.unwrap();
    assert!(claim.outcome.is_applied(), "{claim:?}");
    match reviewer.open_body(job, claim.outcome.lease_token).await.unwrap() {
        Opened::Conversation(conversation) => *conversation,
        Opened::Refused(outcome) => panic!("{outcome:?}"),
    }
}

fn applied(stored: Vec<countersign::store::Result<Stored>>) -> Vec<Stored> {
    stored
        .into_iter()
        .map(Result::unwrap)
        .inspect(|stored| assert!(stored.outcome.is_applied(), "{stored:?}"))
        .collect()
}

fn an_hour_ago() -> DateTime<Utc> {
    Utc::now() - TimeDelta::hours(1)
}
