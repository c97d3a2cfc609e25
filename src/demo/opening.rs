//! What is there before the traffic begins, so that the first frame already shows a busy day: replies that left, replies
//! that did not, and drafts that wait, some of them overdue.
//!
//! A run without a dashboard begins with drafts too.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::cast;
use super::chance::Chance;
use super::conversations::{Channel, Sample, Verdict};
use super::stage::Demo;
use super::tally::Event;
use super::traffic::CUSTOMERS;
use super::traffic::channels::provider_ref;
use super::traffic::desk::{Desk, Office};
use super::traffic::producers::Arrival;
use super::traffic::reviewers::Reviewer;
use super::traffic::worker::Stop;
use crate::domain::{JobId, JobKind, Waiting};
use crate::session::Result;
use crate::store::review::{ListOrder, Opened, Reading};

/// So many drafts wait when the dashboard opens.
const WAITING: usize = 32;

/// So many of those left over from an earlier day are looked at, so that opening takes no longer than a moment.
const LOOKED_AT: i32 = 80;

/// So many drafts begin a run without a dashboard.
const DEALT: usize = 20;

/// How earlier replies ended: None where the provider took them.
const EARLIER: [(Channel, Option<&str>); 14] = [
    (Channel::Sms, Some("provider_timeout")),
    (Channel::Email, None),
    (Channel::Webchat, None),
    (Channel::Sms, None),
    (Channel::Email, Some("invalid_recipient")),
    (Channel::Sms, Some("provider_timeout")),
    (Channel::Webchat, None),
    (Channel::Email, None),
    (Channel::Sms, Some("provider_rejected")),
    (Channel::Email, None),
    (Channel::Webchat, None),
    (Channel::Sms, None),
    (Channel::Sms, Some("provider_timeout")),
    (Channel::Email, None),
];

/// How the database behaves beside a dashboard. Replies leave so many seconds after their approval, as shipped; set again
/// because a run without a dashboard shortens it. Few escalations at a time, so that what is overdue stays to be seen
/// instead of going up all at once.
const BESIDE_A_DASHBOARD: [(&str, i64); 4] = [
    ("queue.customer.escalation_open_limit", 6),
    ("queue.customer.undo_seconds.email", 30),
    ("queue.customer.undo_seconds.sms", 15),
    ("queue.customer.undo_seconds.webchat", 5),
];
const AT_ONCE: [(&str, i64); 3] = [
    ("queue.customer.undo_seconds.email", 0),
    ("queue.customer.undo_seconds.sms", 0),
    ("queue.customer.undo_seconds.webchat", 0),
];

/// Sets the scene where it is not set yet, and settles how this database behaves beside a dashboard.
pub async fn open(demo: &Demo, office: &Arc<Office>, stop: &Stop) -> Result<()> {
    let intake = demo.desk(cast::INTAKE, office, stop).await?;
    let bo = demo.desk(cast::BO, office, stop).await?;
    let mut deck = office.catalogue.deck(&mut Chance::new(20));
    let now = bo.store.whoami().await?.server_time;

    let waiting = match bo.store.waiting(LOOKED_AT, &ListOrder::default()).await? {
        none if none.is_empty() => {
            demo.set(&AT_ONCE).await?;
            earlier_replies(demo, &intake, &bo, &mut deck, now).await?;
            0
        }
        left_over => settle_what_is_old(&bo, left_over, now).await?,
    };
    demo.set(&BESIDE_A_DASHBOARD).await?;
    let missing = WAITING.saturating_sub(waiting);
    deck.truncate(missing);
    submit(&intake, &deck, now, |place| due(place, missing)).await?;
    intake.store.close().await;
    bo.store.close().await;
    Ok(())
}

/// The first drafts of a run without a dashboard, all at once: however slow the machine, every decision is asked for.
pub async fn deal(demo: &Demo, office: &Arc<Office>, stop: &Stop) -> Result<()> {
    let intake = demo.desk(cast::INTAKE, office, stop).await?;
    let mut deck = office.catalogue.deck(&mut Chance::new(CUSTOMERS));
    let first = deck.split_off(deck.len() - DEALT);
    let now = intake.store.whoami().await?.server_time;
    submit(&intake, &first, now, |_| TimeDelta::hours(1)).await?;
    intake.store.close().await;
    Ok(())
}

/// What an earlier day left overdue is decided first: a list of nothing but old work shows no pressure. Returns how many
/// are left.
async fn settle_what_is_old(bo: &Desk, mut waiting: Vec<Waiting>, now: DateTime<Utc>) -> Result<usize> {
    let mut reviewer = Reviewer::new(bo.clone(), Chance::new(21));
    let is_old = |job: &mut Waiting| job.deadline_at.is_some_and(|deadline| deadline < now + due(0, WAITING));
    let left = waiting.len();
    let old: Vec<_> = waiting.extract_if(.., is_old).collect();
    for job in &old {
        reviewer.settle(job).await?;
    }
    Ok(left - old.len())
}

