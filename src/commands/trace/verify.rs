//! Opens the bodies of what was traced, and compares each with the digest stored beside it and with what decisions pinned.
//!
//! Nothing of a body is kept or printed: it is opened, its digest is computed anew, and it is wiped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use uuid::Uuid;

use crate::commands::Failure;
use crate::domain::{JobId, OpenedConversation};
use crate::session::Session;
use crate::store::SealedBody;
use crate::store::jobs::{PinnedDraft, TraceEvent};
use crate::store::review::Opened;
use crate::vault::{Error, Keyring, Place};

/// What the body of one message was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is what was stored, and what every decision about it pinned.
    Verified,
    /// It opens, and the digest beside it is another one's.
    StoredDigestDiffers,
    /// A decision was made on something else than what lies there.
    PinnedDigestDiffers,
    /// Altered, or put where another body belongs.
    Altered,
    NoKey,
    Erased,
    /// No job of its conversation could be opened. The outcome of the last try, `no_job` where there was none to try.
    Closed(String),
    /// It was decided on and is not there any more, not even as one that was erased.
    Gone,
}

/// Of every message that has a body, and of every decision whose draft is gone.
pub struct Verdicts {
    messages: BTreeMap<Uuid, Verdict>,
    /// The jobs that were decided on what is gone.
    gone: BTreeSet<JobId>,
}

/// The calls that decide on a draft.
const DECISIONS: [&str; 3] = ["review_approve", "review_reject", "review_escalate"];

/// Opens each conversation once, through one of its jobs: the opening is on record under that job.
///
/// Refused when this login opens no bodies at all.
pub async fn verify(session: &Session, events: &[TraceEvent]) -> Result<Verdicts, Failure> {
    let keys = session.keys()?;
    let (mut verdicts, mut gone) = (BTreeMap::new(), BTreeSet::new());
    let conversations: BTreeSet<Uuid> = events.iter().filter_map(|event| event.conversation_id).collect();
    for conversation in conversations {
        let of_conversation = || events.iter().filter(|event| event.conversation_id == Some(conversation));
        let there: BTreeSet<Uuid> = of_conversation().filter_map(|event| event.message_id).collect();
        let pins = session.store.pins_of_decisions(conversation).await?;
        gone.extend(pins.iter().filter(|pin| !there.contains(&pin.draft_id)).map(|pin| pin.job_id));
        // The newest job first: what it points at is the likeliest to be there still.
        let jobs: BTreeSet<JobId> = of_conversation().filter_map(|event| event.job_id).collect();
        match open(session, jobs.into_iter().rev()).await? {
            Ok(opened) => verdicts.extend(judge(keys, &opened, &pins)?),
            Err(outcome) => verdicts.extend(of_conversation().filter_map(|event| {
                // No job points at what was erased, so nothing of it is handed out.
                let verdict = match event.erased {
                    Some(true) => Verdict::Erased,
                    _ => Verdict::Closed(outcome.clone()),
                };
                Some((event.message_id?, verdict))
            })),
        }
    }
    Ok(Verdicts { messages: verdicts, gone })
}

/// The conversation as it lies there, or the outcome of the last refusal.
async fn open(
    session: &Session,
    jobs: impl Iterator<Item = JobId>,
) -> Result<Result<OpenedConversation<SealedBody>, String>, Failure> {
    let mut last = "no_job".to_owned();
    for job in jobs {
        match session.store.open_body(job, None).await? {
            Opened::Conversation(conversation) => return Ok(Ok(*conversation)),
            Opened::Refused(refusal) if refusal.outcome == "not_authorised" => {
                return Err(Failure::refused(
                    "this login opens no bodies; a reviewer, senior_reviewer or team_lead of the agency can verify",
                ));
            }
            Opened::Refused(refusal) => last = refusal.outcome,
        }
    }
    Ok(Err(last))
}

fn judge(
    keys: &Keyring,
    conversation: &OpenedConversation<SealedBody>,
    pins: &[PinnedDraft],
) -> Result<Vec<(Uuid, Verdict)>, Failure> {
    let mut verdicts = Vec::new();
    for message in &conversation.messages {
        let place = Place {
            agency: &conversation.agency,
            conversation: conversation.conversation_id,
            message: message.message_id,
            direction: message.direction,
        };
        let verdict = match &message.body {
            SealedBody::Sealed { bytes, digest, .. } => {
                let pins = pins.iter().filter(|pin| pin.draft_id == message.message_id);
                judge_body(keys, &place, bytes, digest, pins)?
            }
            SealedBody::Erased => Verdict::Erased,
            // The record that a draft left. The draft itself is judged.
            SealedBody::None => continue,
        };
        verdicts.push((message.message_id, verdict));
    }
    Ok(verdicts)
}

