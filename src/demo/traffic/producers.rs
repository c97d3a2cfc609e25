//! Customers who write, and write again: everything that comes in.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::desk::Desk;
use super::worker::Worker;
use crate::demo::cast::AGENCY;
use crate::demo::chance::Chance;
use crate::demo::conversations::Sample;
use crate::demo::tally::Event;
use crate::domain::job::Codes;
use crate::domain::{Direction, Outcome};
use crate::session::Result;
use crate::store::producers::{NewConversation, NewDraft, NewHistory, NewInbound};

/// Plays the samples one after the other, in an order that changes from round to round.
pub struct Customers {
    desk: Desk,
    chance: Chance,
    deck: Vec<Sample>,
    /// Counts the conversations.
    turn: usize,
    follow_ons: VecDeque<FollowOn>,
}

/// That a customer writes again.
struct FollowOn {
    at_turn: usize,
    conversation: Uuid,
    body: String,
}

impl Customers {
    pub fn new(desk: Desk, chance: Chance) -> Self {
        Customers { desk, chance, deck: Vec::new(), turn: 0, follow_ons: VecDeque::new() }
    }
}

impl Worker for Customers {
    fn name(&self) -> &'static str {
        "the customers"
    }

    async fn turn(&mut self) -> Result<Duration> {
        let now = self.desk.store.whoami().await?.server_time;
        self.turn += 1;
        self.begin_a_conversation(now).await?;
        self.write_again(now).await?;
        Ok(self.desk.office.pace.between_conversations)
    }
}

impl Customers {
    async fn begin_a_conversation(&mut self, now: DateTime<Utc>) -> Result<()> {
        let sample = self.next_sample();
        let arrival = Arrival::fresh(&sample, now);
        let deadline = now + self.desk.office.pace.deadline(&mut self.chance);
        self.desk.store.open_conversation(&arrival.conversation()).await?;
        // One in six comes with a draft that another system made.
        if self.chance.percent(16) {
            arrival.submit(&self.desk, deadline).await?;
        } else {
            arrival.write(&self.desk, deadline).await?;
        }
        if let Some(body) = &sample.follow_on
            && self.chance.percent(60)
        {
            let delay = &self.desk.office.pace.follow_on_after;
            let at_turn = self.turn + delay.start + self.chance.below(delay.len());
            self.follow_ons.push_back(FollowOn { at_turn, conversation: arrival.conversation, body: body.clone() });
        }
        if self.chance.percent(5) {
            let later = now + self.chance.within(&(Duration::from_secs(20)..Duration::from_secs(120)));
            let codes = Codes::default();
            self.desk.store.schedule_followup(arrival.conversation, later, &codes, None, Uuid::now_v7()).await?;
        }
        Ok(())
    }

    async fn write_again(&mut self, now: DateTime<Utc>) -> Result<()> {
        while let Some(due) = self.follow_ons.iter().position(|follow_on| follow_on.at_turn <= self.turn) {
            let FollowOn { conversation, body, .. } = &self.follow_ons[due];
            let deadline = now + self.desk.office.pace.deadline(&mut self.chance);
            store_inbound(&self.desk, *conversation, body, now, deadline).await?;
            self.follow_ons.remove(due);
        }
        Ok(())
    }

    fn next_sample(&mut self) -> Sample {
        if self.deck.is_empty() {
            self.deck = self.desk.office.catalogue.deck(&mut self.chance);
        }
        self.deck.pop().expect("there are samples")
    }
}

/// A sample's conversation on its way in.
pub struct Arrival<'s> {
    pub conversation: Uuid,
    sample: &'s Sample,
    /// What the sample's `minutes_ago` count from.
    told_at: DateTime<Utc>,
}

impl<'s> Arrival<'s> {
    /// As if it had begun when the sample says.
    pub fn of_the_past(sample: &'s Sample, now: DateTime<Utc>) -> Self {
        Arrival { conversation: Uuid::now_v7(), sample, told_at: now }
    }

    /// As if its newest message were written right now.
    pub fn fresh(sample: &'s Sample, now: DateTime<Utc>) -> Self {
        let newest = sample.messages.last().map_or(0, |message| message.minutes_ago);
        Arrival { conversation: Uuid::now_v7(), sample, told_at: now + TimeDelta::minutes(newest.into()) }
    }

