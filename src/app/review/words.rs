//! Words of a person here, on their way to be sealed.

use std::fmt;

use uuid::Uuid;
use zeroize::Zeroizing;

/// What somebody wrote. Wiped from memory when dropped; `Debug` says how long it is and no more.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Words(Zeroizing<String>);

impl Words {
    pub fn new(text: String) -> Words {
        Words(Zeroizing::new(text))
    }

    /// The words themselves, to be sealed. What shows them makes them safe first.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to read.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} bytes)", self.0.len())
    }
}

/// Words, and where they belong: sealed for there, they open nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    pub agency: String,
    pub conversation_id: Uuid,
    pub words: Words,
}
