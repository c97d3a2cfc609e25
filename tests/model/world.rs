//! What the model believes of the whole, and the few rules that many calls share. No SQL.

use std::collections::BTreeMap;

use countersign::domain::{JobKind, Status};
use uuid::Uuid;

use super::calls::{Answer, Asked, Pin, Reply};
use super::people::{Agency, Channel, Whitelist, Who};
use super::settings::{Setting, Settings};

pub use super::things::{
    Codes, Conversation, ConversationNo, Decision, Hold, Job, JobNo, KindRules, Lease, Message, MessageNo, Moment,
    NewJob, Payload, Reading, Right, SignOff, Verb, Way,
};

#[derive(Debug, Clone)]
pub struct World {
    pub rules: BTreeMap<JobKind, KindRules>,
    pub now: Moment,
    pub conversations: Vec<Conversation>,
    pub messages: Vec<Message>,
    pub jobs: Vec<Job>,
    pub decisions: BTreeMap<JobNo, Decision>,
    pub evidence: BTreeMap<JobNo, Right>,
    pub holds: Vec<Hold>,
    pub sign_offs: Vec<SignOff>,
    pub settings: Settings,
    /// Executors that are registered now.
    pub executors: BTreeMap<Who, Whitelist>,
    /// Agencies whose reviewers get first what can still make its deadline.
    pub savable_first: Vec<Agency>,
    /// Every command that was answered, and the first answer.
    pub answers: Vec<(Asked, Answer)>,
    /// Who announced the opening of which job, and when.
    pub announced: Vec<(Who, JobNo, Moment)>,
    /// Who gave which question back: they get it last, until somebody else had it or it asks about another draft.
    pub skipped: Vec<(Who, JobNo)>,
    /// Who edited the draft of which question: it is no next question for them, until it asks about another draft.
    pub edited: Vec<(Who, JobNo)>,
    /// What was on screens.
    pub readings: Vec<Reading>,
    /// Event types that the call under way puts out.
    pub events: Vec<&'static str>,
    /// Ids are counted, so that a history is the same every time.
    pub ids_used: u64,
}

impl World {
    pub fn new(rules: BTreeMap<JobKind, KindRules>) -> World {
        World {
            rules,
            now: 0,
            conversations: Vec::new(),
            messages: Vec::new(),
            jobs: Vec::new(),
            decisions: BTreeMap::new(),
            evidence: BTreeMap::new(),
            holds: Vec::new(),
            sign_offs: Vec::new(),
            settings: Settings::default(),
            executors: super::people::executors(),
            savable_first: Vec::new(),
            answers: Vec::new(),
            announced: Vec::new(),
            skipped: Vec::new(),
            edited: Vec::new(),
            readings: Vec::new(),
            events: Vec::new(),
            ids_used: 0,
        }
    }

    /// An id that no history of this world had before.
    pub fn fresh_id(&mut self) -> Uuid {
        self.ids_used += 1;
        Uuid::from_u64_pair(0xC5, self.ids_used)
    }

    pub fn agency(&self, job: JobNo) -> Agency {
        self.conversations[self.jobs[job].conversation].agency
    }

    pub fn channel(&self, job: JobNo) -> Channel {
        self.conversations[self.jobs[job].conversation].channel
    }

    pub fn rules(&self, kind: JobKind) -> KindRules {
        self.rules[&kind]
    }

    pub fn conversation_with(&self, id: Uuid) -> Option<ConversationNo> {
        self.conversations.iter().position(|known| known.id == id)
    }

    pub fn message_with(&self, id: Uuid) -> Option<MessageNo> {
        self.messages.iter().position(|known| known.id == Some(id))
    }

    /// The draft or message that a job points at.
    pub fn draft_of(&self, job: JobNo) -> Option<MessageNo> {
        match self.jobs[job].payload {
            Payload::Message(message) => Some(message),
            Payload::Conversation => None,
        }
    }

    /// I11: the kind's own switch, else the general one.
    pub fn is_switched_on(&self, kind: JobKind) -> bool {
        let own = self.settings.set(None, Setting::KindEnabled(kind));
        own.unwrap_or_else(|| self.settings.get(None, Setting::Enabled)) == 1
    }

    pub fn undo_window(&self, job: JobNo) -> i64 {
        self.settings.get(Some(self.agency(job)), Setting::UndoSeconds(self.channel(job)))
    }

    /// A deadline that is passed down, none when it was only the job's own.
    pub fn promised(&self, job: JobNo) -> Option<Moment> {
        let job = &self.jobs[job];
        job.is_promised.then_some(job.deadline_at)
    }

    pub fn is_held(&self, job: JobNo) -> bool {
        self.would_be_held(job, self.jobs[job].kind)
    }

    /// Whether the job would be held if it were of that kind.
    pub fn would_be_held(&self, job: JobNo, kind: JobKind) -> bool {
        self.holds.iter().any(|hold| hold.is_standing && self.covers_as(hold, job, kind))
    }

    pub fn covers(&self, hold: &Hold, job: JobNo) -> bool {
        self.covers_as(hold, job, self.jobs[job].kind)
    }

    fn covers_as(&self, hold: &Hold, job: JobNo, kind: JobKind) -> bool {
        hold.kind.is_none_or(|held| held == kind)
            && hold.channel.is_none_or(|channel| channel == self.channel(job))
            && hold.agency.is_none_or(|agency| agency == self.agency(job))
    }