fn judge_body<'a>(
    keys: &Keyring,
    place: &Place,
    sealed: &[u8],
    stored: &[u8],
    mut pins: impl Iterator<Item = &'a PinnedDraft>,
) -> Result<Verdict, Failure> {
    let is_pinned_otherwise = pins.any(|pin| pin.draft_digest != stored);
    Ok(match keys.open(place, sealed, stored) {
        // What was opened has the stored digest, so that one stands for it.
        Ok(_) | Err(Error::UnknownKey { .. } | Error::UnknownAgency { .. }) if is_pinned_otherwise => {
            Verdict::PinnedDigestDiffers
        }
        Ok(_) => Verdict::Verified,
        Err(Error::UnknownKey { .. } | Error::UnknownAgency { .. }) => Verdict::NoKey,
        Err(Error::DigestMismatch) => Verdict::StoredDigestDiffers,
        Err(Error::DoesNotOpen | Error::Truncated { .. } | Error::UnknownVersion(_)) => Verdict::Altered,
        Err(other) => return Err(other.into()),
    })
}

impl Verdicts {
    pub fn of(&self, event: &TraceEvent) -> Option<&Verdict> {
        match event.message_id {
            Some(message) => self.messages.get(&message),
            None => self.decided_on_what_is_gone(event).then_some(&Verdict::Gone),
        }
    }

    fn decided_on_what_is_gone(&self, event: &TraceEvent) -> bool {
        event.job_id.is_some_and(|job| self.gone.contains(&job))
            && DECISIONS.contains(&event.what.as_str())
            && event.outcome.as_deref() == Some("applied")
    }

    fn all(&self) -> impl Iterator<Item = &Verdict> {
        self.messages.values().chain(self.gone.iter().map(|_| &Verdict::Gone))
    }

    /// How many of each.
    pub fn summary(&self) -> String {
        let count = |wanted: &str| self.all().filter(|verdict| verdict.code() == wanted).count();
        let (verified, differ, closed) = (count("verified"), count("digest_differs"), count("does_not_open"));
        format!("{verified} verified, {differ} whose digest differs, {closed} that do not open")
    }

    /// What is wrong, if anything is. A body that nobody here can open is neither right nor wrong.
    pub fn objection(&self) -> Option<String> {
        match self.all().filter(|verdict| verdict.is_wrong()).count() {
            0 => None,
            1 => {
                Some("1 body is not what was stored or decided on; keep the database as it is and look into it".into())
            }
            many => Some(format!(
                "{many} bodies are not what was stored or decided on; keep the database as it is and look into it"
            )),
        }
    }
}

impl Verdict {
    /// As JSON has it.
    pub fn code(&self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::StoredDigestDiffers | Verdict::PinnedDigestDiffers => "digest_differs",
            Verdict::Altered | Verdict::NoKey | Verdict::Erased | Verdict::Closed(_) | Verdict::Gone => "does_not_open",
        }
    }

    pub fn why(&self) -> Option<&str> {
        match self {
            Verdict::Verified => None,
            Verdict::StoredDigestDiffers => Some("stored_digest"),
            Verdict::PinnedDigestDiffers => Some("pinned_digest"),
            Verdict::Altered => Some("altered_or_moved"),
            Verdict::NoKey => Some("no_key"),
            Verdict::Erased => Some("erased"),
            Verdict::Closed(outcome) => Some(outcome),
            Verdict::Gone => Some("row_gone"),
        }
    }

    fn is_wrong(&self) -> bool {
        matches!(self, Verdict::StoredDigestDiffers | Verdict::PinnedDigestDiffers | Verdict::Altered | Verdict::Gone)
    }
}

/// For people: the codes with blanks.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code().replace('_', " ");
        match self.why() {
            None => f.write_str(&code),
            Some(why) => write!(f, "{code} ({})", why.replace('_', " ")),
        }
    }
}
