//! Notices what happened to the job that is being read: the customer wrote again, the draft was replaced, the lease went,
//! somebody else decided it.
//!
//! The database refuses a decision on what has changed anyway; this is for the person, who should know at once.

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::desk::{Desk, failure};
use crate::app::Msg;
use crate::app::review::away::{Lease, Meanwhile};
use crate::app::review::{Change, Standing};
use crate::domain::review::Ending;
use crate::domain::{Activity, JobId, PayloadRef, Pin};
use crate::store::review::PaneState;

/// What is open, and what is to be known of it.
#[derive(Debug, Clone)]
enum Subject {
    /// Whether it differs from this pin.
    Mine(JobId, Pin),
    /// How it stands that is only looked at.
    Others(JobId),
    /// What happened to it since this pin, while nobody watched.
    Meanwhile(JobId, Pin),
}

/// The task that compares. Ends with this value.
pub struct Watch {
    subject: watch::Sender<Option<Subject>>,
}

impl Watch {
    pub fn start(desk: Desk) -> Watch {
        let (subject, subjects) = watch::channel(None);
        tokio::spawn(compare(desk, subjects));
        Watch { subject }
    }

    /// Compares the open job with its pin, as soon as the comparison before is over, and tells the loop only of a
    /// difference; without a pin, how it stands.
    pub fn look(&self, job_id: JobId, pin: Option<Pin>) {
        self.subject.send_replace(Some(pin.map_or(Subject::Others(job_id), |pin| Subject::Mine(job_id, pin))));
    }

    /// Tells the loop what happened since the pin, whether something did or not.
    pub fn look_back(&self, job_id: JobId, pin: Pin) {
        self.subject.send_replace(Some(Subject::Meanwhile(job_id, pin)));
    }
}

/// Finds out how many others could approve the draft of this job; it is only told where it is known.
pub fn count_others(desk: Desk, job_id: JobId) {
    tokio::spawn(async move {
        let result = desk.store.others_online(job_id).await.map_err(failure);
        desk.tell(Msg::OthersCounted { job_id, result });
    });
}

async fn compare(desk: Desk, mut subjects: watch::Receiver<Option<Subject>>) {
    while subjects.changed().await.is_ok() {
        let subject = subjects.borrow_and_update().clone();
        let Some(subject) = subject else { continue };
        let (Subject::Mine(job_id, _) | Subject::Others(job_id) | Subject::Meanwhile(job_id, _)) = subject;
        // A database that is away is the keeper's business.
        let Ok(state) = desk.store.pane_state(job_id).await else { continue };
        let is_over = state.as_ref().is_some_and(|state| state.status.is_terminal());
        let trail = match &subject {
            Subject::Meanwhile(..) => desk.store.history(job_id).await,
            _ if is_over => desk.store.history(job_id).await,
            _ => Ok(Vec::new()),
        };
        let Ok(trail) = trail else { continue };
        let ending = Ending::of(&trail).filter(|_| is_over);
        let now = desk.clock.now();
        match subject {
            Subject::Mine(job_id, pin) => {
                if let Some(change) = changed(&pin, state.as_ref(), ending, now) {
                    desk.tell(Msg::Changed { job_id, pin, change, now });
                }
            }
            Subject::Others(job_id) => {
                desk.tell(Msg::Stands { job_id, standing: standing(state, ending, now), now });
            }
            Subject::Meanwhile(job_id, pin) => {
                let meanwhile = meanwhile(&pin, state.as_ref(), ending, &trail, now);
                desk.tell(Msg::LookedBack { job_id, pin, meanwhile, now });
            }
        }
    }
}

/// What happened since the pin, all of it: who was away wants the whole story.
fn meanwhile(
    pin: &Pin,
    state: Option<&PaneState>,
    ending: Option<Ending>,
    trail: &[Activity],
    now: DateTime<Utc>,
) -> Meanwhile {
    let lease = match state {
        Some(state) => match (&state.lease_owner, state.lease_expires_at) {
            (Some(_), Some(until)) if until > now && state.lease_token == pin.lease_token => Lease::StillMine,
            (Some(by), Some(until)) if until > now => Lease::Taken { by: by.clone() },
            // It ran out, and nobody has swept it up yet.
            (Some(_), Some(until)) if state.lease_token == pin.lease_token => Lease::WentBack(Some(until)),
            _ => Lease::WentBack(went_back(trail)),
        },
        None => Lease::WentBack(None),
    };
    let customer_wrote = state.is_some_and(|state| state.newest_inbound_seq > pin.newest_inbound_seq);
    let draft_replaced = state.is_some_and(|state| state.payload_ref != PayloadRef::Message(pin.draft_id));
    Meanwhile { lease, ending, draft_replaced, customer_wrote }
}

/// When the job last went from somebody's hands back to where it waits.
fn went_back(trail: &[Activity]) -> Option<DateTime<Utc>> {
    let moved =
        |run: &&Activity| run.from_status.as_deref() == Some("leased") && run.to_status.as_deref() == Some("queued");
    trail.iter().rev().find(moved).map(|run| run.at)
}

/// How a job stands that is only looked at.
fn standing(state: Option<PaneState>, ending: Option<Ending>, now: DateTime<Utc>) -> Standing {
    let held = |state: PaneState| {
        let until = state.lease_expires_at.filter(|until| *until > now)?;
        Some(Standing::Held { by: state.lease_owner?, until: Some(until) })
    };
    ending.map(Standing::Ended).or_else(|| state.and_then(held)).unwrap_or_default()
}

