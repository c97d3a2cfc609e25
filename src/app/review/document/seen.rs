//! Which code points of a message were on the screen. Holds at every width.

use std::iter;
use std::ops::Range;

/// Stretches of code points, in order, that neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    stretches: Vec<Range<usize>>,
}

impl Seen {
    /// These were on the screen too. Says whether that is news.
    pub(super) fn add(&mut self, new: Range<usize>) -> bool {
        let first = self.stretches.partition_point(|old| old.end < new.start);
        let last = self.stretches.partition_point(|old| old.start <= new.end);
        let touched = &self.stretches[first..last];
        if let [only] = touched
            && only.start <= new.start
            && new.end <= only.end
        {
            return false;
        }
        let start = touched.first().map_or(new.start, |old| old.start.min(new.start));
        let end = touched.last().map_or(new.end, |old| old.end.max(new.end));
        self.stretches.splice(first..last, iter::once(start..end));
        true
    }

    /// What is missing of the first `code_points`. A text without any has to be seen as well: its one row is.
    pub(super) fn missing(&self, code_points: usize) -> Vec<Range<usize>> {
        if self.stretches.is_empty() {
            return iter::once(0..code_points).collect();
        }
        let begins = iter::once(0).chain(self.stretches.iter().map(|old| old.end));
        let ends = self.stretches.iter().map(|old| old.start).chain([code_points]);
        begins.zip(ends).map(|(begin, end)| begin..end).filter(|gap| !gap.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(seen: &Seen, code_points: usize) -> Vec<(usize, usize)> {
        seen.missing(code_points).into_iter().map(|gap| (gap.start, gap.end)).collect()
    }

    #[test]
    fn stretches_grow_together() {
        let mut seen = Seen::default();
        assert_eq!(missing(&seen, 10), [(0, 10)]);
        assert!(seen.add(2..4));
        assert!(seen.add(6..8));
        assert!(!seen.add(2..3));
        assert_eq!(missing(&seen, 10), [(0, 2), (4, 6), (8, 10)]);
        assert!(seen.add(4..6), "touches both");
        assert_eq!(missing(&seen, 10), [(0, 2), (8, 10)]);
        assert!(seen.add(0..10));
        assert_eq!(missing(&seen, 10), []);
    }

    #[test]
    fn an_empty_text_is_seen_when_its_row_was() {
        let mut seen = Seen::default();
        assert_eq!(missing(&seen, 0), [(0, 0)]);
        assert!(seen.add(0..0));
        assert_eq!(missing(&seen, 0), []);
        assert!(!seen.add(0..0));
    }
}
