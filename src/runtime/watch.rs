//! Notices what happened to the job that is being read: the customer wrote again, the draft was replaced, the lease went,
//! somebody else decided it.
//!
//! The database refuses a decision on what has changed anyway; this is for the person, who should know at once.

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::desk::Desk;
use crate::app::Msg;
use crate::app::review::{Change, Standing};
use crate::domain::review::Ending;
use crate::domain::{JobId, PayloadRef, Pin};
use crate::store::review::PaneState;

/// What is open, and under which pin; none where it is only looked at.
type Subject = (JobId, Option<Pin>);

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
        self.subject.send_replace(Some((job_id, pin)));
    }
}

async fn compare(desk: Desk, mut subjects: watch::Receiver<Option<Subject>>) {
    while subjects.changed().await.is_ok() {
        let subject = subjects.borrow_and_update().clone();
        let Some((job_id, pin)) = subject else { continue };
        // A database that is away is the keeper's business.
        let Ok(state) = desk.store.pane_state(job_id).await else { continue };
        let ending = match &state {
            Some(state) if state.status.is_terminal() => match desk.store.history(job_id).await {
                Ok(trail) => Ending::of(&trail),
                Err(_) => continue,
            },
            _ => None,
        };
        let now = desk.clock.now();
        match pin {
            Some(pin) => {
                if let Some(change) = changed(&pin, state.as_ref(), ending, now) {
                    desk.tell(Msg::Changed { job_id, pin, change, now });
                }
            }
            None => desk.tell(Msg::Stands { job_id, standing: standing(state, ending, now), now }),
        }
    }
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
