//! A model with something in it, for tests of what it does and of how it looks. Made up throughout.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, TimeZone, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Size;
use uuid::Uuid;

use super::effect::{Effect, Query};
use super::feed::Reply;
use super::model::{Environment, Model, Reasons, Screen, Session, Settings};
use super::msg::Msg;
use super::overview::OverviewData;
use super::review::{Body, Decision, Opened, ReviewList, Standing, Ticket};
use super::sight::Sight;
use super::update;
use crate::domain::conversation::{Attachment, Rejection};
use crate::domain::job::Codes;
use crate::domain::review::{Decided, Reading, ReviewOrder};
use crate::domain::{
    Activity, Alerts, Backlog, DeadLetter, Direction, JobId, JobKind, KindBacklog, Message, OpenedConversation,
    Outcome, Pin, Principal, Role, Situation, Waiting,
};
use crate::text::OpenedText;

/// A Friday morning.
pub fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 9, 36, 0).unwrap()
}

pub fn minutes(minutes: i64) -> Duration {
    Duration::minutes(minutes)
}

/// A dashboard under a person's hands: keys go in with the time that passes between them, effects are kept.
pub struct Sitting {
    pub model: Model,
    pub now: DateTime<Utc>,
    pub effects: Vec<Effect>,
    eyes: Eyes,
}

/// What reads the screen: tells the model when something was there for long enough.
#[derive(Debug, Default)]
pub struct Eyes {
    left: Option<Duration>,
}

impl Eyes {
    /// The model is drawn.
    pub fn show(&mut self, model: &mut Model) -> Vec<Effect> {
        if let Sight::Unseen { hasty } = model.sight {
            self.left = Some(Duration::milliseconds(if hasty { 700 } else { 300 }));
        }
        update(model, Msg::Shown)
    }

    /// It stands there for a while.
    pub fn rest(&mut self, model: &mut Model, span: Duration) -> Vec<Effect> {
        self.left = self.left.map(|left| left - span);
        if self.left.is_none_or(|left| left > Duration::zero()) {
            return Vec::new();
        }
        self.left = None;
        update(model, Msg::Readable)
    }
}

impl Sitting {
    /// Connected, nothing loaded yet.
    pub fn connected(screen: Screen, width: u16, height: u16) -> Sitting {
        let now = morning();
        let model = Model::new(Settings::default(), screen, Size { width, height }, now);
        let mut sitting = Sitting { model, now, effects: Vec::new(), eyes: Eyes::default() };
        sitting.send(Msg::Connected(Box::new(session()), now));
        sitting
    }

    /// The Review screen with its list.
    pub fn review(width: u16, height: u16) -> Sitting {
        let mut sitting = Sitting::connected(Screen::Review, width, height);
        sitting.answer(list(), backlog());
        sitting
    }

    /// The Review screen with job 10431 open under my lease.
    pub fn reading(width: u16, height: u16) -> Sitting {
        Sitting::review(width, height).open(opened(10431))
    }

    pub fn open(mut self, opened: Opened) -> Sitting {
        self.press("n");
        let ticket = self.ticket();
        self.send(Msg::Opened { ticket, result: Ok(Box::new(opened)), now: self.now });
        self
    }

    /// Passes a message, and draws what came of it.
    pub fn send(&mut self, msg: Msg) {
        self.send_unseen(msg);
        let effects = self.eyes.show(&mut self.model);
        self.effects.extend(effects);
    }

    /// Passes a message and draws nothing.
    pub fn send_unseen(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.effects.extend(effects);
    }

    /// Presses one key after the other, half a second apart, as a person would who reads.
    pub fn press(&mut self, keys: &str) {
        for letter in keys.chars() {
            let code = match letter {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                other => KeyCode::Char(other),
            };
            self.key(KeyEvent::from(code), 500);
        }
    }

    /// Presses a key so many milliseconds after the last.
    pub fn key(&mut self, key: KeyEvent, after: i64) {
        let after = Duration::milliseconds(after);
        self.now += after;
        let effects = self.eyes.rest(&mut self.model, after);
        self.effects.extend(effects);
        self.send(Msg::Key(key, self.now));
    }

    pub fn wait(&mut self, duration: Duration) {
        self.now += duration;
        let effects = self.eyes.rest(&mut self.model, duration);
        self.effects.extend(effects);
        self.send(Msg::Tick(self.now));
    }

