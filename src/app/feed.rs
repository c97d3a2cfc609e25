//! Data from the database: how old it is, and which answer belongs to which question.

use chrono::{DateTime, Duration, Utc};

use super::msg::Failure;

/// What changes all the time is asked for no more often than leaves the database this many times as long as its answer took for
/// others: it is read by more than one, and it is slow where there is much.
const LEISURE: i32 = 2;

/// How often to ask.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Of what nothing is heard: time passes there too.
    pub every: Duration,
    /// The shortest time between two questions, however often something changes. Not longer than `every`.
    pub soon: Duration,
}

impl Pace {
    pub fn new(every: Duration, soon: Duration) -> Pace {
        Pace { every, soon: soon.min(every) }
    }
}

/// What was loaded, with its age. Data that went stale stays on the screen.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Load<T> {
    /// Nothing came yet.
    #[default]
    Never,
    /// As of `at`.
    Ready { data: T, at: DateTime<Utc> },
    /// As of `at`; the last attempt to renew it failed.
    Stale { data: T, at: DateTime<Utc>, error: Failure },
}

impl<T> Load<T> {
    /// The last good data, however old.
    pub fn data(&self) -> Option<&T> {
        match self {
            Load::Never => None,
            Load::Ready { data, .. } | Load::Stale { data, .. } => Some(data),
        }
    }

    /// The same, where an answer makes a row of it untrue before the next load does.
    pub fn data_mut(&mut self) -> Option<&mut T> {
        match self {
            Load::Never => None,
            Load::Ready { data, .. } | Load::Stale { data, .. } => Some(data),
        }
    }

    /// When the data was true.
    pub fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Load::Never => None,
            Load::Ready { at, .. } | Load::Stale { at, .. } => Some(*at),
        }
    }

    fn spoil(&mut self, error: Failure) {
        *self = match std::mem::take(self) {
            Load::Never => Load::Never,
            Load::Ready { data, at } | Load::Stale { data, at, .. } => Load::Stale { data, at, error },
        };
    }
}

/// Grows with every question, so that a late answer to an earlier one is known and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Generation(pub u64);

/// An answer, with the generation of its question.
#[derive(Debug)]
pub struct Reply<T> {
    pub generation: Generation,
    /// When the data was read.
    pub at: DateTime<Utc>,
    pub result: Result<T, Failure>,
}

/// One kind of data and the question that is under way for it. Latest wins.
#[derive(Debug, Clone)]
pub struct Feed<T> {
    pub load: Load<T>,
    generation: Generation,
    asked_at: Option<DateTime<Utc>>,
    /// How long the last answer took.
    took: Duration,
    /// Something changed since.
    is_old: bool,
    in_flight: bool,
    /// How many rows are wanted, of a list.
    rows: usize,
}

impl<T> Default for Feed<T> {
    fn default() -> Self {
        Feed {
            load: Load::Never,
            generation: Generation::default(),
            asked_at: None,
            took: Duration::zero(),
            is_old: false,
            in_flight: false,
            rows: 0,
        }
    }
}

impl<T> Feed<T> {
    /// The last good data, however old.
    pub fn data(&self) -> Option<&T> {
        self.load.data()
    }

    /// Takes the answer in, unless a later question was asked meanwhile. Says whether it did.
    pub fn take(&mut self, reply: Reply<T>) -> bool {
        if reply.generation != self.generation {
            return false;
        }
        self.in_flight = false;
        self.took = self.asked_at.map_or(self.took, |asked_at| (reply.at - asked_at).max(Duration::zero()));
        match reply.result {
            Ok(data) => self.load = Load::Ready { data, at: reply.at },
            Err(error) => self.load.spoil(error),
        }
        true
    }

    /// So many rows are wanted from now on. More than before are asked for at once.
    pub fn want(&mut self, rows: usize) -> usize {
        if rows > self.rows {
            self.asked_at = None;
        }
        self.rows = rows;
        rows
    }

    /// Forgets the data, because another question was asked: another filter, another job.
    pub fn forget(&mut self) {
        self.load = Load::Never;
        self.asked_at = None;
        self.in_flight = false;
        self.generation.0 += 1;
    }
}

/// What is done with every feed, whatever it brings.
pub trait Renewed {
    /// From when on to ask again: the last question is old, or less old and something changed. None: a question is under way.
    fn due_at(&self, now: DateTime<Utc>, pace: Pace) -> Option<DateTime<Utc>>;

    /// Notes that a question goes out; answers to earlier ones are dropped from now on.
    fn ask(&mut self, now: DateTime<Utc>) -> Generation;

