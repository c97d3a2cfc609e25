//! What is known now.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use ratatui::layout::Size;

use super::activity::ActivityScreen;
use super::call::{Calling, Ways};
use super::dead_letters::{self, DeadLettersScreen};
use super::holds::{self, Holding};
use super::jobs::JobsScreen;
use super::lesson::Told;
use super::overview::OverviewScreen;
use super::review::{Question, Review};
use super::sight::Sight;
use crate::domain::lesson::Lessons;
use crate::domain::review::ReviewOrder;
use crate::domain::{Filter, Principal};

/// The whole state of the dashboard. Only [`super::update()`] changes it.
#[derive(Debug)]
pub struct Model {
    pub settings: Settings,
    pub session: Session,
    pub connection: Connection,
    /// The latest time that a message brought.
    pub now: DateTime<Utc>,
    /// When a person last touched a key or the mouse.
    pub active_at: DateTime<Utc>,
    /// The whole terminal.
    pub terminal: Size,
    /// What header, screen and footer have of it: less by the rows of [`super::alerts`].
    pub size: Size,
    pub screen: Screen,
    pub overlay: Overlay,
    /// Whether what a key would decide on can have been read.
    pub sight: Sight,
    pub notice: Option<Notice>,
    /// What somebody who looks elsewhere was called for.
    pub calling: Calling,
    pub overview: OverviewScreen,
    pub review: Review,
    pub dead_letters: DeadLettersScreen,
    pub activity: ActivityScreen,
    pub jobs: JobsScreen,
    pub holding: Holding,
    /// When a question is due next, if nothing happens before.
    pub asks_at: Option<DateTime<Utc>>,
    /// `Effect::Quit` went out; nothing more is asked for.
    pub quitting: bool,
}

/// What was chosen before the start and does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Box and block characters are replaced by ASCII.
    pub ascii: bool,
    /// `NO_COLOR`: marks carry the meaning alone.
    pub no_color: bool,
    /// Whether the next job opens by itself after a decision.
    pub auto_advance: bool,
    /// Codes of the languages that the person reads; none: all of them.
    pub reads: Vec<String>,
    /// Where a customer can be looked up: an address with `{customer_ref}` in it.
    pub lookup_url: Option<String>,
    /// A draft is edited in the person's own editor.
    pub external_editor: bool,
    /// How to call a person who looks elsewhere.
    pub call_by: Ways,
    /// How often what is shown is asked for again where nothing is heard of it: time passes in the database too.
    pub refresh_every: Duration,
    /// Of a practice set; none otherwise.
    pub lessons: Lessons,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            ascii: false,
            no_color: false,
            auto_advance: true,
            reads: Vec::new(),
            lookup_url: None,
            external_editor: false,
            call_by: Ways::default(),
            refresh_every: Duration::seconds(5),
            lessons: Lessons::new(),
        }
    }
}

/// Who is connected to what. Comes with `Msg::Connected`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    pub principal: Principal,
    pub environment: Environment,
    /// Nothing is changed, whatever key is pressed.
    pub read_only: bool,
    /// Some event type is not ratified, so what happens is not announced to anybody.
    pub withholds_events: bool,
    pub reasons: Reasons,
    /// Whoever edited a draft may approve it too.
    pub editor_may_approve: bool,
    /// Seconds before an approved reply leaves, by channel.
    pub undo_seconds: BTreeMap<String, u32>,
    /// The agency's order of review.
    pub review_order: ReviewOrder,
    /// Whether it is kept with a decision how long somebody looked, and past how many warnings.
    pub keeps_reading: bool,
}

/// What kind of system this is, as a word: `private`, `demo`, `staging`, `production`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(pub String);

impl Environment {
    /// Whether mistakes reach real customers. The word is compared without case.
    pub fn is_production(&self) -> bool {
        self.0.eq_ignore_ascii_case("production")
    }
}

/// The registered reason codes, in the order in which they are offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reasons {
    pub reject: Vec<String>,
    pub escalate: Vec<String>,
    pub skip: Vec<String>,
    pub discard: Vec<String>,
    pub hold: Vec<String>,
    /// For what was retried often already.
    pub retry: Vec<String>,
}

/// Whether the database answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Connection {
    /// Nothing was heard yet.
    #[default]
    Starting,
    Live,
    /// Since when, and why, in words.
    Lost {
        since: DateTime<Utc>,
        error: String,
    },
}

/// The five screens, in the order of their number keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Screen {
    #[default]
    Overview,
    Review,
    DeadLetters,
    Activity,
    Jobs,
}

impl Screen {
    /// In the order of their number keys.
    pub const ALL: [Screen; 5] =
        [Screen::Overview, Screen::Review, Screen::DeadLetters, Screen::Activity, Screen::Jobs];

    /// For terminals from [`WIDE`](super::layout::WIDE) on.
    pub fn title(self) -> &'static str {
        match self {
            Screen::Overview => "Overview",
            Screen::Review => "Review",
            Screen::DeadLetters => "Dead letters",
            Screen::Activity => "Activity",
            Screen::Jobs => "Jobs",
        }
    }

    /// For narrower ones.
    pub fn short_title(self) -> &'static str {
        match self {
            Screen::Overview => "Ovw",
            Screen::Review => "Rev",
            Screen::DeadLetters => "Dead",
            Screen::Activity => "Act",
            Screen::Jobs => "Jobs",
        }
    }

    /// The next one; the first follows the last.
    pub fn next(self) -> Screen {
        let at = Screen::ALL.iter().position(|screen| *screen == self).expect("ALL holds every screen");
        Screen::ALL[(at + 1) % Screen::ALL.len()]
    }
}

