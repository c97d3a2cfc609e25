//! Review: what waits for me, the conversation that is open, and the decision on it.
//!
//! | file | what it holds |
//! |---|---|
//! | [`document`] | the conversation as rows, wrapped, and which of them were on the screen |
//! | [`news`] | what happened to it meanwhile, and how it is seen |
//! | [`pane`] | what is open: job, lease, document, question |
//! | [`lease`] | kept while somebody reads, given back when nobody does |
//! | [`leave`] | the way out of it |
//! | [`tour`] | the places to be looked at one by one |
//! | [`sheet`], [`changes`] | what is known of the job, what changed in the draft |
//! | [`search`] | words in what is open |
//! | [`decide`] | from a key to a decision, and why there may be none |
//! | [`note`] | a reviewer's words about a rejection |
//! | [`editor`] | the draft under the hands of a person |
//! | [`words`] | what somebody wrote, on its way to be sealed |
//! | [`release`] | taking a job from somebody else |
//! | [`answers`] | what the database answered |
//! | [`away`] | nobody was there for a while, and what became of the open job meanwhile |
//! | [`list`] | the list, and which job comes next |

pub mod answers;
pub mod away;
pub mod changes;
pub mod decide;
pub mod document;
pub mod editor;
pub mod lease;
pub mod leave;
pub mod list;
pub mod news;
pub mod note;
pub mod pane;
pub mod release;
pub mod search;
pub mod sheet;
#[cfg(test)]
mod tests;
pub mod tour;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};

pub use away::Away;
pub use decide::{Decision, Verb};
pub use document::{Body, Document};
pub use editor::Editor;
pub use news::{Change, Fetch, News};
pub use pane::{Pane, Question};

use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::keymap::{Action, Availability};
use super::layout;
use super::lesson::Score;
use super::model::{Connection, Model};
use super::msg::Failure;
use crate::domain::review::{Decided, Ending, ReviewOrder};
use crate::domain::{Filter, JobId, OpenedConversation, Outcome, Waiting, zone};

/// What the Review screen knows.
#[derive(Debug, Default)]
pub struct Review {
    pub feed: Feed<ReviewList>,
    pub filter: Filter,
    /// The order in which I look at the list; none: the agency's. What `n` opens is not changed by it.
    pub order: Option<ReviewOrder>,
    /// Only what I gave back with a reason is shown.
    pub only_skipped: bool,
    /// The list as it is shown: it stands still while a job is open.
    pub waiting: Vec<Waiting>,
    pub cursor: Cursor<JobId>,
    pub stage: Stage,
    /// A draft that is being edited. It stays whatever becomes of its job, until it is saved or thrown away.
    pub editor: Option<Box<Editor>>,
    /// Decisions that were sent and not answered yet.
    pub in_flight: Vec<InFlight>,
    /// What became of decisions that were in doubt, until the person has seen it.
    pub verdicts: Vec<Verdict>,
    /// How the lessons of a practice set went so far.
    pub score: Score,
    /// The decision whose undo was asked for and not answered yet.
    pub undoing: Option<JobId>,
    /// Decisions of which the database said that they are not taken back any more.
    pub settled: BTreeSet<JobId>,
    /// Jobs that an undo put back under my lease, and that were not opened since, each with the lease's token.
    pub put_back: BTreeMap<JobId, i64>,
    /// The languages of both sides, of jobs that were opened in this sitting.
    pub languages: BTreeMap<JobId, String>,
    /// My latest decision of this sitting, until the list knows it.
    pub latest: Option<Decided>,
    /// The answer to this ticket is waited for; to any other it is too late.
    ticket: Ticket,
}

/// The answer to [`super::Query::Review`]. Which of the rows are shown, the filter decides here.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewList {
    /// In the agency's order.
    pub waiting: Vec<Waiting>,
    /// How many of them were asked for.
    pub at_most: usize,
    /// What I decided in the last quarter of an hour, newest first.
    pub mine: Vec<Decided>,
}

/// What is open.
#[derive(Debug, Default)]
pub enum Stage {
    #[default]
    List,
    /// A lease or a look was asked for.
    Opening {
        job_id: Option<JobId>,
    },
    Reading(Box<Pane>),
}

/// Which half of the screen takes the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posture {
    List,
    Pane,
}

/// Ties an answer to the question to open something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Ticket(pub u64);

/// A job whose conversation was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    pub job: Waiting,
    pub standing: Standing,
    /// With a pin where the lease is mine.
    pub conversation: OpenedConversation<Body>,
}

/// How a job that is only looked at stands with others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nobody else holds it.
    #[default]
    Free,
    /// Nothing can be decided while this lasts.
    Held { by: String, until: Option<DateTime<Utc>> },
    /// There is nothing to decide any more.
    Ended(Ending),
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Standing::Free => f.write_str("nobody is reading it"),
            Standing::Held { by, until: None } => write!(f, "{by} is reading it"),
            Standing::Held { by, until: Some(until) } => {
                write!(f, "{by} is reading it until {}", zone::with_name(*until, "%H:%M"))
            }
            Standing::Ended(ending) => ending.fmt(f),
        }
    }
}