    /// Something changed: the question is due soon.
    fn age(&mut self);

    /// Makes the question due as soon as none is under way.
    fn hurry(&mut self);

    /// After a lost connection no answer will come for what was under way.
    fn lose(&mut self, error: Failure);
}

impl<T> Renewed for Feed<T> {
    fn due_at(&self, now: DateTime<Utc>, pace: Pace) -> Option<DateTime<Utc>> {
        if self.in_flight {
            return None;
        }
        let soon = (self.took * LEISURE).clamp(pace.soon, pace.every);
        let span = if self.is_old { soon } else { pace.every };
        Some(self.asked_at.map_or(now, |at| if has_passed(span, at, now) { now } else { at + span }))
    }

    fn ask(&mut self, now: DateTime<Utc>) -> Generation {
        self.generation.0 += 1;
        self.asked_at = Some(now);
        self.is_old = false;
        self.in_flight = true;
        self.generation
    }

    fn age(&mut self) {
        self.is_old = true;
    }

    fn hurry(&mut self) {
        self.asked_at = None;
    }

    fn lose(&mut self, error: Failure) {
        self.in_flight = false;
        self.load.spoil(error);
    }
}

/// Whether so much time has passed. A clock that stepped back behind `since` says nothing, so it counts as passed.
pub fn has_passed(span: Duration, since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now < since || now - since >= span
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::seconds(second)
    }

    fn reply(generation: Generation, data: u8) -> Reply<u8> {
        Reply { generation, at: at(5), result: Ok(data) }
    }

    #[test]
    fn late_answer_to_an_earlier_question_is_dropped() {
        let mut feed = Feed::default();
        let first = feed.ask(at(0));
        let second = feed.ask(at(1));
        assert!(feed.take(reply(second, 2)));
        assert!(!feed.take(reply(first, 1)));
        assert_eq!(feed.data(), Some(&2));
    }

    fn every(second: i64) -> Pace {
        Pace::new(Duration::seconds(second), Duration::zero())
    }

    fn is_due(feed: &Feed<u8>, now: DateTime<Utc>, pace: Pace) -> bool {
        feed.due_at(now, pace).is_some_and(|due_at| due_at <= now)
    }

    #[test]
    fn one_question_is_under_way_at_a_time() {
        let mut feed = Feed::default();
        assert!(is_due(&feed, at(0), every(1)));
        let generation = feed.ask(at(0));
        assert_eq!(feed.due_at(at(9), every(1)), None);
        feed.take(reply(generation, 1));
        assert!(is_due(&feed, at(9), every(1)));
    }

    #[test]
    fn what_changed_is_asked_for_soon_and_not_all_the_time() {
        let mut feed = Feed::default();
        let generation = feed.ask(at(3));
        // It came two seconds later.
        feed.take(reply(generation, 1));
        assert_eq!(feed.due_at(at(6), every(60)), Some(at(3 + 60)));
        feed.age();
        assert_eq!(feed.due_at(at(5), every(60)), Some(at(3 + 4)));
        assert!(is_due(&feed, at(3 + 4), every(60)));
        assert_eq!(feed.due_at(at(5), every(3)), Some(at(3 + 3)), "no later than what changed nothing");
        let generation = feed.ask(at(11));
        feed.take(reply(generation, 2));
        assert!(!is_due(&feed, at(30), every(60)), "nothing changed since");
    }

    #[test]
    fn what_stands_beside_follows_at_a_pace_of_its_own() {
        let mut feed = Feed::default();
        let generation = feed.ask(at(5));
        feed.take(reply(generation, 1));
        feed.age();
        let pace = Pace::new(Duration::seconds(60), Duration::seconds(7));
        assert_eq!(feed.due_at(at(6), pace), Some(at(5 + 7)), "however quick the answer was");
    }

    #[test]
    fn a_clock_that_steps_back_stops_no_refresh() {
        let mut feed = Feed::default();
        let generation = feed.ask(at(3600));
        feed.take(reply(generation, 1));
        assert!(is_due(&feed, at(0), every(1)));
    }

    #[test]
    fn failure_keeps_the_last_good_data_and_its_age() {
        let mut feed = Feed::default();
        let generation = feed.ask(at(0));
        feed.take(reply(generation, 7));
        let generation = feed.ask(at(9));
        let error = Failure::Away("connection refused".to_owned());
        feed.take(Reply { generation, at: at(10), result: Err(error.clone()) });
        assert_eq!(feed.load, Load::Stale { data: 7, at: at(5), error });
    }
}
