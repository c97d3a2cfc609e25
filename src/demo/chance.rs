//! Chance that can be repeated: the same seed gives the same demo.

use std::ops::Range;
use std::time::Duration;

/// A small generator (SplitMix64). Good enough to make traffic look alive, and for nothing else.
#[derive(Debug, Clone)]
pub struct Chance {
    state: u64,
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance { state: seed }
    }

    /// 0 up to, but not including, `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a usize fits into 64 bits");
        usize::try_from(self.next() % end).expect("less than a usize is one")
    }

    /// True that often in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A span from the range, in whole milliseconds. An empty range gives its start.
    pub fn within(&mut self, range: &Range<Duration>) -> Duration {
        let width = usize::try_from(range.end.saturating_sub(range.start).as_millis()).unwrap_or(usize::MAX);
        let offset = if width == 0 { 0 } else { self.below(width) };
        range.start + Duration::from_millis(offset as u64)
    }

    /// Puts the items into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence_and_another_seed_another() {
        let sequence = |seed| {
            let mut chance = Chance::new(seed);
            (0..20).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(sequence(7), sequence(7));
        assert_ne!(sequence(7), sequence(8));
    }

    #[test]
    fn percentages_are_kept_in_the_long_run() {
        for percent in [0, 5, 50, 100] {
            let mut chance = Chance::new(1);
            let hits = (0..10_000).filter(|_| chance.percent(percent)).count();
            assert!(hits.abs_diff(percent * 100) <= 150, "{hits} of 10000 at {percent} percent");
        }
    }

    #[test]
    fn spans_stay_within_their_range() {
        let range = Duration::from_millis(300)..Duration::from_millis(310);
        let mut chance = Chance::new(3);
        assert!((0..100).all(|_| range.contains(&chance.within(&range))));
        assert_eq!(chance.within(&(range.start..range.start)), range.start);
    }

    #[test]
    fn shuffling_loses_nothing() {
        let mut items: Vec<_> = (0..50).collect();
        Chance::new(5).shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
