//! What a reviewer has to know about a text before reading it, as counts.

use std::fmt;
use std::ops::AddAssign;

use super::line::MarkKind;

/// Counts for the header. They do not overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Findings {
    /// Code points that a reader would not have seen, those that change the direction excepted.
    pub hidden: usize,
    /// Code points that change the direction of the text around them.
    pub bidi: usize,
    /// Words that mix scripts which are not written together, as Latin with Cyrillic lookalikes.
    pub mixed_script: usize,
    /// Links that lead elsewhere than they look.
    pub deceptive_links: usize,
}

impl Findings {
    pub fn is_empty(&self) -> bool {
        *self == Findings::default()
    }

    pub fn total(&self) -> usize {
        self.hidden + self.bidi + self.mixed_script + self.deceptive_links
    }

    pub(super) fn add_mark(&mut self, kind: MarkKind, code_points: usize) {
        match kind {
            MarkKind::Bidi => self.bidi += code_points,
            kind if kind.is_hidden() => self.hidden += code_points,
            _ => {}
        }
    }
}

impl AddAssign for Findings {
    fn add_assign(&mut self, other: Findings) {
        self.hidden += other.hidden;
        self.bidi += other.bidi;
        self.mixed_script += other.mixed_script;
        self.deceptive_links += other.deceptive_links;
    }
}

/// `3 hidden · 1 bidi · 2 mixed-script · 1 deceptive link`, without the parts that are zero.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links = if self.deceptive_links == 1 { "deceptive link" } else { "deceptive links" };
        let parts = [
            (self.hidden, "hidden"),
            (self.bidi, "bidi"),
            (self.mixed_script, "mixed-script"),
            (self.deceptive_links, links),
        ];
        let mut separator = "";
        for (count, name) in parts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{separator}{count} {name}")?;
            separator = " · ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_what_was_found_and_leaves_zeros_out() {
        let all = Findings { hidden: 3, bidi: 1, mixed_script: 2, deceptive_links: 1 };
        assert_eq!(all.to_string(), "3 hidden · 1 bidi · 2 mixed-script · 1 deceptive link");
        let some = Findings { hidden: 0, bidi: 1, mixed_script: 0, deceptive_links: 2 };
        assert_eq!(some.to_string(), "1 bidi · 2 deceptive links");
        assert_eq!(Findings::default().to_string(), "");
    }
}