/// What is different from the pin; the lease first, because without it the rest does not matter.
fn changed(pin: &Pin, state: Option<&PaneState>, ending: Option<Ending>, now: DateTime<Utc>) -> Option<Change> {
    let Some(state) = state else { return Some(Change::LeaseLost { by: None }) };
    if let Some(ending) = ending {
        return Some(Change::Ended(ending));
    }
    let is_over = state.lease_expires_at.is_none_or(|until| until <= now);
    if state.lease_token != pin.lease_token || is_over {
        // An expired lease is nobody's, whoever had it.
        return Some(Change::LeaseLost { by: state.lease_owner.clone().filter(|_| !is_over) });
    }
    if state.payload_ref != PayloadRef::Message(pin.draft_id) {
        return Some(Change::DraftChanged);
    }
    (state.newest_inbound_seq > pin.newest_inbound_seq).then_some(Change::ConversationMoved)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use uuid::Uuid;

    use super::*;
    use crate::domain::Status;

    #[test]
    fn what_happened_meanwhile_is_told_in_whole() {
        let now = DateTime::<Utc>::UNIX_EPOCH + Duration::hours(1);
        let draft = Uuid::from_u128(1);
        let pin = Pin { draft_id: draft, draft_digest: "00".repeat(32), newest_inbound_seq: 3, lease_token: 7 };
        let expired_at = now - Duration::minutes(20);
        let same = PaneState {
            status: Status::Leased,
            lease_owner: Some("ada".to_owned()),
            lease_token: 7,
            lease_expires_at: Some(expired_at),
            payload_ref: PayloadRef::Message(draft),
            newest_inbound_seq: 3,
        };
        let mine = PaneState { lease_expires_at: Some(now + Duration::minutes(1)), ..same.clone() };
        let taken = PaneState { lease_owner: Some("bo".to_owned()), lease_token: 8, ..mine.clone() };
        let swept = PaneState { lease_owner: None, lease_expires_at: None, status: Status::Queued, ..same.clone() };
        let mut release = crate::app::sample::run("ada", "sweep", "queued");
        release.at = expired_at;
        let trail = [crate::app::sample::run("ada", "claim_review", "leased"), release];
        let lease = |state: &PaneState| meanwhile(&pin, Some(state), None, &trail, now).lease;
        assert_eq!(lease(&mine), Lease::StillMine);
        assert_eq!(lease(&taken), Lease::Taken { by: "bo".to_owned() });
        assert_eq!(lease(&same), Lease::WentBack(Some(expired_at)));
        assert_eq!(lease(&swept), Lease::WentBack(Some(expired_at)));
        let replaced =
            PaneState { payload_ref: PayloadRef::Message(Uuid::from_u128(2)), newest_inbound_seq: 4, ..same };
        let told = meanwhile(&pin, Some(&replaced), None, &trail, now);
        assert!(told.draft_replaced && told.customer_wrote);
    }

    #[test]
    fn each_difference_is_noticed_and_the_lease_comes_first() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let draft = Uuid::from_u128(1);
        let pin = Pin { draft_id: draft, draft_digest: "00".repeat(32), newest_inbound_seq: 3, lease_token: 7 };
        let same = PaneState {
            status: Status::Leased,
            lease_owner: Some("ada".to_owned()),
            lease_token: 7,
            lease_expires_at: Some(now + Duration::minutes(1)),
            payload_ref: PayloadRef::Message(draft),
            newest_inbound_seq: 3,
        };
        let moved = PaneState { newest_inbound_seq: 4, ..same.clone() };
        let replaced = PaneState { payload_ref: PayloadRef::Message(Uuid::from_u128(2)), ..moved.clone() };
        let taken = PaneState { lease_owner: Some("bo".to_owned()), lease_token: 8, ..replaced.clone() };
        let expired = PaneState { lease_expires_at: Some(now), ..same.clone() };
        let lost_to = |by: &str| Some(Change::LeaseLost { by: Some(by.to_owned()) });
        let cases = [
            (Some(&same), None),
            (Some(&moved), Some(Change::ConversationMoved)),
            (Some(&replaced), Some(Change::DraftChanged)),
            (Some(&taken), lost_to("bo")),
            (Some(&expired), Some(Change::LeaseLost { by: None })),
            (None, Some(Change::LeaseLost { by: None })),
        ];
        let trail = [crate::app::sample::run("bo", "review_reject", "failed")];
        let over = changed(&pin, Some(&taken), Ending::of(&trail), now);
        assert_eq!(over, Some(Change::Ended(Ending::of(&trail).unwrap())), "a decision comes before the lease");
        let stands = |state: &PaneState, ending| standing(Some(state.clone()), ending, now);
        let until = same.lease_expires_at;
        assert_eq!(stands(&same, None), Standing::Held { by: "ada".to_owned(), until });
        assert_eq!(stands(&expired, None), Standing::Free);
        assert_eq!(stands(&same, Ending::of(&trail)), Standing::Ended(Ending::of(&trail).unwrap()));
        for (state, expected) in cases {
            assert_eq!(changed(&pin, state, None, now), expected);
        }
    }
}
