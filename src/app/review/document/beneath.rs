//! Rows of ours between the rows of a message: beneath the line of a link stands where it leads.

use std::ops::Range;

use crate::text::{OpenedText, Rows};

/// Which links of a message have a row of their own, and beneath which row of its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Beneath {
    /// In the order of the text.
    hosts: Vec<Host>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Host {
    /// The row of the text above.
    above: usize,
    /// The row in which it is shown, counted from the first of the message.
    shown: usize,
    link: usize,
}

/// What stands in a row of a message as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Text(usize),
    Host(usize),
}

/// More links than anybody reads one by one; of the others only those that deceive are named, by their marks.
const MOST: usize = 200;

impl Beneath {
    /// For a text whose rows were all counted; nothing for others, and before its links are known.
    pub fn of(text: Option<&OpenedText>, rows: &Rows) -> Beneath {
        let links = text.and_then(OpenedText::survey).map_or(&[][..], |survey| &survey.links);
        if !rows.is_exact() || links.len() > MOST {
            return Beneath::default();
        }
        let row_of = |at: &Range<usize>| rows.row_of(at.end.saturating_sub(1).max(at.start));
        let mut links: Vec<(usize, usize)> =
            links.iter().enumerate().map(|(at, link)| (row_of(&link.at), at)).collect();
        links.sort_unstable();
        Beneath::new(&links)
    }

    /// Rows of the text, each with a link whose host stands beneath it; in the order of the text.
    fn new(links: &[(usize, usize)]) -> Beneath {
        let host = |(before, (above, link)): (usize, &(usize, usize))| Host {
            above: *above,
            shown: above + before + 1,
            link: *link,
        };
        Beneath { hosts: links.iter().enumerate().map(host).collect() }
    }

    /// How many rows they are.
    pub fn len(&self) -> usize {
        self.hosts.len()
    }

    /// Where a row of the text is shown.
    pub fn shown_at(&self, row: usize) -> usize {
        row + self.hosts.partition_point(|host| host.above < row)
    }

    /// What is shown in a row.
    pub fn at(&self, shown: usize) -> Shown {
        match self.hosts.binary_search_by_key(&shown, |host| host.shown) {
            Ok(found) => Shown::Host(self.hosts[found].link),
            Err(before) => Shown::Text(shown - before),
        }
    }

    /// The row of the text that is shown here, or above.
    pub fn text_row(&self, shown: usize) -> usize {
        match self.hosts.binary_search_by_key(&shown, |host| host.shown) {
            Ok(found) => self.hosts[found].above,
            Err(before) => shown - before,
        }
    }

    /// The rows of the text among some that are shown.
    pub fn text_rows(&self, shown: Range<usize>) -> Range<usize> {
        let before = |shown: usize| shown - self.hosts.partition_point(|host| host.shown < shown);
        before(shown.start)..before(shown.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_text_and_of_ours_are_told_apart() {
        let beneath = Beneath::new(&[(0, 0), (2, 1), (2, 2), (5, 3)]);
        let shown: Vec<Shown> = (0..11).map(|row| beneath.at(row)).collect();
        let expected = [
            Shown::Text(0),
            Shown::Host(0),
            Shown::Text(1),
            Shown::Text(2),
            Shown::Host(1),
            Shown::Host(2),
            Shown::Text(3),
            Shown::Text(4),
            Shown::Text(5),
            Shown::Host(3),
            Shown::Text(6),
        ];
        assert_eq!(shown, expected);
        for row in 0..7 {
            assert_eq!(beneath.at(beneath.shown_at(row)), Shown::Text(row));
        }
    }

    #[test]
    fn a_window_shows_the_rows_of_the_text_that_stand_in_it() {
        let beneath = Beneath::new(&[(0, 0), (2, 1), (2, 2), (5, 3)]);
        for from in 0..=11 {
            for to in from..=11 {
                let rows = (from..to).filter_map(|row| match beneath.at(row) {
                    Shown::Text(row) => Some(row),
                    Shown::Host(_) => None,
                });
                let rows: Vec<usize> = rows.collect();
                assert_eq!(beneath.text_rows(from..to).collect::<Vec<_>>(), rows, "{from}..{to}");
                assert!(from == to || beneath.text_row(from) <= beneath.text_rows(from..to).start);
            }
        }
        assert_eq!(Beneath::default().text_rows(3..9), 3..9);
    }
}
