//! Producers: conversations, messages, drafts. What is foreign looks like what is absent.

use countersign::domain::{JobKind, Role};
use uuid::Uuid;

use super::calls::{Answer, Asked, Call, NOT_REGISTERED, Reply};
use super::people::{Whitelist, Who, producer};
use super::upkeep::Asking;
use super::world::{Codes, Conversation, ConversationNo, Message, Moment, NewJob, Payload, Way, World};

pub fn reply(world: &mut World, asked: &Asked) -> Reply {
    let Some(me) = producer(asked.who) else { return NOT_REGISTERED };
    if let Some(first) = world.first_answer(asked) {
        return first;
    }
    match &asked.call {
        Call::OpenConversation { conversation, agency, customer, channel } => {
            if !me.agencies.contains(agency) || !me.channels.contains(channel) {
                return "not_found".into();
            }
            if let Some(known) = world.conversation_with(*conversation) {
                let known = &world.conversations[known];
                let is_same = (known.agency, known.channel, known.customer) == (*agency, *channel, *customer);
                return if is_same { "exists" } else { "not_found" }.into();
            }
            world.conversations.push(Conversation {
                id: *conversation,
                agency,
                channel,
                customer: *customer,
                last_seq: 0,
                newest_inbound: 0,
            });
            "applied".into()
        }
        Call::StoreInbound { conversation, message, codes, priority, due } => {
            let conversation = match place(world, &me, *conversation, *message) {
                Ok(conversation) => conversation,
                Err(refusal) => return refusal,
            };
            if !world.is_switched_on(JobKind::Inbound) {
                return "switched_off".into();
            }
            let stored = store(world, asked.who, "customer", conversation, *message, Way::Inbound, None);
            world.emit("customer.message.enqueued");
            let seq = world.messages[stored].seq;
            let new = NewJob { codes: *codes, due: *due, ..job(JobKind::Inbound, conversation, *priority) };
            let job = world.insert(NewJob { payload: Payload::Message(stored), ..new });
            Answer::creating(Some(job)).with("seq", seq as usize).into()
        }
        Call::StoreHistory { conversation, message, way } => {
            let conversation = match place(world, &me, *conversation, *message) {
                Ok(conversation) => conversation,
                Err(refusal) => return refusal,
            };
            let stored = store(world, asked.who, "customer", conversation, *message, *way, None);
            Answer::of("applied").with("seq", world.messages[stored].seq as usize).into()
        }
        Call::SubmitDraft { conversation, draft, author, codes, priority, due, revises } => {
            submit_draft(world, asked.who, &me, (*conversation, *draft, author), *codes, *priority, *due, *revises)
        }
        Call::ScheduleFollowup { conversation, not_before, priority } => {
            let Some(conversation) = visible(world, &me, *conversation) else { return "not_found".into() };
            if !world.is_switched_on(JobKind::Followup) {
                return "switched_off".into();
            }
            world.emit("customer.message.enqueued");
            let job = world
                .insert(NewJob { not_before: Some(*not_before), ..job(JobKind::Followup, conversation, *priority) });
            Answer::creating(Some(job)).into()
        }
        other => unreachable!("{other:?} is not a producer's"),
    }
}

#[expect(clippy::too_many_arguments, reason = "the call has as many")]
fn submit_draft(
    world: &mut World,
    who: Who,
    me: &Whitelist,
    (conversation, draft, author): (Uuid, Uuid, Who),
    codes: Codes,
    priority: Option<i64>,
    due: Option<Moment>,
    revises: Option<Uuid>,
) -> Reply {
    let Some(place_of_draft) = visible(world, me, conversation) else { return "not_found".into() };
    let revised = revises.map(|revised| {
        world.message_with(revised).filter(|known| {
            let known = &world.messages[*known];
            known.conversation == place_of_draft && known.way == Way::Draft
        })
    });
    if revised == Some(None) {
        return "not_found".into();
    }
    let conversation = match place(world, me, conversation, draft) {
        Ok(conversation) => conversation,
        Err(refusal) => return refusal,
    };
    if !world.is_switched_on(JobKind::Approve) {
        return "switched_off".into();
    }
    let draft = store(world, who, author, conversation, draft, Way::Draft, revised.flatten());
    world.emit("customer.message.enqueued");
    let asking = Asking { conversation, parent: None, draft, codes, priority, due };
    let (question, was_open) = world.ask_a_person(asking);
    world.escalate_when_unsure(question);
    Answer { created: Some(question), ..Answer::of("applied").with("repointed", usize::from(was_open)) }.into()
}

fn job(kind: JobKind, conversation: ConversationNo, priority: Option<i64>) -> NewJob {
    NewJob {
        kind,
        conversation,
        parent: None,
        payload: Payload::Conversation,
        codes: Codes::default(),
        priority: priority.unwrap_or(5),
        not_before: None,
        due: None,
        is_promise: true,
        role: Role::Reviewer,
    }
}

fn visible(world: &World, me: &Whitelist, id: Uuid) -> Option<ConversationNo> {
    let number = world.conversation_with(id)?;
    let known = &world.conversations[number];
    (me.agencies.contains(&known.agency) && me.channels.contains(&known.channel)).then_some(number)
}

/// Where a new message goes; the answer where it cannot go there.
fn place(world: &World, me: &Whitelist, conversation: Uuid, message: Uuid) -> Result<ConversationNo, Reply> {
    let conversation = visible(world, me, conversation).ok_or(Reply::from("not_found"))?;
    match world.message_with(message) {
        None => Ok(conversation),
        Some(known) if world.messages[known].conversation == conversation => Err("exists".into()),
        Some(_) => Err("not_found".into()),
    }
}

fn store(
    world: &mut World,
    who: Who,
    author: Who,
    conversation: ConversationNo,
    id: Uuid,
    way: Way,
    revises: Option<usize>,
) -> usize {
    world.store(Message { id: Some(id), conversation, seq: 0, way, revises, author, stored_by: who, made_for: None })
}
