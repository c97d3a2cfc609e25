//! What in a text is worth a look of its own before anybody decides on it.

use std::fmt;
use std::ops::Range;

use super::line::SafeLine;
use super::links::Deception;

/// A place in a text that a reviewer has to visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Code points of the text, counted from its beginning. Never empty.
    pub at: Range<usize>,
    pub remark: Remark,
}

/// Why the place is worth a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Code points that a reader would not have seen.
    Hidden,
    /// Code points that change the direction of the text around them.
    Bidi,
    /// A word of letters from scripts that are not written together.
    MixedScript,
    /// A link that leads elsewhere than it looks.
    DeceptiveLink {
        /// The end of the host, which decides who answers.
        real_host: SafeLine,
        why: Deception,
    },
    /// Something that a reply can get wrong, and that occurs nowhere in the conversation.
    NotInThread(FactKind),
}

/// What sort of fact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    Date,
    Time,
    Amount,
    Percentage,
    Number,
    Link,
    Email,
    Phone,
    Place,
}

impl Remark {
    /// Whether a fact is in doubt, and not the text itself.
    pub fn is_fact(&self) -> bool {
        matches!(self, Remark::NotInThread(_))
    }

    /// Whether it is about code points, of which neighbours are one place to look at.
    pub(super) fn is_of_code_points(&self) -> bool {
        matches!(self, Remark::Hidden | Remark::Bidi)
    }
}

/// What the line about the mark says.
impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::Hidden => f.write_str("hidden characters"),
            Remark::Bidi => f.write_str("changes the direction of the text"),
            Remark::MixedScript => f.write_str("letters of different scripts in one word"),
            Remark::DeceptiveLink { real_host, why } => write!(f, "goes to {real_host}: {why}"),
            Remark::NotInThread(kind) => write!(f, "{kind} not in thread"),
        }
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FactKind::Date => "date",
            FactKind::Time => "time",
            FactKind::Amount => "amount",
            FactKind::Percentage => "percentage",
            FactKind::Number => "number",
            FactKind::Link => "link",
            FactKind::Email => "e-mail address",
            FactKind::Phone => "phone number",
            FactKind::Place => "place",
        })
    }
}
