//! What is listed of one job, line by line, so that scrolling knows how many lines there are.

use super::JobDetail;
use crate::domain::{Activity, Job};

/// One line of an open job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Line<'a> {
    Title(&'static str),
    Blank,
    Fact(Fact),
    /// Something that keeps the job from going on, as a code.
    Blocked(&'a str),
    /// The job itself or a relative of it, with its depth below the oldest.
    Relative {
        job: &'a Job,
        depth: usize,
        is_self: bool,
    },
    Run(&'a Activity),
    /// Instead of rows, when there are none.
    Nothing(&'static str),
}

/// What is known of a job itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    Kind,
    Status,
    Outcome,
    Error,
    Created,
    Starts,
    Due,
    Started,
    Finished,
    Holder,
    Attempts,
    Priority,
    Target,
    Agency,
    Channel,
    Language,
    Intent,
    Confidence,
    Routing,
    Conversation,
    Parent,
    Payload,
}

impl Fact {
    /// In the order in which they are listed.
    pub const ALL: [Fact; 22] = [
        Fact::Kind,
        Fact::Status,
        Fact::Outcome,
        Fact::Error,
        Fact::Created,
        Fact::Starts,
        Fact::Due,
        Fact::Started,
        Fact::Finished,
        Fact::Holder,
        Fact::Attempts,
        Fact::Priority,
        Fact::Target,
        Fact::Agency,
        Fact::Channel,
        Fact::Language,
        Fact::Intent,
        Fact::Confidence,
        Fact::Routing,
        Fact::Conversation,
        Fact::Parent,
        Fact::Payload,
    ];
}

/// The lines of a job, with its facts or, where they stand elsewhere, without.
pub fn lines(detail: &JobDetail, with_facts: bool) -> Vec<Line<'_>> {
    let mut lines = vec![Line::Title("What keeps it from going on")];
    if detail.blocked_by.is_empty() {
        let ended = detail.job.status.is_terminal();
        lines.push(Line::Nothing(if ended { "nothing: it has ended" } else { "nothing" }));
    }
    lines.extend(detail.blocked_by.iter().map(|code| Line::Blocked(code)));
    if with_facts {
        lines.extend([Line::Blank, Line::Title("The job")]);
        lines.extend(Fact::ALL.map(Line::Fact));
    }
    lines.extend([Line::Blank, Line::Title("What it came from, what came of it")]);
    lines.extend(relatives(detail));
    lines.extend([Line::Blank, Line::Title("History, oldest first")]);
    if detail.history.is_empty() {
        lines.push(Line::Nothing("nobody has touched it yet"));
    }
    lines.extend(detail.history.iter().map(Line::Run));
    lines
}

fn relatives(detail: &JobDetail) -> impl Iterator<Item = Line<'_>> {
    let tree = &detail.tree;
    let parent = |job: &Job| tree.iter().find(|other| Some(other.job_id) == job.parent_job_id);
    tree.iter().map(move |job| {
        // A parent is older than its child, so the chain ends.
        let depth = std::iter::successors(parent(job), |above| parent(above)).take(tree.len()).count();
        Line::Relative { job, depth, is_self: job.job_id == detail.job.job_id }
    })
}
