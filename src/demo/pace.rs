//! How fast the simulated traffic goes, and how often the unusual happens.

use std::ops::Range;
use std::time::Duration;

use super::chance::Chance;

/// The speed of one demo. Percentages are of the occasions on which something could happen.
#[derive(Debug, Clone)]
pub struct Pace {
    /// From one new conversation to the next.
    pub between_conversations: Duration,
    /// How many conversations later a customer who has more to say says it.
    pub follow_on_after: Range<usize>,
    pub classifying: Range<Duration>,
    pub drafting: Range<Duration>,
    pub sending: Range<Duration>,
    /// How long a simulated reviewer reads before deciding.
    pub reading: Range<Duration>,
    /// Between looks for work when there was none.
    pub idle: Duration,
    pub between_sweeps: Duration,
    /// How soon replies are promised, each with how many in a hundred.
    pub deadlines: &'static [(usize, Range<Duration>)],
    /// From one outage of the SMS provider to the next, and how long it lasts.
    pub outage_every: Range<Duration>,
    pub outage_lasts: Range<Duration>,
    /// So many waiting jobs are left for the person at the dashboard.
    pub left_for_the_person: usize,
    /// How long a simulated reviewer rests when exactly one more than that waits.
    pub rest: Duration,
    /// Decisions taken back.
    pub change_of_mind_percent: usize,
    /// Good drafts that are edited nevertheless, for a second look.
    pub revised_percent: usize,
    /// Jobs given back unread.
    pub skipped_percent: usize,
}

impl Pace {
    /// Beside the dashboard: brisk enough that every screen lives, slow enough to follow.
    pub const LIVE: Pace = Pace {
        between_conversations: Duration::from_millis(2_200),
        follow_on_after: 6..40,
        classifying: milliseconds(200, 900),
        drafting: milliseconds(800, 3_000),
        sending: milliseconds(300, 1_500),
        reading: milliseconds(1_000, 3_500),
        idle: Duration::from_millis(700),
        between_sweeps: Duration::from_secs(3),
        deadlines: &[(20, seconds(50, 140)), (35, seconds(140, 600)), (45, seconds(600, 3_600))],
        outage_every: seconds(100, 260),
        outage_lasts: seconds(45, 75),
        left_for_the_person: 25,
        rest: Duration::from_secs(8),
        change_of_mind_percent: 3,
        revised_percent: 3,
        skipped_percent: 3,
    };

    /// Without a dashboard: as much as possible in a short time.
    pub const HEADLESS: Pace = Pace {
        between_conversations: Duration::from_millis(80),
        follow_on_after: 2..15,
        classifying: milliseconds(2, 15),
        drafting: milliseconds(5, 40),
        sending: milliseconds(5, 40),
        reading: milliseconds(10, 60),
        idle: Duration::from_millis(60),
        between_sweeps: Duration::from_millis(500),
        deadlines: &[(10, seconds(1, 4)), (40, seconds(10, 300)), (50, seconds(300, 3_600))],
        outage_every: seconds(3, 8),
        outage_lasts: seconds(1, 2),
        left_for_the_person: 0,
        rest: Duration::ZERO,
        change_of_mind_percent: 8,
        revised_percent: 6,
        skipped_percent: 4,
    };

    /// What happened before anybody looked: nobody pauses, nobody hesitates.
    pub const AT_ONCE: Pace = Pace {
        reading: milliseconds(0, 0),
        change_of_mind_percent: 0,
        revised_percent: 0,
        skipped_percent: 0,
        ..Pace::HEADLESS
    };

    /// How long until the reply is promised.
    pub fn deadline(&self, chance: &mut Chance) -> Duration {
        let mut drawn = chance.below(100);
        for (share, span) in self.deadlines {
            if drawn < *share {
                return chance.within(span);
            }
            drawn -= share;
        }
        unreachable!("the shares of the deadlines make a hundred")
    }

    /// How long a simulated reviewer rests while so many jobs wait; None when those are for the person. The more wait,
    /// the shorter, so that the list neither runs dry nor grows without end.
    pub fn rest_while(&self, waiting: usize) -> Option<Duration> {
        if waiting <= self.left_for_the_person {
            return None;
        }
        let ratio = self.left_for_the_person as f64 / waiting as f64;
        Some(self.rest.mul_f64(ratio * ratio))
    }
}

const fn milliseconds(start: u64, end: u64) -> Range<Duration> {
    Duration::from_millis(start)..Duration::from_millis(end)
}

const fn seconds(start: u64, end: u64) -> Range<Duration> {
    Duration::from_secs(start)..Duration::from_secs(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_the_deadlines_make_a_hundred() {
        for pace in [Pace::LIVE, Pace::HEADLESS] {
            assert_eq!(pace.deadlines.iter().map(|(share, _)| share).sum::<usize>(), 100);
        }
    }

    #[test]
    fn some_deadlines_press_within_a_minute_and_most_do_not() {
        let mut chance = Chance::new(1);
        let drawn: Vec<_> = (0..1000).map(|_| Pace::LIVE.deadline(&mut chance)).collect();
        let pressing = drawn.iter().filter(|span| **span <= Duration::from_secs(60 + 60)).count();
        assert!((50..350).contains(&pressing), "{pressing} of 1000 are due within two minutes");
    }

    #[test]
    fn reviewers_leave_work_for_the_person_and_hurry_when_too_much_waits() {
        let rest = |waiting| Pace::LIVE.rest_while(waiting);
        assert_eq!((rest(0), rest(25)), (None, None));
        assert!(rest(26) > rest(60) && rest(60) > rest(200) && rest(200).is_some());
        assert_eq!(Pace::HEADLESS.rest_while(1), Some(Duration::ZERO));
    }
}
