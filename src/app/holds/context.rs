//! What a hold could be about, by what the cursor is on.

use crate::app::alerts::known;
use crate::app::model::{Model, Screen};
use crate::app::{dead_letters, overview};
use crate::domain::{Hold, JobKind, Scope};

/// One thing that could be held, and the letter that picks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub letter: char,
    /// `this channel`, `kind`, `agency`.
    pub what: &'static str,
    pub scope: Scope,
}

/// What the cursor is on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Context {
    kind: Option<JobKind>,
    channel: Option<String>,
    agency: Option<String>,
}

/// The channel first, then the kind, then the agency. Each names something.
pub(super) fn offers(model: &Model) -> Vec<Offer> {
    let mut context = of_cursor(model);
    let kind = context.kind.unwrap_or(JobKind::Send);
    let mut kind_on_channel = kind;
    if context.channel.is_none()
        && let Some(worst) = known(model).and_then(|alerts| alerts.outages().first().copied().cloned())
    {
        // What fails there are sends, whatever row the cursor is on.
        kind_on_channel = JobKind::Send;
        context.channel = Some(worst.channel_kind);
        context.agency = context.agency.or(Some(worst.agency));
    }
    // Who sees one agency holds there alone; the database sees to it.
    let agency = if model.session.principal.agency.is_none() { context.agency.clone() } else { None };
    let whole = model.session.principal.agency.clone().or(context.agency);
    let channel = context.channel.map(|channel| Offer {
        letter: 'c',
        what: "this channel",
        scope: Scope { job_kind: Some(kind_on_channel), channel_kind: Some(channel), agency: agency.clone() },
    });
    let of_kind = Offer {
        letter: 'k',
        what: "kind",
        scope: Scope { job_kind: Some(kind), channel_kind: None, agency: agency.clone() },
    };
    let whole = whole.map(|agency| Offer {
        letter: 'a',
        what: "agency",
        scope: Scope { job_kind: None, channel_kind: None, agency: Some(agency) },
    });
    channel.into_iter().chain([of_kind]).chain(whole).collect()
}

/// Whether a hold is about the channel that the cursor is on.
pub(super) fn is_about(model: &Model, hold: &Hold) -> bool {
    let Context { kind: Some(kind), channel: Some(channel), agency } = of_cursor(model) else { return false };
    hold.job_kind.is_none_or(|held| held == kind)
        && hold.channel_kind.as_ref().is_none_or(|held| *held == channel)
        && (hold.agency.is_none() || agency.is_none() || hold.agency == agency)
}

fn of_cursor(model: &Model) -> Context {
    match model.screen {
        Screen::DeadLetters => match dead_letters::subject_of_hold(model) {
            Some((kind, channel, agency)) => Context { kind: Some(kind), channel: Some(channel), agency },
            None => Context::default(),
        },
        Screen::Overview => match model.overview.cursor.key() {
            Some(overview::Row::Backlog(kind) | overview::Row::Deadlines(kind)) => {
                Context { kind: Some(kind), ..Context::default() }
            }
            Some(overview::Row::Channel { agency, channel_kind }) => {
                Context { kind: Some(JobKind::Send), channel: Some(channel_kind), agency: Some(agency) }
            }
            None => Context::default(),
        },
        _ => Context::default(),
    }
}
