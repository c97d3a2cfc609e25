//! Opens what is to be read: takes the lease, fetches the sealed conversation through the job's `payload_ref`, opens it
//! with the keys, and makes the text safe.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::desk::{Desk, failure};
use crate::app::review::{Body, Opened, Standing, search};
use crate::app::{Failure, Msg};
use crate::domain::conversation::Rejection;
use crate::domain::{Direction, JobId, Message, OpenedConversation, Outcome, Waiting};
use crate::store::SealedBody;
use crate::store::review::Opened as Fetched;
use crate::text::OpenedText;
use crate::text::facts::Facts;
use crate::vault::{Keyring, Place};

/// Claims the job, or the next in the agency's order in one of these languages, and opens it. What somebody else holds is
/// opened to be read only.
pub async fn claim_and_open(desk: &Desk, wanted: Option<JobId>, reads: &[String]) -> Result<Box<Opened>, Failure> {
    let claim = match wanted {
        Some(job_id) => desk.store.claim_review(Some(job_id)).await,
        None => desk.store.claim_next(reads).await,
    };
    let claim = claim.map_err(failure)?;
    let outcome = claim.outcome;
    match (outcome.outcome.as_str(), outcome.job_id, outcome.lease_token) {
        ("applied", Some(job), Some(lease_token)) => open_leased(desk, job, lease_token).await,
        ("leased", Some(job), _) => open(desk, job, None, outcome.by).await,
        ("wrong_kind", Some(job), _) => open(desk, job, None, None).await,
        _ => Err(Failure::Refused(outcome)),
    }
}

/// Opens the job whose lease was just taken. What does not open is given back, so that others can try.
pub async fn open_leased(desk: &Desk, job: JobId, lease_token: i64) -> Result<Box<Opened>, Failure> {
    let opened = open(desk, job, Some(lease_token), None).await;
    // Without a pin nothing can be decided here, so the lease would only keep others away.
    if !opened.as_ref().is_ok_and(|opened| opened.conversation.pin.is_some()) {
        give_back(desk, job, lease_token).await;
    }
    opened
}

/// Gives a lease back.
pub async fn give_back(desk: &Desk, job: JobId, lease_token: i64) {
    if let Err(error) = desk.store.release(job, lease_token, Uuid::new_v4()).await {
        // The lease runs out by itself; nobody has to do anything.
        tracing::info!(job = job.0, %error, "a lease could not be given back");
    }
}

/// Opens the job without claiming it: there is no pin, so nothing can be decided.
pub async fn look(desk: &Desk, job: JobId) -> Result<Box<Opened>, Failure> {
    open(desk, job, None, None).await
}

/// Fetches and opens one job's conversation.
async fn open(
    desk: &Desk,
    job_id: JobId,
    lease_token: Option<i64>,
    held_by: Option<String>,
) -> Result<Box<Opened>, Failure> {
    let keys = desk.keys.clone().ok_or_else(|| {
        Failure::Other("there are no keys here, so no body can be opened; name a key file with --keys".to_owned())
    })?;
    let (fetched, job, known_hosts) =
        tokio::join!(desk.store.open_body(job_id, lease_token), waiting(desk, job_id), desk.store.known_hosts());
    let sealed = match fetched.map_err(failure)? {
        Fetched::Conversation(sealed) => *sealed,
        Fetched::Refused(outcome) => return Err(Failure::Refused(outcome)),
    };
    // Opening megabytes takes a while; the loop goes on meanwhile.
    let known_hosts = known_hosts.map_err(failure)?;
    let conversation = tokio::task::spawn_blocking(move || {
        let mut conversation = unseal(&keys, sealed);
        if bytes(&conversation) <= LOOKED_THROUGH_AT_ONCE {
            find_marks(&mut conversation, &known_hosts);
        }
        conversation
    });
    let conversation = conversation.await.map_err(|_| Failure::Other("opening the conversation failed".to_owned()))?;
    let job = job?;
    let standing = match lease_token {
        Some(_) => Standing::Free,
        None => standing(&job, held_by, desk.clock.now()),
    };
    Ok(Box::new(Opened { job, standing, conversation }))
}

/// Bytes of text in a conversation that is looked through before it is shown: this is not felt. A longer one is shown
/// first.
const LOOKED_THROUGH_AT_ONCE: usize = 256 * 1024;

/// Looks a long conversation through beside the loop, and answers with what was found.
pub fn look_through(desk: &Desk, mut conversation: OpenedConversation<Body>) {
    let desk = desk.clone();
    tokio::spawn(async move {
        // A host that nobody knows for known is marked once more often.
        let known_hosts = desk.store.known_hosts().await.unwrap_or_default();
        tokio::task::spawn_blocking(move || {
            find_marks(&mut conversation, &known_hosts);
            desk.tell(Msg::LookedThrough(Box::new(conversation)));
        });
    });
}

