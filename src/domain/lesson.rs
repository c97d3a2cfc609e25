//! Lessons of a practice set: what a careful reviewer does with a draft.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::review::Verb;

/// What there is to learn, by conversation.
pub type Lessons = BTreeMap<Uuid, Lesson>;

/// What a careful reviewer does with one draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    pub verb: Verb,
    /// Of a rejection or an escalation.
    pub reason: Option<String>,
    /// What there is to notice, in one sentence.
    pub teaches: String,
}
