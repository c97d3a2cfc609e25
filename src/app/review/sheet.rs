//! What lies over the conversation when it is asked for: what is known of the job, or what changed in the draft.

use chrono::{DateTime, Utc};
use ratatui::layout::Size;

use super::{Pane, changes};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::layout;
use crate::app::model::{Model, Session};
use crate::domain::{Direction, zone};
use crate::text::SafeLine;

/// A sheet over the conversation. What it covers does not count as read, and nothing is decided beneath it.
#[derive(Debug)]
pub struct Sheet {
    pub leaf: Leaf,
    /// The row under the cursor; what it says can be copied where it is an id.
    pub chosen: usize,
    pub top: usize,
}

/// What is on the sheet.
#[derive(Debug)]
pub enum Leaf {
    Info(Vec<Fact>),
    Changes(changes::Changes),
}

/// One row about the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    pub value: String,
    /// What `y` copies.
    pub id: Option<String>,
}

impl Sheet {
    fn new(leaf: Leaf) -> Sheet {
        Sheet { leaf, chosen: 0, top: 0 }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match &self.leaf {
            Leaf::Info(facts) => facts.len(),
            Leaf::Changes(changes) => changes.rows.len(),
        }
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What covers the conversation, and the key that takes it away.
    pub fn covers(&self) -> &'static str {
        match self.leaf {
            Leaf::Info(_) => "the info lies over it (i)",
            Leaf::Changes(_) => "what changed lies over it (d)",
        }
    }
}

/// Shows what is known of the job, or takes it away again.
pub fn toggle_info(model: &mut Model) {
    let now = model.now;
    let session = model.session.clone();
    let Some(pane) = model.review.pane_mut() else { return };
    pane.sheet = match pane.sheet.take() {
        Some(Sheet { leaf: Leaf::Info(_), .. }) => None,
        _ => Some(Sheet::new(Leaf::Info(facts(pane, &session, now)))),
    };
}

/// Shows what changed in the draft, or takes it away again.
pub fn toggle_changes(model: &mut Model) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    pane.sheet = match pane.sheet.take() {
        Some(Sheet { leaf: Leaf::Changes(_), .. }) => None,
        _ => changes::of(pane, size).map(|changes| Sheet::new(Leaf::Changes(changes))),
    };
}

/// The terminal has another size: what changed is wrapped anew.
pub fn resized(pane: &mut Pane, size: Size) {
    if let Some(Sheet { leaf: Leaf::Changes(_), top, .. }) = pane.sheet {
        pane.sheet = changes::of(pane, size).map(|changes| Sheet { top, ..Sheet::new(Leaf::Changes(changes)) });
    }
}

/// Moves on the sheet.
pub fn scroll(model: &mut Model, action: Action) {
    let height = layout::review(model.size).map_or(1, |layout| usize::from(layout.document(0).height)).max(1);
    let Some(sheet) = model.review.pane_mut().and_then(|pane| pane.sheet.as_mut()) else { return };
    let last = sheet.len().saturating_sub(1);
    let half = height.div_ceil(2);
    let by = |row: usize| match action {
        Action::Down => row + 1,
        Action::Up => row.saturating_sub(1),
        Action::HalfPageDown => row + half,
        Action::HalfPageUp => row.saturating_sub(half),
        Action::ReadOn => row + height.saturating_sub(1).max(1),
        Action::Top => 0,
        Action::Bottom => usize::MAX,
        _ => row,
    };
    match sheet.leaf {
        Leaf::Info(_) => {
            sheet.chosen = by(sheet.chosen).min(last);
            sheet.top = sheet.top.clamp((sheet.chosen + 1).saturating_sub(height), sheet.chosen);
        }
        Leaf::Changes(_) => sheet.top = by(sheet.top).min(sheet.len().saturating_sub(height)),
    }
}

/// Copies the id under the cursor, and prints it. None: the sheet has none there.
pub fn copy(model: &mut Model) -> Option<Vec<Effect>> {
    let sheet = model.review.pane()?.sheet.as_ref()?;
    let Leaf::Info(facts) = &sheet.leaf else { return None };
    let id = facts.get(sheet.chosen)?.id.clone()?;
    model.say(format!("copied {id}"));
    Some(vec![Effect::Copy(id)])
}

