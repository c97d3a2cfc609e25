//! How long something has to be on the screen before a key can be meant as an answer to it.
//!
//! Three hundred milliseconds, and no less than twice the way to the terminal and back. The way is measured each time
//! something new is shown, by asking the terminal for its status right behind it: the answer stands in the input behind
//! everything that was typed before the new thing was there, so no key before the answer can be about it.

use std::time::{Duration, Instant};

/// What it takes to read a line.
const LEAST: Duration = Duration::from_millis(300);
/// After a key that came too early: longer than keyboards wait before a held key repeats.
const PAUSE: Duration = Duration::from_millis(700);
/// How long the terminal's answer is waited for. A longer way than this is nobody's.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same of a terminal that never answered before, when the program ends.
const STRANGER: Duration = Duration::from_millis(400);
/// After this long an answer does not come any more.
const LOST: Duration = Duration::from_secs(10);

/// Follows what is shown, what is asked and what is answered.
#[derive(Debug, Default)]
pub struct ReadingTime {
    terminal: Hearing,
    /// When the terminal was asked, of the questions that are not answered, oldest first.
    asked: Vec<Instant>,
    /// Answers that came too late to be waited for, and since when.
    owed: Option<(usize, Instant)>,
    round_trip: Duration,
    shown: Option<Shown>,
}

/// Whether the terminal answers at all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Hearing {
    #[default]
    Unknown,
    Answers,
    Silent,
}

#[derive(Debug, Clone, Copy)]
struct Shown {
    at: Instant,
    least: Duration,
    /// The time has passed, and what was typed in it is being read.
    draining: bool,
}

impl ReadingTime {
    /// Something new stands on the screen since `at`. True when the terminal is to be asked for its status now.
    pub fn shown(&mut self, at: Instant, hasty: bool) -> bool {
        self.shown = Some(Shown { at, least: if hasty { PAUSE } else { LEAST }, draining: false });
        self.ask(at)
    }

    /// Notes that the terminal is asked for its status; false when that is of no use.
    pub fn ask(&mut self, at: Instant) -> bool {
        if self.terminal == Hearing::Silent {
            return false;
        }
        self.asked.push(at);
        true
    }

    /// The terminal answered.
    pub fn answered(&mut self, at: Instant) {
        self.terminal = Hearing::Answers;
        if let Some((count, since)) = self.owed.take()
            && at - since < LOST
        {
            self.owed = (count > 1).then_some((count - 1, since));
            return;
        }
        if !self.asked.is_empty() {
            self.round_trip = at - self.asked.remove(0);
        }
    }

    /// When the time for reading has passed: then what was typed in it has to be read, however late the program is.
    pub fn due(&self) -> Option<Instant> {
        let shown = self.shown.filter(|shown| !shown.draining)?;
        let from = shown.at + shown.least.max(2 * self.round_trip);
        // From the first question on that is not answered: whoever keeps pressing keys renews the last.
        Some(self.asked.first().map_or(from, |asked| from.max(*asked + PATIENCE)))
    }

    /// Whether what was typed in the time for reading is to be read now. Says so once.
    pub fn has_passed(&mut self, now: Instant) -> bool {
        if self.due().is_none_or(|due| now < due) {
            return false;
        }
        self.give_up(now);
        if let Some(shown) = &mut self.shown {
            shown.draining = true;
        }
        true
    }

    /// What was typed until now has been read. Returns whether what comes next can be an answer to what is on the screen,
    /// which may be a new thing since.
    pub fn is_drained(&mut self) -> bool {
        self.shown.take_if(|shown| shown.draining).is_some()
    }

    /// How long the terminal's answer may still take; none when nothing is waited for.
    pub fn answer_due(&self, now: Instant) -> Option<Duration> {
        let last = self.asked.last()?;
        let patience = if self.terminal == Hearing::Answers { PATIENCE } else { STRANGER };
        Some((*last + patience).saturating_duration_since(now)).filter(|left| !left.is_zero())
    }

    /// Somebody else had the terminal: what was asked is not answered to us, and what was shown is gone.
    pub fn forget(&mut self) {
        *self = ReadingTime { round_trip: self.round_trip, ..ReadingTime::default() };
    }