    /// Answers the latest questions for the list and the counts.
    pub fn answer(&mut self, list: ReviewList, backlog: Backlog) {
        let asked: Vec<_> = self
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Refresh { generation, query } => Some((*generation, query.as_ref().clone())),
                _ => None,
            })
            .collect();
        let at = self.now;
        for (generation, query) in asked {
            match query {
                Query::Review(..) => {
                    self.send(Msg::ReviewLoaded(Reply { generation, at, result: Ok(list.clone()) }));
                }
                Query::Overview => {
                    let (situation, alerts) = (Situation::unknown(self.now), Alerts::default());
                    let result = Ok(OverviewData { backlog: backlog.clone(), pressure: Vec::new(), alerts, situation });
                    self.send(Msg::OverviewLoaded(Reply { generation, at, result }));
                }
                _ => {}
            }
        }
    }

    /// What was asked for since the last time, without the refreshes and watches that go on by themselves, and without for how
    /// long somebody read.
    pub fn asked(&mut self) -> Vec<Effect> {
        let by_itself = |effect: &Effect| matches!(effect, Effect::Refresh { .. } | Effect::Watch { .. });
        let mut effects: Vec<Effect> = self.effects.drain(..).filter(|effect| !by_itself(effect)).collect();
        for effect in &mut effects {
            if let Effect::Decide { decision: Decision::Approve { reading, .. }, .. } = effect {
                *reading = Reading::default();
            }
        }
        effects
    }

    /// The ticket of the latest question to open something.
    pub fn ticket(&self) -> Ticket {
        let ticket = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::OpenForReview { ticket, .. }
            | Effect::Look { ticket, .. }
            | Effect::Reopen { ticket, .. }
            | Effect::TakeEscalation { ticket, .. } => Some(*ticket),
            _ => None,
        });
        ticket.expect("something was asked to be opened")
    }
}

pub fn session() -> Session {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Session {
        principal: Principal {
            login: "ada".to_owned(),
            class: "staff".to_owned(),
            agency: Some("acme".to_owned()),
            roles: vec![Role::Reviewer],
        },
        environment: Environment("production".to_owned()),
        read_only: false,
        withholds_events: false,
        reasons: Reasons {
            reject: words(&["wrong_fact", "tone", "incomplete", "no_reply_needed"]),
            escalate: words(&["legal_threat", "unsure", "complaint"]),
            skip: words(&["language", "conflict_of_interest"]),
            discard: words(&["customer_reached_otherwise", "duplicate", "obsolete"]),
            ..Reasons::default()
        },
        editor_may_approve: false,
        undo_seconds: BTreeMap::from([("email".to_owned(), 30), ("sms".to_owned(), 15), ("webchat".to_owned(), 5)]),
        review_order: ReviewOrder::SavableFirst,
        keeps_reading: true,
    }
}

pub fn backlog() -> Backlog {
    let rows = [(JobKind::Approve, 37, 0), (JobKind::Send, 19, 12)];
    let rows = rows.map(|(kind, ready, dead_letter)| KindBacklog { ready, dead_letter, ..KindBacklog::empty(kind) });
    Backlog::complete(rows.into())
}

pub fn waiting(job_id: i64, due: i64) -> Waiting {
    Waiting {
        job_id: JobId(job_id),
        job_kind: JobKind::Approve,
        agency: "acme".to_owned(),
        channel_kind: "email".to_owned(),
        codes: Codes {
            language: Some("en".to_owned()),
            intent_code: Some("card_arrival".to_owned()),
            confidence: Some(0.83),
            ..Codes::default()
        },
        priority: 5,
        target_role: "reviewer".to_owned(),
        deadline_at: Some(morning() + minutes(due)),
        created_at: morning() - minutes(5),
        lease_owner: None,
        lease_expires_at: None,
        held_since: None,
        skipped_because: None,
        second_look: false,
        held: false,
    }
}

/// Every kind of row once.
pub fn list() -> ReviewList {
    let mut rows = vec![waiting(10431, 8), waiting(10433, 9), waiting(10440, 9), waiting(10436, 11)];
    rows[0].codes.confidence = Some(0.55);
    rows[2].channel_kind = "sms".to_owned();
    rows[2].codes.language = Some("es".to_owned());
    rows[2].held = true;
    rows[3].channel_kind = "webchat".to_owned();
    rows[3].lease_owner = Some("bo".to_owned());
    rows[3].lease_expires_at = Some(morning() + minutes(3));
    rows[3].held_since = Some(morning() - minutes(2));
    let mut second_look = waiting(10442, 12);
    second_look.second_look = true;
    let mut escalated = waiting(10450, 18);
    escalated.job_kind = JobKind::Escalate;
    rows.extend([second_look, escalated, waiting(10451, 90), waiting(10398, -2)]);
    let mine = vec![decided(10424, "approve", Some(21)), Decided { undone: true, ..decided(10419, "approve", None) }];
    ReviewList { waiting: rows, at_most: 500, mine }
}

pub fn dead_letter(job_id: i64) -> DeadLetter {
    DeadLetter {
        job_id: JobId(job_id),
        job_kind: JobKind::Send,
        agency: "acme".to_owned(),
        channel_kind: "sms".to_owned(),
        error_code: "provider_unreachable".to_owned(),
        outcome_code: Some("attempts_used_up".to_owned()),
        attempt: 3,
        max_attempts: Some(3),
        workers: vec!["sender-sms-1".to_owned()],
        nothing_else_open: true,
        retried_by_people: 0,
        deadline_at: None,
        finished_at: morning() - minutes(9),
    }
}