/// Everything that is known of the job and of what it is about, without a word of it.
fn facts(pane: &Pane, session: &Session, now: DateTime<Utc>) -> Vec<Fact> {
    let (job, conversation) = (&pane.job, &pane.conversation);
    let codes = &job.codes;
    let mut facts = Vec::new();
    let mut fact = |name: &'static str, value: String, id: Option<String>| facts.push(Fact { name, value, id });
    fact("job", format!("{} {} for {}", job.job_id, job.job_kind, job.target_role), Some(job.job_id.0.to_string()));
    fact("priority", format!("{} (0 is the most urgent)", job.priority), None);
    fact("asked", both(job.created_at, now), None);
    fact("due", job.deadline_at.map_or_else(|| "no deadline".to_owned(), |at| both(at, now)), None);
    fact(
        "channel",
        format!("{} to {}", conversation.channel_kind, conversation.customer_ref),
        Some(conversation.customer_ref.clone()),
    );
    let words = [
        codes.language.clone(),
        codes.intent_code.clone(),
        codes.confidence.map(|sure| format!("confidence {sure:.2}")),
    ];
    fact("codes", words.into_iter().flatten().collect::<Vec<_>>().join(" · "), None);
    fact("languages", pane.languages.clone().unwrap_or_else(|| "not recognised".to_owned()), None);
    let conversation_id = conversation.conversation_id.to_string();
    fact("conversation", conversation_id.clone(), Some(conversation_id));
    if let Some(draft) = conversation.draft() {
        let id = draft.message_id.to_string();
        fact("draft", id.clone(), Some(id));
        fact("written", format!("by {}, {}", draft.author_ref, both(draft.at, now)), None);
    }
    if let Some(pin) = pane.pin() {
        fact("digest", pin.draft_digest.clone(), Some(pin.draft_digest.clone()));
        let newest = format!("message {} is the newest that a decision rests on", pin.newest_inbound_seq);
        fact("pin", newest, Some(pin.to_string()));
    }
    fact("lease", lease(pane, now), None);
    for rejection in &conversation.rejections {
        let words = format!("{} by {}, {}", rejection.reason, rejection.decided_by, both(rejection.decided_at, now));
        fact("rejected", words, None);
    }
    for message in conversation.messages.iter().filter(|message| message.direction != Direction::Draft) {
        let id = message.message_id.to_string();
        fact("message", format!("{} {} {}", message.seq, message.direction, both(message.at, now)), Some(id));
        for attachment in &message.attachments {
            let words = format!("of {}: {} {}", message.seq, attachment.media_type, attachment.size());
            fact("attachment", words, Some(attachment.attachment_id.to_string()));
        }
    }
    fact("your reading", stored(pane, session), None);
    facts
}

fn lease(pane: &Pane, now: DateTime<Utc>) -> String {
    match (pane.is_mine(), pane.lease_until().filter(|until| *until > now)) {
        (true, Some(until)) => format!("yours until {} at least, kept while you read", both(until, now)),
        (true, None) => "yours, kept while you read".to_owned(),
        (false, _) => pane.standing.to_string(),
    }
}

/// What a decision keeps about the person who makes it.
fn stored(pane: &Pane, session: &Session) -> String {
    let seconds = pane.on_screen().num_seconds();
    let marks = pane.tour.in_draft();
    if session.keeps_reading {
        format!("{seconds} s on screen and {marks} marks accepted are stored with an approval, under your login")
    } else {
        "neither how long you look nor what you accept is stored: that is switched off here".to_owned()
    }
}

fn both(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (span, ahead) = if at > now { (at - now, true) } else { (now - at, false) };
    let words = match span.num_seconds() {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} m", s / 60),
        s @ 3_600..86_400 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    };
    let relative = if ahead { format!("in {words}") } else { format!("{words} ago") };
    format!("{} ({relative})", zone::with_name(at, "%a %d %b %Y %H:%M:%S"))
}

/// The row as it is drawn.
impl Fact {
    pub fn line(&self) -> SafeLine {
        SafeLine::label(&self.value)
    }
}