    pub fn conversation(&self) -> NewConversation {
        NewConversation {
            conversation_id: self.conversation,
            agency: AGENCY.to_owned(),
            customer_ref: self.sample.customer_ref.clone(),
            channel_kind: self.sample.channel_kind.as_str().to_owned(),
            command_id: Uuid::now_v7(),
        }
    }

    /// All messages, as the past of a draft that is made elsewhere.
    pub fn history(&self, desk: &Desk) -> Result<Vec<NewHistory>> {
        self.first_messages(desk, self.sample.messages.len())
    }

    pub fn draft(&self, desk: &Desk, deadline: DateTime<Utc>) -> Result<NewDraft> {
        let draft_id = Uuid::now_v7();
        Ok(NewDraft {
            conversation_id: self.conversation,
            draft_id,
            author_ref: self.sample.draft.author.clone(),
            body: desk.seal(self.conversation, draft_id, Direction::Draft, &self.sample.draft.body)?,
            codes: codes_of(self.sample),
            priority: Some(self.sample.priority),
            deadline_at: Some(deadline),
            revises: None,
            command_id: Uuid::now_v7(),
        })
    }

    /// The newest message asks for a reply; those before it are the past.
    async fn write(&self, desk: &Desk, deadline: DateTime<Utc>) -> Result<()> {
        let Some((newest, earlier)) = self.sample.messages.split_last() else { return Ok(()) };
        for stored in desk.store.store_histories(&self.first_messages(desk, earlier.len())?).await? {
            stored?;
        }
        desk.office.tally.count(Event::Conversation);
        store_inbound(desk, self.conversation, &newest.body, self.at(newest.minutes_ago), deadline).await
    }

    async fn submit(&self, desk: &Desk, deadline: DateTime<Utc>) -> Result<()> {
        for stored in desk.store.store_histories(&self.history(desk)?).await? {
            stored?;
        }
        desk.office.tally.count(Event::Conversation);
        let stored = desk.store.submit_draft(&self.draft(desk, deadline)?).await?;
        count_if_applied(desk, &stored.outcome, Event::Submitted);
        Ok(())
    }

    fn first_messages(&self, desk: &Desk, count: usize) -> Result<Vec<NewHistory>> {
        let messages = self.sample.messages.iter().take(count);
        let stored = messages.map(|message| {
            let message_id = Uuid::now_v7();
            let author_ref = if message.direction == Direction::Inbound { "customer" } else { "care" };
            Ok(NewHistory {
                conversation_id: self.conversation,
                message_id,
                direction: message.direction,
                at: self.at(message.minutes_ago),
                body: desk.seal(self.conversation, message_id, message.direction, &message.body)?,
                author_ref: author_ref.to_owned(),
                command_id: Uuid::now_v7(),
            })
        });
        stored.collect()
    }

    fn at(&self, minutes_ago: u32) -> DateTime<Utc> {
        self.told_at - TimeDelta::minutes(minutes_ago.into())
    }
}

/// What a classifier makes of the sample.
pub fn codes_of(sample: &Sample) -> Codes {
    Codes {
        language: Some(sample.language.clone()),
        intent_code: Some(sample.intent_code.clone()),
        priority: Some(sample.priority),
        confidence: Some(sample.confidence),
        ..Codes::default()
    }
}

/// A message comes in; the reply is promised by the deadline.
pub async fn store_inbound(
    desk: &Desk,
    conversation: Uuid,
    body: &str,
    at: DateTime<Utc>,
    deadline: DateTime<Utc>,
) -> Result<()> {
    let message_id = Uuid::now_v7();
    let message = NewInbound {
        conversation_id: conversation,
        message_id,
        at,
        body: desk.seal(conversation, message_id, Direction::Inbound, body)?,
        codes: Codes::default(),
        priority: None,
        deadline_at: Some(deadline),
        author_ref: "customer".to_owned(),
        attachments: Vec::new(),
        command_id: Uuid::now_v7(),
    };
    let stored = desk.store.store_inbound(&message).await?;
    count_if_applied(desk, &stored.outcome, Event::Message);
    Ok(())
}

fn count_if_applied(desk: &Desk, outcome: &Outcome, event: Event) {
    if outcome.is_applied() {
        desk.office.tally.count(event);
    }
}