/// A decision under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InFlight {
    pub job_id: JobId,
    pub verb: Verb,
    /// Of the lease that the decision uses up when it takes effect.
    pub lease_token: i64,
    /// The connection broke around it and its fate is being asked for.
    pub in_doubt: bool,
}

/// What became of a decision whose answer was lost at first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub job_id: JobId,
    pub verb: Verb,
    pub result: Result<Outcome, Failure>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { job_id, verb, result } = self;
        match result {
            Ok(outcome) if outcome.is_applied() => write!(f, "{job_id} WAS {}", verb.done()),
            Ok(outcome) if outcome.kept => {
                let JobId(number) = job_id;
                write!(f, "{job_id} NOT {}, text kept: `countersign review kept {number}`. {outcome}", verb.done())
            }
            Ok(outcome) => write!(f, "{job_id} was NOT {}: {outcome}", verb.done()),
            Err(failure) => write!(f, "{job_id} {}: {failure}", verb.as_str()),
        }
    }
}

impl Review {
    /// The pane has the keys as soon as a conversation is open.
    pub fn posture(&self) -> Posture {
        if matches!(self.stage, Stage::Reading(_)) { Posture::Pane } else { Posture::List }
    }

    /// The open conversation; none while one is still being opened.
    pub fn pane(&self) -> Option<&Pane> {
        match &self.stage {
            Stage::Reading(pane) => Some(pane),
            _ => None,
        }
    }

    pub fn pane_mut(&mut self) -> Option<&mut Pane> {
        match &mut self.stage {
            Stage::Reading(pane) => Some(pane),
            _ => None,
        }
    }

    /// How many jobs wait, as the latest answer has it: `37`, or `150+` where it was cut.
    pub fn count(&self) -> Option<String> {
        let waiting = self.feed.data()?.waiting.len();
        Some(if self.cut_after().is_some() { format!("{waiting}+") } else { waiting.to_string() })
    }

    /// After how many rows the latest answer was cut, so that more may wait than a filter has looked at.
    pub fn cut_after(&self) -> Option<usize> {
        let list = self.feed.data()?;
        (list.waiting.len() >= list.at_most).then_some(list.waiting.len())
    }

    /// My decisions, newest first: what the database lists, and before it what it does not list yet.
    pub fn mine(&self) -> impl Iterator<Item = &Decided> {
        let listed = self.feed.data().map_or(&[][..], |list| &list.mine);
        let latest = self.latest.iter().filter(|latest| !listed.iter().any(|row| row.job_id == latest.job_id));
        latest.chain(listed)
    }

    /// How many jobs wait that I gave back with a reason.
    pub fn skipped(&self) -> usize {
        let waiting = self.feed.data().map_or(&[][..], |list| &list.waiting);
        waiting.iter().filter(|row| row.skipped_because.is_some()).count()
    }

    /// The decision that `u` takes back.
    pub fn undoable(&self, now: DateTime<Utc>) -> Option<&Decided> {
        self.mine().find(|row| {
            let still_here = row.leaves_at.is_none_or(|leaves_at| leaves_at > now) || row.created_status.is_some();
            still_here && row.looks_undoable() && !self.settled.contains(&row.job_id)
        })
    }

    /// My latest approval whose reply still leaves, and can be stopped.
    pub fn leaving(&self, now: DateTime<Utc>) -> Option<&Decided> {
        self.mine().find(|row| row.looks_undoable() && row.leaves_at.is_some_and(|leaves_at| leaves_at > now))
    }

    /// What is to be known of decisions whose answer was lost, and whether it is known: the oldest verdict that was not
    /// seen, else what is still being asked.
    pub fn doubt(&self) -> Option<(String, bool)> {
        let asked = || self.in_flight.iter().find(|flight| flight.in_doubt);
        match self.verdicts.first() {
            Some(verdict) => Some((verdict.to_string(), true)),
            None => asked()
                .map(|flight| (format!("checking what became of {} ({})", flight.job_id, flight.verb.as_str()), false)),
        }
    }

    /// Whether a decision on this job was sent and not answered yet.
    pub fn is_under_way(&self, job_id: JobId) -> bool {
        self.in_flight.iter().any(|flight| flight.job_id == job_id)
    }

    fn next_ticket(&mut self) -> Ticket {
        self.ticket.0 += 1;
        self.ticket
    }
}

