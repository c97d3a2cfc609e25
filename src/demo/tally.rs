//! What the simulated traffic did, counted where the database said that it was done.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A conversation that began, with a message or with a draft made elsewhere.
    Conversation,
    /// A message of a customer, the first or a further one.
    Message,
    /// A draft that came in ready-made.
    Submitted,
    Classified,
    Drafted,
    Approved,
    Rejected,
    /// By a reviewer; what goes up by itself is not counted here.
    Escalated,
    Revised,
    Undone,
    Skipped,
    Sent,
    /// An attempt that is made again.
    Failed,
    DeadLettered,
}

impl Event {
    pub const ALL: [Event; 14] = [
        Event::Conversation,
        Event::Message,
        Event::Submitted,
        Event::Classified,
        Event::Drafted,
        Event::Approved,
        Event::Rejected,
        Event::Escalated,
        Event::Revised,
        Event::Undone,
        Event::Skipped,
        Event::Sent,
        Event::Failed,
        Event::DeadLettered,
    ];

    /// As the summary says it.
    pub fn name(self) -> &'static str {
        match self {
            Event::Conversation => "conversations in",
            Event::Message => "messages in",
            Event::Submitted => "drafts in",
            Event::Classified => "classified",
            Event::Drafted => "drafted",
            Event::Approved => "approved",
            Event::Rejected => "rejected",
            Event::Escalated => "escalated",
            Event::Revised => "revised",
            Event::Undone => "undone",
            Event::Skipped => "skipped",
            Event::Sent => "sent",
            Event::Failed => "failed attempts",
            Event::DeadLettered => "dead-lettered",
        }
    }
}

/// One count per event, shared by everyone who takes part.
#[derive(Debug, Default)]
pub struct Tally {
    counts: [AtomicU64; Event::ALL.len()],
}

impl Tally {
    pub fn count(&self, event: Event) {
        self.add(event, 1);
    }

    pub fn add(&self, event: Event, times: u64) {
        self.counts[event as usize].fetch_add(times, Ordering::Relaxed);
    }

    pub fn of(&self, event: Event) -> u64 {
        self.counts[event as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_count_of_its_own() {
        let tally = Tally::default();
        for (times, event) in (1..).zip(Event::ALL) {
            tally.add(event, times);
        }
        for (times, event) in (1..).zip(Event::ALL) {
            assert_eq!(tally.of(event), times, "{}", event.name());
        }
    }
}