/// Searches a long conversation beside the loop, and answers with where the words stand.
pub fn search(desk: &Desk, words: String, conversation: OpenedConversation<Body>) {
    let desk = desk.clone();
    tokio::task::spawn_blocking(move || {
        let matches = search::matches(&conversation, &words);
        let messages = conversation.messages.iter().map(|message| message.message_id).collect();
        desk.tell(Msg::Found { words, messages, matches });
    });
}

/// Finds in every text what has to be counted, visited and listed.
fn find_marks(conversation: &mut OpenedConversation<Body>, known_hosts: &[String]) {
    let known_hosts: Vec<&str> = known_hosts.iter().map(String::as_str).collect();
    for message in &mut conversation.messages {
        if let Body::Text(text) = &mut message.body {
            text.look_through(&known_hosts);
        }
    }
    doubt_facts(&mut conversation.messages, conversation.draft_id, &known_hosts);
}

fn bytes(conversation: &OpenedConversation<Body>) -> usize {
    conversation.messages.iter().filter_map(|message| message.body.text()).map(OpenedText::bytes).sum()
}

/// Who holds a job that was not claimed: as its row says, else as the refusal of the claim said.
fn standing(job: &Waiting, held_by: Option<String>, now: DateTime<Utc>) -> Standing {
    let until = job.lease_expires_at.filter(|until| *until > now);
    match (job.lease_owner.clone().filter(|_| until.is_some()), held_by) {
        (Some(by), _) => Standing::Held { by, until },
        (None, Some(by)) => Standing::Held { by, until: None },
        (None, None) => Standing::Free,
    }
}

async fn waiting(desk: &Desk, job: JobId) -> Result<Waiting, Failure> {
    let found = desk.store.waiting_job(job).await.map_err(failure)?;
    found.ok_or_else(|| Failure::Refused(Outcome::named("not_found")))
}

/// Opens every body. Where one does not open, or the draft was erased, nobody can judge, so there is no pin then. What a
/// customer had erased before is gone for everyone and hinders nothing.
fn unseal(keys: &Arc<Keyring>, sealed: OpenedConversation<SealedBody>) -> OpenedConversation<Body> {
    let agency = sealed.agency;
    let conversation_id = sealed.conversation_id;
    let mut pin = sealed.pin;
    let messages = sealed
        .messages
        .into_iter()
        .map(|message| {
            let place = Place {
                agency: &agency,
                conversation: conversation_id,
                message: message.message_id,
                direction: message.direction,
            };
            let body = unseal_body(keys, &place, &message.body);
            let is_draft = sealed.draft_id == Some(message.message_id);
            if body.text().is_none() && (is_draft || message.body != SealedBody::Erased) {
                pin = None;
            }
            Message {
                message_id: message.message_id,
                seq: message.seq,
                direction: message.direction,
                revises: message.revises,
                author_ref: message.author_ref,
                at: message.at,
                body,
                attachments: message.attachments,
            }
        })
        .collect();
    OpenedConversation {
        conversation_id,
        customer_ref: sealed.customer_ref,
        channel_kind: sealed.channel_kind,
        messages,
        draft_id: sealed.draft_id,
        pin,
        needs_another: sealed.needs_another,
        kept: sealed.kept,
        rejections: sealed
            .rejections
            .into_iter()
            .map(|rejection| unseal_note(keys, &agency, conversation_id, rejection))
            .collect(),
        agency,
    }
}

/// Marks in the draft what occurs nowhere in what the customer and we wrote. Earlier drafts bear nothing out: what was
/// made up once may well be repeated.
fn doubt_facts(messages: &mut [Message<Body>], draft_id: Option<Uuid>, known_hosts: &[&str]) {
    let Some(at) = messages.iter().position(|message| Some(message.message_id) == draft_id) else { return };
    let Some(draft) = messages[at].body.text() else { return };
    let mut facts = draft.with_words(|words| Facts::of(words, known_hosts));
    let thread = messages.iter().filter(|message| message.direction != Direction::Draft);
    for text in thread.filter_map(|message| message.body.text()) {
        text.with_words(|words| facts.look_for_in(words));
    }
    if let Body::Text(draft) = &mut messages[at].body {
        draft.add_marks(facts.missing());
    }
}

/// The text of one body, or why there is none.
fn unseal_body(keys: &Keyring, place: &Place<'_>, body: &SealedBody) -> Body {
    match body {
        SealedBody::Sealed { bytes, digest, .. } => match keys.open(place, bytes, digest) {
            Ok(opened) => Body::Text(OpenedText::new(opened.into_bytes())),
            Err(error) => Body::Closed { why: error.to_string() },
        },
        SealedBody::Erased => Body::Erased,
        SealedBody::None => Body::Text(OpenedText::from_untrusted("")),
    }
}