    /// What is not answered by now is waited for no longer, and is no answer to what is asked next.
    fn give_up(&mut self, now: Instant) {
        if self.asked.is_empty() {
            return;
        }
        if self.terminal == Hearing::Unknown {
            self.terminal = Hearing::Silent;
        }
        let before = self.owed.map_or(0, |(count, _)| count);
        self.owed = Some((before + self.asked.len(), now));
        self.asked.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// When a thing that is shown now can be read, with an answer that takes this long.
    fn opens(time: &mut ReadingTime, start: Instant, answer: Option<u64>, hasty: bool) -> Duration {
        assert!(time.shown(start, hasty) || answer.is_none());
        if let Some(answer) = answer {
            time.answered(start + millis(answer));
        }
        let due = time.due().unwrap();
        assert!(!time.has_passed(due - millis(1)) && !time.is_drained());
        assert!(time.has_passed(due) && !time.has_passed(due));
        assert!(time.is_drained() && !time.is_drained());
        due - start
    }

    #[test]
    fn a_line_is_there_for_300_milliseconds_or_twice_the_way_to_the_terminal() {
        let start = Instant::now();
        let mut time = ReadingTime::default();
        for (answer, expected) in [(1, 300), (150, 300), (200, 400), (900, 1800), (20, 300)] {
            assert_eq!(opens(&mut time, start, Some(answer), false), millis(expected), "{answer}");
        }
        assert_eq!(opens(&mut time, start, Some(1), true), millis(700), "after a key that came too early");
        assert_eq!(opens(&mut time, start, Some(400), true), millis(800));
    }

    #[test]
    fn no_key_before_the_answer_counts_however_long_that_takes() {
        let start = Instant::now();
        let mut time = ReadingTime::default();
        opens(&mut time, start, Some(10), false);
        time.shown(start, false);
        assert!(!time.has_passed(start + millis(1_500)));
        time.answered(start + millis(1_500));
        assert!(!time.has_passed(start + millis(2_999)));
        assert!(time.has_passed(start + millis(3_000)));
    }

    #[test]
    fn a_terminal_that_never_answers_is_asked_once() {
        let start = Instant::now();
        let mut time = ReadingTime::default();
        assert_eq!(opens(&mut time, start, None, false), PATIENCE);
        assert!(!time.shown(start, false));
        assert_eq!(opens(&mut time, start, None, false), LEAST);
        assert_eq!(time.answer_due(start), None);
        time.forget();
        assert!(time.shown(start, false), "somebody else's terminal may answer");
    }

    #[test]
    fn who_keeps_pressing_keys_at_a_silent_terminal_is_not_held_up_for_ever() {
        let start = Instant::now();
        let mut time = ReadingTime::default();
        for again in 0..4 {
            time.shown(start + again * millis(600), true);
        }
        assert!(time.has_passed(start + millis(2_500)));
    }

    #[test]
    fn a_late_answer_is_not_taken_for_that_to_the_next_question() {
        let start = Instant::now();
        let mut time = ReadingTime::default();
        opens(&mut time, start, Some(10), false);
        assert_eq!(opens(&mut time, start, None, false), PATIENCE);
        let later = start + millis(3_000);
        assert!(time.shown(later, false));
        time.answered(later + millis(5));
        assert!(!time.has_passed(later + millis(1_000)), "that was the answer to the question before");
        time.answered(later + millis(100));
        assert!(time.has_passed(later + millis(300)));
        // One that is lost for good does not hold up those after it for ever.
        assert_eq!(opens(&mut time, later, None, false), PATIENCE);
        let much_later = later + PATIENCE + LOST;
        assert_eq!(opens(&mut time, much_later, Some(50), false), LEAST);
    }

    #[test]
    fn what_is_shown_next_has_a_time_of_its_own() {
        let start = Instant::now();
        let mut time = ReadingTime::default();
        time.shown(start, false);
        time.answered(start + millis(1));
        time.shown(start + millis(200), false);
        time.answered(start + millis(201));
        assert!(!time.has_passed(start + millis(499)));
        assert!(time.has_passed(start + millis(500)));
        time.shown(start + millis(501), false);
        assert!(!time.is_drained(), "that was drained for the thing before");
    }
}