pub fn decided(job_id: i64, decision: &str, leaves_in: Option<i64>) -> Decided {
    Decided {
        job_id: JobId(job_id),
        decision: decision.to_owned(),
        reason: None,
        decided_at: morning() - minutes(1),
        created_job_id: Some(JobId(job_id + 1000)),
        created_status: Some("queued".to_owned()),
        created_finished_at: None,
        created_outcome: None,
        leaves_at: leaves_in.map(|seconds| morning() + Duration::seconds(seconds)),
        undone: false,
    }
}

/// The last row of a trail.
pub fn run(login: &str, call: &str, to_status: &str) -> Activity {
    Activity {
        run_id: 1,
        at: morning(),
        login: login.to_owned(),
        call: call.to_owned(),
        job_id: None,
        outcome: "applied".to_owned(),
        from_status: Some("leased".to_owned()),
        to_status: Some(to_status.to_owned()),
        code: None,
    }
}

pub fn message(seq: i64, direction: Direction, minutes_ago: i64, body: &str) -> Message<Body> {
    Message {
        message_id: Uuid::from_u128(seq as u128),
        seq,
        direction,
        revises: None,
        author_ref: if direction == Direction::Draft { "drafter-1" } else { "customer" }.to_owned(),
        at: morning() - minutes(minutes_ago),
        body: Body::Text(OpenedText::from_untrusted(body)),
        attachments: Vec::new(),
    }
}

pub const DRAFT: &str = "Hello,\n\nI am sorry about the wait and about the copied answers. I have looked at order 88231: \
    our carrier handed it to a neighbour on 17 Nov.\n\nIf it is not there, answer this mail and I will call you.\n\n\
    Kind regards\nAcme Cards customer care";

/// A long conversation of which two messages are unanswered.
pub fn opened(job_id: i64) -> Opened {
    let mut messages = vec![
        message(1, Direction::Inbound, 9000, "Where is my card?"),
        message(2, Direction::Draft, 8990, "It is on its way."),
        Message { revises: Some(Uuid::from_u128(2)), ..message(3, Direction::Outbound, 8980, "") },
        message(
            12,
            Direction::Inbound,
            56,
            "I have now waited THREE WEEKS. This is the fourth time I write and every time I get the same copied \
             answer. Order 88231. If it is not here by Monday I close the account and go to the ombudsman.",
        ),
        message(14, Direction::Inbound, 5, "Your page says \"delivered\". To whom?? Nobody here has it."),
        message(15, Direction::Draft, 2, DRAFT),
    ];
    messages[4].attachments.push(Attachment {
        attachment_id: Uuid::from_u128(77),
        media_type: "image/jpeg".to_owned(),
        bytes: 2_100_000,
    });
    let conversation = OpenedConversation {
        agency: "acme".to_owned(),
        conversation_id: Uuid::from_u128(500),
        customer_ref: "cust-1042".to_owned(),
        channel_kind: "email".to_owned(),
        messages,
        draft_id: Some(Uuid::from_u128(15)),
        pin: Some(pin(14)),
        needs_another: false,
        kept: Vec::new(),
        rejections: vec![Rejection {
            job_id: JobId(10398),
            decided_by: "bo".to_owned(),
            decided_at: morning() - minutes(20),
            reason: "tone".to_owned(),
            note: Some(Body::Text(OpenedText::from_untrusted("Too stiff. Say sorry first."))),
        }],
    };
    let job = list().waiting.into_iter().find(|row| row.job_id.0 == job_id);
    Opened { job: job.unwrap_or_else(|| waiting(job_id, 8)), standing: Standing::Free, conversation }
}

/// A short one: everything is on an 80×24 screen at once.
pub fn short(job_id: i64, draft: &str) -> Opened {
    let mut opened = opened(job_id);
    opened.conversation.messages =
        vec![message(14, Direction::Inbound, 5, "Where is my card?"), message(15, Direction::Draft, 2, draft)];
    opened.conversation.rejections.clear();
    opened
}

/// With a text that this person wrote for the job and that took no draft's place.
pub fn with_kept(mut opened: Opened, words: &str) -> Opened {
    let kept = Message { message_id: Uuid::from_u128(19), ..message(19, Direction::Draft, 1, words) };
    opened.conversation.kept.push(kept.message_id);
    opened.conversation.messages.push(kept);
    opened
}

pub fn pin(newest_inbound_seq: i64) -> Pin {
    Pin { draft_id: Uuid::from_u128(15), draft_digest: "7f3a91c2".repeat(8), newest_inbound_seq, lease_token: 12 }
}

pub fn outcome(word: &str) -> Outcome {
    Outcome::named(word)
}
