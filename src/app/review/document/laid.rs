//! One message as rows, and how many of them were not on the screen yet.

use std::ops::Range;

use uuid::Uuid;

use super::Body;
use super::beneath::Beneath;
use super::seen::Seen;
use crate::text::{Rows, View};

/// A message laid out.
#[derive(Debug)]
pub(super) struct Laid {
    pub(super) message_id: Uuid,
    pub(super) rows: Rows,
    pub(super) beneath: Beneath,
    pub(super) is_text: bool,
    code_points: usize,
    pub(super) seen: Seen,
    /// Rows of it that were not on the screen yet.
    pub(super) unread: usize,
}

impl Laid {
    pub(super) fn new(message_id: Uuid, body: &Body, width: usize, view: View) -> Laid {
        let words = body.words();
        let code_points = words.code_points();
        let rows = Rows::new(words, width, view);
        let unread = rows.len();
        let beneath = Beneath::default();
        Laid { message_id, rows, beneath, is_text: body.text().is_some(), code_points, seen: Seen::default(), unread }
    }

    /// How many rows it takes on the screen.
    pub(super) fn len(&self) -> usize {
        self.rows.len() + self.beneath.len()
    }

    pub(super) fn count_on(&mut self, bytes: usize) {
        if self.rows.count_on(bytes) {
            self.count_unread();
        }
    }

    /// Never zero while something was not on the screen.
    pub(super) fn count_unread(&mut self) {
        let row_of = |code_point| self.rows.row_of(code_point);
        let rows = |gap: Range<usize>| match gap {
            _ if gap.start == 0 && gap.end == self.code_points => self.rows.len(),
            _ if gap.end == self.code_points => self.rows.len() - row_of(gap.start),
            _ => row_of(gap.end - 1) + 1 - row_of(gap.start),
        };
        self.unread = self.seen.missing(self.code_points).into_iter().map(rows).sum();
    }
}
