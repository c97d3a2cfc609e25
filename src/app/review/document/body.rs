//! What there is to read of a message.

use crate::text::OpenedText;

/// A message's words, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Text(OpenedText),
    /// There was a text, and it was erased at the customer's wish.
    Erased,
    /// There is one, and it does not open.
    Closed {
        why: String,
    },
}

impl Body {
    /// The message's own words; none where there are only ours about it.
    pub fn text(&self) -> Option<&OpenedText> {
        match self {
            Body::Text(text) => Some(text),
            Body::Erased | Body::Closed { .. } => None,
        }
    }

    /// What stands in the message's place: its own words, or ours about it.
    pub(super) fn words(&self) -> OpenedText {
        match self {
            Body::Text(text) => text.clone(),
            Body::Erased => OpenedText::from_untrusted("erased at the customer's wish"),
            Body::Closed { why } => OpenedText::from_untrusted(&format!("NOT OPENED: {why}")),
        }
    }
}