    /// The one approve or escalate job of the conversation that has not ended.
    pub fn open_question(&self, conversation: ConversationNo) -> Option<JobNo> {
        self.jobs.iter().position(|job| {
            job.conversation == conversation
                && job.kind.is_for_people()
                && matches!(job.status, Status::Queued | Status::Leased | Status::Paused)
        })
    }

    /// I5: the newest sign-off for the customer that holds now, while the switch is on.
    pub fn dispensation(&self, conversation: ConversationNo) -> Option<usize> {
        if self.settings.get(None, Setting::SendWithoutApprove) != 1 {
            return None;
        }
        let Conversation { agency, customer, .. } = self.conversations[conversation];
        self.sign_offs.iter().rposition(|signed| {
            signed.agency == agency && signed.customer == customer && !signed.is_revoked && signed.expires_at > self.now
        })
    }

    /// I4, I5: by what right a send may go now.
    pub fn right_of(&self, send: JobNo) -> Option<Right> {
        let parent = self.jobs[send].parent?;
        if self.jobs[parent].status != Status::Succeeded
            || self.jobs[parent].conversation != self.jobs[send].conversation
        {
            return None;
        }
        let draft = self.draft_of(send)?;
        match self.jobs[parent].kind {
            JobKind::Approve => {
                let decision = self.decisions.get(&parent)?;
                let stands = decision.verb == Verb::Approve && decision.undone_by.is_none() && decision.draft == draft;
                stands.then_some(Right::Approval(parent))
            }
            JobKind::Draft if self.messages[draft].made_for == Some(parent) => {
                self.dispensation(self.jobs[send].conversation).map(Right::Dispensation)
            }
            _ => None,
        }
    }

    /// I7: whether someone wrote, stored or edited the draft or any revision before it.
    pub fn had_a_hand_in(&self, who: Who, draft: MessageNo) -> bool {
        let mut revision = Some(draft);
        while let Some(number) = revision {
            let message = &self.messages[number];
            if message.author == who || message.stored_by == who {
                return true;
            }
            revision = message.revises;
        }
        false
    }

    /// Stores a message under the next number of its conversation.
    pub fn store(&mut self, message: Message) -> MessageNo {
        let conversation = &mut self.conversations[message.conversation];
        conversation.last_seq += 1;
        let seq = conversation.last_seq;
        if message.way == Way::Inbound {
            conversation.newest_inbound = seq;
        }
        self.messages.push(Message { seq, ..message });
        self.messages.len() - 1
    }

    pub fn insert(&mut self, new: NewJob) -> JobNo {
        let rules = self.rules(new.kind);
        let begins_at = new.not_before.unwrap_or(self.now);
        let clock_starts = if new.kind == JobKind::Followup { begins_at } else { self.now };
        self.jobs.push(Job {
            kind: new.kind,
            status: Status::Queued,
            conversation: new.conversation,
            parent: new.parent,
            payload: new.payload,
            codes: new.codes,
            priority: new.priority,
            target: new.kind.is_for_people().then_some(new.role),
            attempt: 0,
            max_attempts: rules.attempts,
            created_at: self.now,
            process_after: begins_at,
            deadline_at: new.due.unwrap_or(clock_starts + rules.sla),
            is_promised: new.due.is_some() && new.is_promise,
            lease: None,
            token: 0,
            outcome_code: None,
            last_error: None,
            retried_by_people: 0,
        });
        self.jobs.len() - 1
    }

    /// Moves a job to a status in which nobody holds it.
    pub fn let_go(&mut self, job: JobNo, status: Status) {
        let job = &mut self.jobs[job];
        job.status = status;
        job.lease = None;
    }

    pub fn end(&mut self, job: JobNo, status: Status, outcome_code: &'static str) {
        self.let_go(job, status);
        self.jobs[job].outcome_code = Some(outcome_code);
    }

    /// A claim: a higher token, and the kind's lease.
    pub fn lease(&mut self, job: JobNo, owner: Who) {
        let expires_at = self.now + self.rules(self.jobs[job].kind).lease;
        self.skipped.retain(|(who, skipped)| *skipped != job || *who == owner);
        let job = &mut self.jobs[job];
        job.status = Status::Leased;
        job.token += 1;
        job.lease = Some(Lease { owner, expires_at });
    }

    /// What a reader of the job has on the screen now.
    pub fn pin(&self, job: JobNo) -> Option<Pin> {
        let draft = self.messages[self.draft_of(job)?].id?;
        let newest_inbound = self.conversations[self.jobs[job].conversation].newest_inbound;
        Some(Pin { draft, digest_of: draft, newest_inbound, token: self.jobs[job].token })
    }

    pub fn emit(&mut self, event: &'static str) {
        self.events.push(event);
    }

    /// The first answer to this command of this login.
    pub fn first_answer(&self, asked: &Asked) -> Option<Reply> {
        let (earlier, answer) =
            self.answers.iter().find(|(earlier, _)| (earlier.who, earlier.command) == (asked.who, asked.command))?;
        Some(if earlier.call == asked.call {
            Reply::Replayed(Box::new(answer.clone()))
        } else {
            Reply::Misuse(&["CS003"])
        })
    }
}