/// Replies that a colleague approved before the dashboard opened, and what became of them.
async fn earlier_replies(
    demo: &Demo,
    intake: &Desk,
    bo: &Desk,
    deck: &mut Vec<Sample>,
    now: DateTime<Utc>,
) -> Result<()> {
    let good = |sample: &Sample, channel| sample.verdict == Verdict::Approve && sample.channel_kind == channel;
    let mut samples = Vec::new();
    for (channel, _) in EARLIER {
        if let Some(place) = deck.iter().position(|sample| good(sample, channel)) {
            samples.push(deck.swap_remove(place));
        }
    }
    for job in submit(intake, &samples, now, |_| TimeDelta::hours(1)).await? {
        approve(bo, job).await?;
    }
    for (channel, login) in cast::SENDERS {
        let sender = demo.desk(login, &bo.office, &bo.stop).await?;
        for (_, error_code) in EARLIER.iter().filter(|(of, _)| *of == channel) {
            send(&sender, channel, *error_code).await?;
        }
        sender.store.close().await;
    }
    Ok(())
}

/// Brings conversations in with their drafts. Returns the jobs that wait for a person.
async fn submit(
    intake: &Desk,
    samples: &[Sample],
    now: DateTime<Utc>,
    due: impl Fn(usize) -> TimeDelta,
) -> Result<Vec<JobId>> {
    let arrivals: Vec<_> = samples.iter().map(|sample| Arrival::of_the_past(sample, now)).collect();
    bring_in(intake, &arrivals, now, due).await
}

/// The same of arrivals that are known by their ids.
pub async fn bring_in(
    intake: &Desk,
    arrivals: &[Arrival<'_>],
    now: DateTime<Utc>,
    due: impl Fn(usize) -> TimeDelta,
) -> Result<Vec<JobId>> {
    let conversations: Vec<_> = arrivals.iter().map(Arrival::conversation).collect();
    for opened in intake.store.open_conversations(&conversations).await? {
        opened?;
    }
    let (mut histories, mut drafts) = (Vec::new(), Vec::new());
    for (place, arrival) in arrivals.iter().enumerate() {
        histories.extend(arrival.history(intake)?);
        drafts.push(arrival.draft(intake, now + due(place))?);
    }
    for stored in intake.store.store_histories(&histories).await? {
        stored?;
    }
    let mut jobs = Vec::new();
    for submitted in intake.store.submit_drafts(&drafts).await? {
        jobs.extend(submitted?.outcome.job_id);
    }
    intake.office.tally.add(Event::Conversation, arrivals.len() as u64);
    intake.office.tally.add(Event::Submitted, jobs.len() as u64);
    Ok(jobs)
}

async fn approve(bo: &Desk, job: JobId) -> Result<()> {
    let claim = bo.store.claim_review(Some(job)).await?;
    let opened = bo.store.open_body(job, claim.outcome.lease_token).await?;
    // A draft that its own author doubted has gone up the ladder already and has no pin here.
    if let Opened::Conversation(conversation) = opened
        && let Some(pin) = &conversation.pin
    {
        let reading = Reading { seconds_on_screen: Some(20), warnings_accepted: None };
        bo.store.approve(job, pin, reading, Uuid::now_v7()).await?;
    }
    Ok(())
}

/// Sends what is ready, with this end.
async fn send(sender: &Desk, channel: Channel, error_code: Option<&str>) -> Result<()> {
    for job in sender.store.claim_jobs(&[JobKind::Send], 1).await? {
        if sender.start(&job).await? && sender.open_for(&job).await?.is_some() {
            match error_code {
                None => sender.sent(&job, provider_ref(channel)).await?,
                Some(error_code) => sender.fail(&job, error_code).await?,
            }
        }
    }
    Ok(())
}

/// When the draft at this place of so many is due: the first have been overdue for ten minutes, the last have two hours,
/// and most are close.
fn due(place: usize, of: usize) -> TimeDelta {
    let part = place as f64 / of.saturating_sub(1).max(1) as f64;
    TimeDelta::seconds((-600.0 + 7_800.0 * part * part) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_drafts_are_due_from_ten_minutes_ago_to_two_hours_ahead() {
        let dues: Vec<_> = (0..WAITING).map(|place| due(place, WAITING)).collect();
        assert_eq!(dues.first(), Some(&TimeDelta::minutes(-10)));
        assert_eq!(dues.last(), Some(&TimeDelta::minutes(120)));
        assert!(dues.is_sorted());
        for limit in [TimeDelta::zero(), TimeDelta::minutes(5), TimeDelta::minutes(15), TimeDelta::minutes(60)] {
            assert!(dues.iter().any(|due| *due < limit) && dues.iter().any(|due| *due >= limit));
        }
        assert_eq!(due(0, 1), TimeDelta::minutes(-10));
    }

    #[test]
    fn the_first_frame_has_dead_letters_of_more_than_one_cause() {
        let causes: std::collections::BTreeSet<_> = EARLIER.iter().filter_map(|(_, error_code)| *error_code).collect();
        assert!(causes.len() >= 3);
    }
}
