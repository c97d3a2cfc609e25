//! A frame of each screen at 200 by 60, with what the database says on it, drawn whole and with one row changed.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use countersign::app::{self, Effect, Model, Msg, Screen, Session, Settings};
use countersign::runtime::desk::Desk;
use countersign::runtime::reader::Reader;
use countersign::store::Store;
use countersign::ui;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Terminal, TerminalOptions, Viewport};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

use crate::data::Data;
use crate::report::{Bar, Report, median, spread};

const SIZE: Size = Size { width: 200, height: 60 };
const FRAMES: usize = 200;

pub async fn measure(report: &mut Report, data: &Data) {
    let store = Store::connect(&data.database.options_of("ada")).await.unwrap();
    let principal = store.whoami().await.unwrap().principal;
    let (desk, mut inbox) = Desk::new(store, None);
    let reader = Reader::start(&desk);
    let screens = [
        ("Overview", Screen::Overview),
        ("Review", Screen::Review),
        ("Dead letters", Screen::DeadLetters),
        ("Activity", Screen::Activity),
        ("Jobs", Screen::Jobs),
    ];
    for (name, screen) in screens {
        let mut now = Utc::now();
        let mut model = Model::new(Settings::default(), screen, SIZE, now);
        let session = Session { principal: principal.clone(), ..Session::default() };
        let asked = app::update(&mut model, Msg::Connected(Box::new(session), now));
        let mut open = 0;
        for effect in asked {
            if let Effect::Refresh { generation, query } = effect {
                reader.ask(generation, *query);
                open += 1;
            }
        }
        assert!(open > 0, "{name} asks for nothing");
        for _ in 0..open {
            app::update(&mut model, inbox.recv().await.expect("the reader is there"));
        }
        let (mut whole, mut changed, mut bytes) = (Vec::new(), Vec::new(), 0);
        for frame in 0..FRAMES {
            now += TimeDelta::milliseconds(500);
            let written = Rc::new(Cell::new(0));
            let mut terminal = terminal(Meter(written.clone()));
            whole.push(draw(&mut terminal, &mut model, now));
            let key = if frame / 10 % 2 == 0 { 'j' } else { 'k' };
            app::update(&mut model, Msg::Key(KeyEvent::from(KeyCode::Char(key)), now));
            written.set(0);
            changed.push(draw(&mut terminal, &mut model, now));
            bytes = written.get().max(bytes);
        }
        let figures =
            json!({ "whole_ms": spread(&whole), "one_key_ms": spread(&changed), "one_key_most_bytes": bytes });
        report.add(
            &format!("drawing {name} at 200x60, whole, median"),
            Bar::AtMost(1.0),
            median(&whole),
            "ms",
            figures.clone(),
        );
        report.add("  after a key", Bar::AtMost(1.0), median(&changed), "ms", figures);
    }
}

/// Milliseconds of the processor from the model to the bytes.
fn draw(terminal: &mut Terminal<CrosstermBackend<Meter>>, model: &mut Model, now: DateTime<Utc>) -> f64 {
    let began = spent();
    terminal.draw(|frame| ui::view(model, now, frame)).unwrap();
    let took = spent() - began;
    app::update(model, Msg::Shown);
    took.as_secs_f64() * 1000.0
}

/// Counts what a terminal would get.
struct Meter(Rc<Cell<usize>>);

impl Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn terminal(meter: Meter) -> Terminal<CrosstermBackend<Meter>> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.width, SIZE.height));
    Terminal::with_options(CrosstermBackend::new(meter), TerminalOptions { viewport }).unwrap()
}

fn spent() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("time used is not negative")
}
