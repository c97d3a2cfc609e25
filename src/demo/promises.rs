//! Looks behind the calls after a run: did everything that the contract promises hold?

use std::ops::RangeInclusive;

use super::conversations::Sample;
use super::tally::{Event, Tally};
use crate::domain::{JobKind, Status};
use crate::session::Result;
use crate::store::Store;
use crate::store::activity::Act;
use crate::store::invariants::Invariant;

/// Characters of a body that are looked for: enough that they stand nowhere by accident.
const WORDS: RangeInclusive<usize> = 14..=30;

/// Every promise that can be checked from here, those that hold included. `superuser` must see everything; `acts` are
/// what the audit trail knows of the time that was tallied.
pub async fn check(superuser: &Store, samples: &[Sample], tally: &Tally, acts: &[Act]) -> Result<Vec<Invariant>> {
    let bodies: Vec<String> = samples.iter().flat_map(bodies_of).filter_map(words_of).collect();
    let references: Vec<String> = samples.iter().map(|sample| sample.customer_ref.clone()).collect();
    let mut promises = superuser.invariants().await?;
    promises.extend(superuser.words_in_the_clear(&bodies, &references).await?);
    promises.push(missing_in_the_trail(tally, acts));
    Ok(promises)
}

/// What was answered with `applied` and stands nowhere in the audit trail. Others may have been at work as well, so more
/// may stand there.
fn missing_in_the_trail(tally: &Tally, acts: &[Act]) -> Invariant {
    let counted = [
        (Event::Classified, "complete_job", JobKind::Classify, Status::Succeeded),
        (Event::Drafted, "complete_job", JobKind::Draft, Status::Succeeded),
        (Event::Sent, "complete_job", JobKind::Send, Status::Succeeded),
        (Event::Approved, "review_approve", JobKind::Approve, Status::Succeeded),
        (Event::Rejected, "review_reject", JobKind::Approve, Status::Failed),
        (Event::Escalated, "review_escalate", JobKind::Approve, Status::Cancelled),
    ];
    let missing = counted.map(|(event, call, kind, status)| {
        let is_one = |act: &&Act| act.call == call && act.job_kind == kind.as_str() && act.to_status == status.as_str();
        let audited: i64 = acts.iter().filter(is_one).map(|act| act.times).sum();
        tally.of(event).saturating_sub(audited.unsigned_abs())
    });
    let broken = i64::try_from(missing.iter().sum::<u64>()).unwrap_or(i64::MAX);
    Invariant { invariant: "I14 acts that the audit trail does not have".to_owned(), broken }
}

/// How many jobs went up a tier by themselves: late, or doubted by their own author.
pub fn escalated_by_itself(acts: &[Act]) -> i64 {
    let by_itself = |act: &&Act| matches!(act.code.as_deref(), Some("deadline_passed" | "low_confidence"));
    acts.iter().filter(by_itself).map(|act| act.times).sum()
}

fn bodies_of(sample: &Sample) -> impl Iterator<Item = &str> {
    let messages = sample.messages.iter().map(|message| message.body.as_str());
    messages.chain([sample.draft.body.as_str()])
}

/// The beginning of the longest stretch that a row shows as it is: without line breaks, quotes and backslashes. None when
/// it is too short to mean anything.
fn words_of(body: &str) -> Option<String> {
    let stretches = body.split(|character: char| character.is_control() || "\"\\".contains(character));
    let longest = stretches.max_by_key(|stretch| stretch.chars().count())?;
    let words: String = longest.chars().take(*WORDS.end()).collect();
    WORDS.contains(&words.chars().count()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::conversations::samples;

    fn act(call: &str, kind: JobKind, status: Status, code: Option<&str>, times: i64) -> Act {
        Act {
            call: call.to_owned(),
            job_kind: kind.as_str().to_owned(),
            to_status: status.as_str().to_owned(),
            code: code.map(str::to_owned),
            times,
        }
    }

    #[test]
    fn what_was_answered_must_stand_in_the_trail() {
        let tally = Tally::default();
        tally.add(Event::Approved, 3);
        tally.add(Event::Sent, 2);
        let approvals = |times| act("review_approve", JobKind::Approve, Status::Succeeded, None, times);
        let sends = |times| act("complete_job", JobKind::Send, Status::Succeeded, None, times);
        let missing = |acts: &[Act]| missing_in_the_trail(&tally, acts).broken;
        assert_eq!(missing(&[approvals(3), sends(2)]), 0);
        assert_eq!(missing(&[approvals(9), sends(1)]), 1);
        assert_eq!(missing(&[]), 5);
    }

    #[test]
    fn only_what_nobody_decided_went_up_by_itself() {
        let escalation = |code| act("sweep", JobKind::Approve, Status::Cancelled, Some(code), 2);
        let acts = [escalation("deadline_passed"), escalation("low_confidence"), escalation("legal_threat")];
        assert_eq!(escalated_by_itself(&acts), 4);
    }

    #[test]
    fn words_are_such_as_a_row_shows_them() {
        assert_eq!(words_of("Hi,\nwhere is \"my\" new card please?\nM."), Some(" new card please?".to_owned()));
        assert_eq!(words_of("ok thanks"), None);
        let words: Vec<_> = samples().iter().flat_map(bodies_of).filter_map(words_of).collect();
        assert!(words.len() > 150, "{} samples have words to look for", words.len());
    }
}