/// Whether an action would do something now.
pub fn availability(model: &Model, action: Action) -> Availability {
    use Availability::{Hidden, Off, On};
    match action {
        Action::Edit => editor::asking::availability(model, decide::availability(model, Action::Reject)),
        Action::ForceRelease => release::availability(model),
        Action::Undo if model.review.undoable(model.now).is_none() => Hidden,
        Action::Approve | Action::Reject | Action::Escalate | Action::TakeOver => decide::availability(model, action),
        Action::SeeChange if !model.review.verdicts.is_empty() => On,
        Action::SeeChange if !news::has_news(model) => Hidden,
        Action::Skip if model.review.pane().is_none_or(|pane| !pane.is_mine()) => Hidden,
        Action::Skip | Action::SeeChange if decide::is_busy(model) => Off(decide::BUSY.to_owned()),
        Action::Undo | Action::Skip => model.frozen().map_or(On, Off),
        Action::SeeChange if model.connection != Connection::Live => Off("the database is away".to_owned()),
        Action::Unfold if model.review.pane().is_none_or(|pane| pane.document.older() == 0) => Hidden,
        Action::NextMark if model.review.pane().is_none_or(|pane| pane.tour.is_empty()) => Hidden,
        Action::Changes if model.review.pane().and_then(changes::earlier).is_none() => Hidden,
        Action::LookUp if model.settings.lookup_url.is_none() => {
            Off("no lookup link is configured (lookup_url in [review] of the configuration)".to_owned())
        }
        Action::Open | Action::Order if model.review.waiting.is_empty() => Hidden,
        Action::Skipped if model.review.skipped() == 0 && !model.review.only_skipped => Hidden,
        _ => On,
    }
}

/// What an action does on this screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Open => list::open_chosen(model),
        Action::Next if is_searching(model) => {
            search::show(model, 1);
            Vec::new()
        }
        Action::Previous if is_searching(model) => {
            search::show(model, -1);
            Vec::new()
        }
        Action::Next => list::open_neighbour(model, 1),
        Action::Previous => list::open_neighbour(model, -1),
        Action::Back => leave::back(model),
        Action::LookUp => look_up(model),
        Action::NextMark | Action::Info | Action::Changes | Action::AsciiOnly | Action::Search => {
            match action {
                Action::NextMark => tour::visit_next(model),
                Action::Info => sheet::toggle_info(model),
                Action::Changes => sheet::toggle_changes(model),
                Action::AsciiOnly => pane::toggle_ascii(model),
                _ => search::ask(model),
            }
            Vec::new()
        }
        Action::Undo => decide::undo(model),
        Action::Approve | Action::Reject | Action::Escalate | Action::Skip => decide::ask(model, action),
        Action::TakeOver => decide::take_over(model),
        Action::Edit => editor::asking::ask(model),
        Action::ForceRelease => release::ask(model),
        Action::SeeChange => see(model),
        Action::CopyId => sheet::copy(model).unwrap_or_else(|| list::copy_id(model)),
        Action::Order => {
            list::turn_around(model);
            Vec::new()
        }
        Action::Skipped => {
            list::show_skipped(model);
            Vec::new()
        }
        _ => {
            match model.review.posture() {
                Posture::List => list::step(model, action),
                Posture::Pane if action != Action::Glance && list_is_over_pane(model) => list::step(model, action),
                Posture::Pane => pane::scroll(model, action),
            }
            Vec::new()
        }
    }
}

/// The verdict was seen; what changed in the open job is fetched, where it can be.
fn see(model: &mut Model) -> Vec<Effect> {
    if !model.review.verdicts.is_empty() {
        model.review.verdicts.remove(0);
        let waits = news::has_news(model) && availability(model, Action::SeeChange) == Availability::On;
        if !waits || !model.review.verdicts.is_empty() {
            return Vec::new();
        }
    }
    if let Some(pane) = model.review.pane_mut()
        && pane.news.fetch == Fetch::Done
    {
        news::seen(model);
        return Vec::new();
    }
    news::reopen(model)
}

fn is_searching(model: &Model) -> bool {
    model.review.pane().is_some_and(|pane| pane.search.is_some() || pane.looking_for.is_some())
}

/// Copies the address at which the customer can be looked up. It carries the customer's reference and nothing else.
fn look_up(model: &mut Model) -> Vec<Effect> {
    let link = model.review.pane().and_then(|pane| lookup_link(model, pane));
    link.map_or_else(Vec::new, |link| {
        model.say(format!("copied {link}"));
        vec![Effect::Copy(link)]
    })
}

/// The address at which the customer can be looked up, where one is configured.
pub fn lookup_link(model: &Model, pane: &Pane) -> Option<String> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let reference: String = pane
        .conversation
        .customer_ref
        .bytes()
        .map(|byte| if is_plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    Some(model.settings.lookup_url.as_ref()?.replace("{customer_ref}", &reference))
}

fn list_is_over_pane(model: &Model) -> bool {
    let layout = layout::review(model.size);
    layout.is_some_and(|layout| model.review.pane().is_some_and(|pane| pane.is_covered(&layout)))
}
