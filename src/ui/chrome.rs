//! What stands around every screen: header, strip, footer.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::paint::{Painter, Part};
use super::theme::Tone;
use super::when;
use crate::app::keymap::{self, Availability, Binding, Mode};
use crate::app::layout::WIDE;
use crate::app::model::{Connection, Overlay, Weight};
use crate::app::update::availability;
use crate::app::{Model, Screen};

/// Product, environment, the screens with their counts, who, and whether the data lives.
pub fn header(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let wide = area.width >= WIDE;
    let gap = if wide { "   " } else { " " };
    let mut left: Vec<Part> = vec![(" Countersign ".to_owned(), Tone::Strong)];
    if wide {
        left.push((" ".to_owned(), Tone::Plain));
    }
    left.extend(environment(model));
    for (at, screen) in Screen::ALL.into_iter().enumerate() {
        left.push((gap.to_owned(), Tone::Plain));
        left.extend(tab(model, screen, at + 1, wide));
    }
    paint.spread(area, &left, &[who(model, wide), life(model, now), (" ".to_owned(), Tone::Plain)]);
}

fn environment(model: &Model) -> Vec<Part> {
    let environment = &model.session.environment;
    let word = match environment {
        production if production.is_production() => ("PRODUCTION".to_owned(), Tone::Alarm),
        other => (other.0.clone(), Tone::Warning),
    };
    let read_only = model.session.read_only.then(|| (" read-only".to_owned(), Tone::Warning));
    [Some(word), read_only].into_iter().flatten().collect()
}

fn tab(model: &Model, screen: Screen, number: usize, wide: bool) -> Vec<Part> {
    let is_here = model.screen == screen;
    let title = if wide || (is_here && screen == Screen::Review) { screen.title() } else { screen.short_title() };
    let count = match screen {
        Screen::Review => model
            .review
            .count()
            .map(|waiting| waiting as i64)
            .or_else(|| model.overview.feed.data().map(|data| data.backlog.waiting_for_people())),
        Screen::DeadLetters => {
            model.overview.feed.data().map(|data| data.backlog.dead_letters()).filter(|count| *count > 0)
        }
        _ => None,
    };
    let alarm = screen == Screen::DeadLetters && count.is_some();
    let count = count.map(|count| format!(" {count}")).unwrap_or_default();
    let mark = if alarm { "!" } else { "" };
    let words = format!("{title}{count}{mark}");
    let tone = if alarm { Tone::Alarm } else { Tone::Plain };
    if is_here {
        vec![(format!("{number}[{words}]"), Tone::Strong)]
    } else {
        vec![(format!("{number} "), Tone::Dim), (words, tone)]
    }
}

fn who(model: &Model, wide: bool) -> Part {
    let principal = &model.session.principal;
    let agency = principal.agency.as_deref().unwrap_or("all");
    let words = match (principal.login.is_empty(), wide) {
        (true, _) => String::new(),
        (false, true) => format!("{} · {agency} · ", principal.login),
        (false, false) => format!("{}@{agency} ", principal.login),
    };
    (words, Tone::Plain)
}

/// `live`, or how old what is shown is. While all is well nothing ticks.
fn life(model: &Model, now: DateTime<Utc>) -> Part {
    match &model.connection {
        Connection::Starting => ("connecting".to_owned(), Tone::Dim),
        Connection::Live => ("live".to_owned(), Tone::Good),
        Connection::Lost { since, .. } => {
            let at = shown_at(model).unwrap_or(*since);
            (format!("data {} old", when::short(now - at)), Tone::Alarm)
        }
    }
}

fn shown_at(model: &Model) -> Option<DateTime<Utc>> {
    match model.screen {
        Screen::Overview => model.overview.feed.load.at(),
        Screen::Review => model.review.feed.load.at(),
        Screen::DeadLetters => model.dead_letters.feed.load.at(),
        Screen::Activity => model.activity.feed.load.at(),
        Screen::Jobs => model.jobs.feed.load.at(),
    }
}

/// The row above the footer: the filter line while it is typed, a question, a notice, or why the data is old.
pub fn strip(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let parts = strip_parts(model, now);
    paint.parts(area, &parts);
}

/// What [`strip`] says.
pub fn strip_parts(model: &Model, now: DateTime<Utc>) -> Vec<Part> {
    match &model.overlay {
        Overlay::Filter(line) => {
            let mut parts = vec![(format!(" /{}", line.text), Tone::Strong), ("▌".to_owned(), Tone::Plain)];
            let words = line.error.clone().unwrap_or_else(|| "Enter applies, Esc leaves it".to_owned());
            parts.push((format!("  {words}"), if line.error.is_some() { Tone::Warning } else { Tone::Dim }));
            return parts;
        }
        Overlay::Quit => {
            let what = model.review.undoable(now).map(|row| format!("{} still leaves. ", row.job_id));
            let words = format!(" {}q let it go and quit   u undo it   any other key: stay", what.unwrap_or_default());
            return vec![(words, Tone::Warning)];
        }
        Overlay::None | Overlay::Help { .. } => {}
    }
    if let Connection::Lost { error, .. } = &model.connection {
        let words = format!(" the database is away: {error}. Nothing is decided until it is back; it is tried again.");
        return vec![(words, Tone::Alarm)];
    }
    if let Some(notice) = model.notice.as_ref().filter(|notice| notice.until > now) {
        let tone = if notice.weight == Weight::Warning { Tone::Warning } else { Tone::Plain };
        return vec![(format!(" {}", notice.text), tone)];
    }
    match model.filter().filter(|filter| !filter.is_empty()) {
        Some(filter) => vec![(format!(" filter {filter}   (/ changes it, h clears it)"), Tone::Dim)],
        None => Vec::new(),
    }
}

/// The keys that work now; those that exist and cannot act stand in parentheses.
pub fn footer(model: &Model, paint: &mut Painter, area: Rect) {
    let help = (" ? ".to_owned(), Tone::Strong);
    let mode = Mode::of(model);
    let mut parts: Vec<Part> = vec![(" ".to_owned(), Tone::Plain)];
    for binding in keymap::of_mode(mode) {
        let state = if mode == Mode::Help { Availability::On } else { availability(model, binding.action) };
        if let Some(more) = footer_parts(binding, &state) {
            let room = usize::from(area.width).saturating_sub(4);
            let used: usize = parts.iter().chain(&more).map(|(words, _)| paint.width(words)).sum();
            if used <= room {
                parts.extend(more);
            }
        }
    }
    paint.spread(area, &parts, &[help]);
}

fn footer_parts(binding: &Binding, state: &Availability) -> Option<Vec<Part>> {
    let (word, key) = (binding.footer?, binding.keys.first()?);
    match state {
        Availability::On => Some(vec![(key.to_string(), Tone::Strong), (format!(" {word}  "), Tone::Plain)]),
        Availability::Off(_) => Some(vec![(format!("({key})  "), Tone::Off)]),
        Availability::Hidden => None,
    }
}