/// A note that does not open hinders no decision: nothing of it leaves.
fn unseal_note(keys: &Keyring, agency: &str, conversation: Uuid, rejection: Rejection<SealedBody>) -> Rejection<Body> {
    let JobId(job) = rejection.job_id;
    let note = rejection.note.map(|note| match note {
        SealedBody::Sealed { bytes, .. } => match keys.open_note(agency, conversation, job, &bytes) {
            Ok(opened) => Body::Text(looked_through(OpenedText::new(opened.into_bytes()))),
            Err(error) => Body::Closed { why: error.to_string() },
        },
        SealedBody::Erased | SealedBody::None => Body::Erased,
    });
    Rejection {
        job_id: rejection.job_id,
        decided_by: rejection.decided_by,
        decided_at: rejection.decided_at,
        reason: rejection.reason,
        note,
    }
}

fn looked_through(mut note: OpenedText) -> OpenedText {
    note.look_through(&[]);
    note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Pin;

    const AGENCY: &str = "acme";

    fn message(keyring: &Keyring, seq: u8, direction: Direction) -> Message<SealedBody> {
        let message_id = Uuid::from_bytes([seq; 16]);
        let place = Place { agency: AGENCY, conversation: Uuid::nil(), message: message_id, direction };
        let sealed = keyring.seal(&place, b"a word").unwrap();
        Message {
            message_id,
            seq: i64::from(seq),
            direction,
            revises: None,
            author_ref: "somebody".to_owned(),
            at: DateTime::<Utc>::UNIX_EPOCH,
            body: SealedBody::Sealed { key_id: sealed.key_id, bytes: sealed.bytes, digest: sealed.digest.to_vec() },
            attachments: Vec::new(),
        }
    }

    fn alter(body: &mut SealedBody) {
        let SealedBody::Sealed { bytes, .. } = body else { panic!("no body to alter") };
        *bytes.last_mut().unwrap() ^= 1;
    }

    #[test]
    fn what_cannot_be_read_whole_cannot_be_decided_on() {
        let directory = tempfile::tempdir().unwrap();
        let keyring = Arc::new(Keyring::administrator(&directory.path().join("ring")).unwrap());
        keyring.ensure_agency(AGENCY).unwrap();
        let is_pinned = |change: fn(&mut [Message<SealedBody>])| {
            let directions = [(1, Direction::Inbound), (2, Direction::Inbound), (3, Direction::Draft)];
            let mut messages = directions.map(|(seq, direction)| message(&keyring, seq, direction));
            change(&mut messages);
            let draft_id = messages[2].message_id;
            let pin = Pin { draft_id, draft_digest: "00".repeat(32), newest_inbound_seq: 2, lease_token: 1 };
            let sealed = OpenedConversation {
                agency: AGENCY.to_owned(),
                conversation_id: Uuid::nil(),
                customer_ref: "cust-1".to_owned(),
                channel_kind: "email".to_owned(),
                messages: messages.into(),
                draft_id: Some(draft_id),
                pin: Some(pin),
                needs_another: false,
                kept: Vec::new(),
                rejections: Vec::new(),
            };
            unseal(&keyring, sealed).pin.is_some()
        };
        assert!(is_pinned(|_| ()));
        assert!(is_pinned(|messages| messages[0].body = SealedBody::Erased));
        assert!(!is_pinned(|messages| messages[2].body = SealedBody::Erased));
        assert!(!is_pinned(|messages| alter(&mut messages[2].body)));
        assert!(!is_pinned(|messages| alter(&mut messages[1].body)));
    }

    #[test]
    fn facts_that_nobody_wrote_before_are_marked_in_the_draft() {
        let written = |direction, text: &str| Message {
            message_id: Uuid::new_v4(),
            seq: 1,
            direction,
            revises: None,
            author_ref: "somebody".to_owned(),
            at: DateTime::<Utc>::UNIX_EPOCH,
            body: Body::Text(OpenedText::from_untrusted(text)),
            attachments: Vec::new(),
        };
        let mut messages = [
            written(Direction::Inbound, "Where is order 88231?"),
            written(Direction::Outbound, "We ask the carrier about it on 3 May."),
            written(Direction::Draft, "It arrives on 5 May."),
            written(Direction::Draft, "Order 88231 left on 3 May and arrives on 5 May."),
        ];
        let draft_id = messages[3].message_id;
        doubt_facts(&mut messages, Some(draft_id), &[]);
        let marks: Vec<_> = messages.iter().map(|message| message.body.text().unwrap().marks()).collect();
        assert!(marks[..3].iter().all(|marks| marks.is_empty()));
        assert!(matches!(marks[3], [mark] if mark.at == (41..46)), "{:?}", marks[3]);
    }
}
