//! What a person means, judged from what stands on their screen and what they type, and from nothing else.
//!
//! The law is that of the confirm line: it names verb and job, it has been there for as long as reading takes, and then
//! exactly what it asks for is typed, each key by itself.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A line that was there for this long can have been read, wherever the person sits.
const READ: Duration = Duration::from_millis(300);
/// A line that was there for less than this cannot. Between the two it depends on the way to the terminal, which lengthens
/// the wait of the program and shortens what is left of it for the person.
const UNREAD: Duration = Duration::from_millis(100);

/// A decision, as the confirm line and the table of decisions name it.
pub type Decision = (i64, String);

/// Follows one terminal.
#[derive(Debug, Default)]
pub struct Intent {
    line: Option<Line>,
    /// How much of what the line asks for was typed.
    typed: usize,
    /// Decisions that were meant.
    pub meant: BTreeSet<Decision>,
    /// Decisions that the law leaves open.
    pub open: BTreeSet<Decision>,
    /// Keys that would have decided, had there been time to read.
    pub hasty: usize,
    /// What was seen and typed, line by line.
    pub trail: Vec<String>,
    since: Option<Instant>,
}

/// The confirm line on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    decision: Decision,
    asks: String,
    since: Instant,
}

impl Intent {
    /// The screen is this from now on.
    pub fn see(&mut self, screen: &[String], now: Instant) {
        let line = confirm_line(screen, now);
        let stays = match (&self.line, &line) {
            (Some(before), Some(line)) => before.decision == line.decision && before.asks == line.asks,
            _ => false,
        };
        if !stays {
            self.note(now, &format!("shows {line:?}"));
            self.line = line;
            self.typed = 0;
        }
    }

    /// The digits or the letter that the line asks for next.
    pub fn asked(&self) -> Option<&str> {
        let asks = &self.line.as_ref()?.asks;
        asks.get(self.typed..=self.typed)
    }

    /// For how long the line has been there.
    pub fn age(&self, now: Instant) -> Option<Duration> {
        self.line.as_ref().map(|line| now - line.since)
    }

    /// These were typed, all at once.
    pub fn typed(&mut self, keys: &str, now: Instant) {
        let asked = self.asked().is_some_and(|asked| asked == keys);
        self.note(now, &format!("typed {keys:?}, line is {:?} old", self.age(now)));
        let Some(line) = &mut self.line else { return };
        let age = now - line.since;
        if !asked || age < UNREAD {
            self.hasty += usize::from(asked);
            self.typed = 0;
            if reopens(keys) {
                line.since = now;
            }
            return;
        }
        self.typed += 1;
        if self.typed == line.asks.len() {
            self.typed = 0;
            let meant = if age < READ { &mut self.open } else { &mut self.meant };
            meant.insert(line.decision.clone());
        }
    }

    fn note(&mut self, now: Instant, what: &str) {
        let since = *self.since.get_or_insert(now);
        self.trail.push(format!("{:.3} {what}", (now - since).as_secs_f64()));
    }
}

/// Whether these close the line, so that it may be another one before the screen shows that. Any other key does nothing.
fn reopens(keys: &str) -> bool {
    !keys.starts_with("\x1b[") && keys.contains(['\x1b', 'n'])
}

fn confirm_line(screen: &[String], now: Instant) -> Option<Line> {
    let verbs = [(" APPROVE #", "approve"), (" REJECT #", "reject"), (" ESCALATE #", "escalate")];
    for (row, below) in screen.iter().zip(&screen[1..]) {
        for (begin, verb) in verbs {
            let Some(rest) = row.strip_prefix(begin) else { continue };
            let digits = rest.split(' ').next().unwrap_or_default();
            let asks = match below.split_once("type ") {
                Some((_, digest)) => digest.split(' ').next().unwrap_or_default().to_owned(),
                None if below.starts_with(" y ") => "y".to_owned(),
                None => continue,
            };
            return Some(Line { decision: (digits.parse().ok()?, verb.to_owned()), asks, since: now });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(first: &str, second: &str) -> Vec<String> {
        ["a message", first, second, "footer"].map(str::to_owned).to_vec()
    }

    /// What is meant when these are typed at these milliseconds after the lines came up.
    fn meant(first: &str, second: &str, typed: &[(&str, u64)]) -> usize {
        let start = Instant::now();
        let mut intent = Intent::default();
        intent.see(&screen(first, second), start);
        for (keys, after) in typed {
            intent.typed(keys, start + Duration::from_millis(*after));
        }
        intent.meant.len()
    }

    #[test]
    fn only_what_is_asked_for_is_meant_and_only_when_it_can_have_been_read() {
        let yes = (" APPROVE #7 · 7f3a-91c2", " y approve     any other key");
        let cases: [(&[(&str, u64)], usize); 8] = [
            (&[("y", 300)], 1),
            (&[("y", 50)], 0),
            (&[("Y", 400)], 0),
            (&[("yy", 400)], 0),
            (&[("Ay", 400)], 0),
            (&[("\x1b[200~y\x1b[201~", 400)], 0),
            (&[("\x1b", 400), ("y", 450)], 0),
            (&[("x", 400), ("y", 450)], 1),
        ];
        for (typed, expected) in cases {
            assert_eq!(meant(yes.0, yes.1, typed), expected, "{typed:?}");
        }
        let digits = (" REJECT #7 · tone", " accepts 2 hidden: type 7f3a > ____");
        let typed =
            |keys: &[&'static str]| -> Vec<(&'static str, u64)> { keys.iter().map(|key| (*key, 400)).collect() };
        assert_eq!(meant(digits.0, digits.1, &typed(&["7", "f", "3", "a"])), 1);
        assert_eq!(meant(digits.0, digits.1, &typed(&["7", "x", "f", "3", "a"])), 0);
        assert_eq!(meant(digits.0, digits.1, &typed(&["7f3a"])), 0);
        assert_eq!(meant("no such line", " y approve", &[("y", 400)]), 0);
    }
}
