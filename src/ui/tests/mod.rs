//! What a person sees of the list screens, and what their keys do, against a made-up database.

mod dead_letters;
mod holds;
mod lists;
mod overview;
mod rest;
mod sizes;
mod trouble;
mod world;

use chrono::{DateTime, Duration, TimeZone, Utc};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Size;

use crate::app::sample::Eyes;
use crate::app::{Effect, Failure, Generation, Model, Msg, Query, Reasons, Reply, Screen, Session, Settings, update};
use crate::domain::{Filter, Principal, Role};
use world::World;

/// A dashboard whose questions are answered at once.
pub struct Stage {
    pub model: Model,
    pub world: World,
    /// Effects other than questions, in order.
    pub done: Vec<Effect>,
    pub away: bool,
    /// What was asked of the audit trail last.
    pub trail: Filter,
    eyes: Eyes,
}

/// When everything here happens.
pub fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
}

pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

impl Stage {
    /// Kim is on call and sees this screen of this world.
    pub fn new(world: World, screen: Screen, size: (u16, u16)) -> Stage {
        Stage::with(world, screen, size, Settings::default(), vec![Role::Oncall])
    }

    pub fn with(
        world: World,
        screen: Screen,
        (width, height): (u16, u16),
        settings: Settings,
        roles: Vec<Role>,
    ) -> Stage {
        let model = Model::new(settings, screen, Size { width, height }, noon());
        let mut stage =
            Stage { model, world, done: Vec::new(), away: false, trail: Filter::default(), eyes: Eyes::default() };
        let principal = Principal { login: "kim".into(), class: "staff".into(), agency: Some("acme".into()), roles };
        let discard = ["customer_reached_otherwise", "duplicate", "obsolete", "test_data"].map(str::to_owned).to_vec();
        let hold = ["incident", "maintenance", "provider_outage"].map(str::to_owned).to_vec();
        let retry = ["cause_removed", "provider_recovered"].map(str::to_owned).to_vec();
        let reasons = Reasons { discard, hold, retry, ..Reasons::default() };
        let session = Session { principal, reasons, ..Session::default() };
        stage.tell(Msg::Connected(Box::new(session), noon()));
        stage
    }

    /// Passes a message and answers every question that follows from it.
    pub fn tell(&mut self, msg: Msg) {
        let mut effects = update(&mut self.model, msg);
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                match effect {
                    Effect::Refresh { generation, query } => {
                        let msg = self.answer(generation, *query);
                        next.extend(update(&mut self.model, msg));
                    }
                    other => self.done.push(other),
                }
            }
            effects = next;
        }
        assert_eq!(self.eyes.show(&mut self.model), []);
    }

    fn answer(&mut self, generation: Generation, query: Query) -> Msg {
        let at = self.model.now;
        let gone = || Failure::Away("connection refused".to_owned());
        macro_rules! reply {
            ($msg:path, $data:expr) => {
                $msg(Reply { generation, at, result: if self.away { Err(gone()) } else { Ok($data) } })
            };
        }
        match query {
            Query::Overview => reply!(Msg::OverviewLoaded, self.world.overview.clone()),
            Query::Day => reply!(Msg::DayLoaded, self.world.day.clone()),
            Query::Teams => reply!(Msg::TeamsLoaded, self.world.teams.clone()),
            Query::DeadLetters(_) => reply!(Msg::DeadLettersLoaded, self.world.dead_letters.clone()),
            Query::Activity(filter, _) => {
                self.trail = filter;
                reply!(Msg::ActivityLoaded, self.world.activity.clone())
            }
            Query::Jobs(..) => reply!(Msg::JobsLoaded, self.world.jobs.clone()),
            Query::Job(job_id) => reply!(Msg::JobLoaded, Box::new(self.world.detail(job_id))),
            Query::Review(..) => panic!("Review is not on this stage"),
        }
    }

    /// Time passes, with all that is asked meanwhile.
    pub fn wait(&mut self, span: Duration) {
        let now = self.model.now + span;
        assert_eq!(self.eyes.rest(&mut self.model, span), []);
        self.tell(Msg::Tick(now));
    }

    /// Presses keys one after the other, without a pause. `⏎` is Enter.
    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '⏎' => KeyCode::Enter,
                '␛' => KeyCode::Esc,
                letter => KeyCode::Char(letter),
            };
            self.tell(Msg::Key(KeyEvent::from(code), self.model.now));
        }
    }

    /// The database goes away, and a while later the data is old.
    pub fn lose_database(&mut self) {
        self.away = true;
        self.tell(Msg::ConnectionLost("connection refused".to_owned(), self.model.now));
        self.wait(Duration::seconds(25));
    }

    /// The screen as it is drawn now.
    pub fn drawn(&self) -> String {
        self.terminal().backend().to_string()
    }

    /// Its cells, with their styles.
    pub fn cells(&self) -> Buffer {
        self.terminal().backend().buffer().clone()
    }

    fn terminal(&self) -> Terminal<TestBackend> {
        let size = self.model.terminal;
        let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
        terminal.draw(|frame| super::view(&self.model, self.model.now, frame)).unwrap();
        terminal
    }

    /// What Jobs lists.
    pub fn filter(&self) -> String {
        self.model.jobs.filter.to_string()
    }
}