/// What lies over the screen and takes the keys first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Overlay {
    #[default]
    None,
    /// The help of this screen, from this row on.
    Help { top: usize },
    /// The filter line is being typed.
    Filter(FilterLine),
    /// The words to look for are being typed.
    Search(FilterLine),
    /// `q` while something can still be taken back.
    Quit,
    /// What a practice set says about the decision that was just made.
    Lesson(Box<Told>),
}

/// The filter line under the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterLine {
    pub text: String,
    /// Why the text is no filter yet.
    pub error: Option<String>,
}

/// One line for the person, until it was there long enough to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub weight: Weight,
    pub until: DateTime<Utc>,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Said,
    Warning,
}

/// A question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Sure? `y` says so.
    Yes,
    /// Sure? Typed digits say so.
    Digits,
    /// Why?
    Reason,
    /// Under which number of the provider?
    Reference,
    /// What of the things that have a letter?
    What,
    /// Edit it for somebody else's look?
    Edit,
    /// Anything to be said?
    Note,
    /// What shall it say?
    Editor,
    /// Save, throw away, or go on?
    Leaving,
    /// Nothing: the answer is under way.
    Saving,
    /// Which rows?
    Filter,
    /// Which words?
    Search,
    /// Really leave?
    Quit,
    /// Nothing: there is something to be learnt.
    Lesson,
}

/// An open conversation blanks after this long without a key.
pub const BLANK_AFTER: Duration = Duration::minutes(5);

/// How long a notice stands.
const NOTICE_STANDS: Duration = Duration::seconds(8);

impl Model {
    /// Nothing is known yet; `Msg::Connected` and the first answers fill it.
    pub fn new(settings: Settings, screen: Screen, size: Size, now: DateTime<Utc>) -> Model {
        Model {
            settings,
            session: Session::default(),
            connection: Connection::Starting,
            now,
            active_at: now,
            terminal: size,
            size,
            screen,
            overlay: Overlay::None,
            sight: Sight::default(),
            notice: None,
            calling: Calling::default(),
            overview: OverviewScreen::default(),
            review: Review::default(),
            dead_letters: DeadLettersScreen::default(),
            activity: ActivityScreen::default(),
            jobs: JobsScreen::default(),
            holding: Holding::default(),
            asks_at: None,
            quitting: false,
        }
    }

    /// Why nothing can be changed just now, whatever it is.
    pub fn frozen(&self) -> Option<String> {
        if self.session.read_only {
            return Some("read-only: nothing is changed from here".to_owned());
        }
        match &self.connection {
            Connection::Live => None,
            Connection::Starting => Some("not connected yet".to_owned()),
            Connection::Lost { .. } => Some("the database is away, nothing can be decided".to_owned()),
        }
    }

    /// Whether an open conversation is hidden from whoever walks by, because nobody touched a key for a while.
    pub fn is_blank(&self, now: DateTime<Utc>) -> bool {
        let is_open = self.review.pane().is_some() || self.review.editor.is_some();
        self.screen == Screen::Review && is_open && now - self.active_at >= BLANK_AFTER
    }

    /// What takes the keys before the key table does.
    pub fn asks(&self) -> Option<Ask> {
        match &self.overlay {
            Overlay::Filter(_) => return Some(Ask::Filter),
            Overlay::Search(_) => return Some(Ask::Search),
            Overlay::Quit => return Some(Ask::Quit),
            Overlay::Lesson(_) => return Some(Ask::Lesson),
            Overlay::Help { .. } => return None,
            Overlay::None => {}
        }
        match self.screen {
            Screen::Review if self.review.editor.is_some() => self.review.editor.as_ref().map(|editor| editor.asks()),
            Screen::Review => match self.review.pane().map(|pane| &pane.question) {
                Some(Question::Reason { .. }) => Some(Ask::Reason),
                Some(Question::Confirm { confirm, .. } | Question::Release { confirm }) => Some(confirm.asks()),
                Some(Question::Edit) => Some(Ask::Edit),
                Some(Question::Note { .. }) => Some(Ask::Note),
                _ => None,
            },
            Screen::Overview => holds::asks(self),
            Screen::DeadLetters => holds::asks(self).or_else(|| dead_letters::asks(self)),
            _ => None,
        }
    }

    /// The filter of the screen that is shown.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter_of(self.screen)
    }

    /// The filter of a screen, shown or not. None: the screen has none.
    pub fn filter_of(&self, screen: Screen) -> Option<&Filter> {
        match screen {
            Screen::Overview => None,
            Screen::Review => Some(&self.review.filter),
            Screen::DeadLetters => Some(&self.dead_letters.filter),
            Screen::Activity => Some(&self.activity.filter),
            Screen::Jobs => Some(&self.jobs.filter),
        }
    }

    /// Tells the person something.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), weight: Weight::Said, until: self.now + NOTICE_STANDS });
    }

    /// Tells the person something that they should not miss.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), weight: Weight::Warning, until: self.now + NOTICE_STANDS });
    }
}
