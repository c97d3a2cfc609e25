//! What stands around every screen: header, strip, footer.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::paint::{Painter, Part};
use super::theme::Tone;
use super::{alerts, when};
use crate::app::alerts::left_out;
use crate::app::confirm::Swallowed;
use crate::app::input::availability;
use crate::app::keymap::{self, Availability, Binding, Mode};
use crate::app::layout::WIDE;
use crate::app::model::{Connection, FilterLine, Overlay, Weight};
use crate::app::{Model, Screen};

/// Product, environment, the screens with their counts, who, and whether the data lives. What does not fit goes in this
/// order: the long titles, the product, the person, the words of the screens that are not shown.
pub fn header(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let width = |paint: &Painter, parts: &[Part]| parts.iter().map(|(words, _)| paint.width(words)).sum::<usize>();
    let life = life(model, now);
    let shapes =
        [(" Countersign  ", true, true), (" Countersign ", false, true), (" ", false, true), (" ", false, false)];
    for (product, long, with_who) in shapes.into_iter().filter(|(_, long, _)| !long || area.width >= WIDE) {
        let left = titles(model, product, long, |_| true);
        let who = who(model, long).filter(|_| with_who);
        let right: Vec<Part> = who.into_iter().chain([life.clone()]).collect();
        if width(paint, &left) + width(paint, &right) < usize::from(area.width) {
            paint.spread(area, &left, &right);
            return;
        }
    }
    let left = titles(model, " ", false, |screen| screen == model.screen);
    paint.spread(area, &left, &[life]);
}

fn titles(model: &Model, product: &str, long: bool, named: impl Fn(Screen) -> bool) -> Vec<Part> {
    let gap = if long { "   " } else { " " };
    let mut parts: Vec<Part> = vec![(product.to_owned(), Tone::Strong)];
    parts.extend(environment(model));
    for (at, screen) in Screen::ALL.into_iter().enumerate() {
        parts.push((gap.to_owned(), Tone::Plain));
        if named(screen) {
            parts.extend(tab(model, screen, at + 1, long));
        } else {
            parts.push(((at + 1).to_string(), Tone::Dim));
        }
    }
    parts
}

fn environment(model: &Model) -> Vec<Part> {
    let environment = &model.session.environment;
    let word = match environment {
        production if production.is_production() => ("PRODUCTION".to_owned(), Tone::Alarm),
        other => (other.0.clone(), Tone::Warning),
    };
    let read_only = model.session.read_only.then(|| (" read-only".to_owned(), Tone::Warning));
    let withheld = model.session.withholds_events.then(|| (" events withheld".to_owned(), Tone::Warning));
    [Some(word), read_only, withheld].into_iter().flatten().collect()
}

fn tab(model: &Model, screen: Screen, number: usize, wide: bool) -> Vec<Part> {
    let is_here = model.screen == screen;
    let title = if wide || (is_here && screen == Screen::Review) { screen.title() } else { screen.short_title() };
    let backlog = model.overview.feed.data().map(|data| &data.backlog);
    let count = match screen {
        Screen::Review => {
            model.review.count().or_else(|| backlog.map(|backlog| backlog.waiting_for_people().to_string()))
        }
        Screen::DeadLetters => {
            backlog.map(|backlog| backlog.dead_letters()).filter(|count| *count > 0).map(|count| count.to_string())
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

fn who(model: &Model, wide: bool) -> Option<Part> {
    let principal = &model.session.principal;
    let agency = principal.agency.as_deref().unwrap_or("all");
    let words =
        if wide { format!("{} · {agency} · ", principal.login) } else { format!("{}@{agency} ", principal.login) };
    (!principal.login.is_empty()).then_some((words, Tone::Plain))
}

/// `live`, or how old what is shown is. While all is well nothing ticks.
fn life(model: &Model, now: DateTime<Utc>) -> Part {
    match &model.connection {
        Connection::Starting => ("connecting".to_owned(), Tone::Dim),
        Connection::Live => ("live".to_owned(), Tone::Good),
        Connection::Lost { since, .. } => {
            let at = shown_at(model).unwrap_or(*since);
            (format!("data {} old", when::counted(now - at)), Tone::Alarm)
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
    let mut parts = strip_parts(model, now);
    if let Some(row) = left_out(model).filter(|_| parts.is_empty()) {
        parts = alerts::row_parts(model, row, now, |words| paint.width(words), area.width);
    }
    paint.parts(area, &parts);
}

/// What [`strip`] says.
fn strip_parts(model: &Model, now: DateTime<Utc>) -> Vec<Part> {
    urgent(model, now).or_else(|| notice(model, now)).or_else(|| filter(model)).unwrap_or_default()
}

/// What goes before everything else: the line being typed, the question about quitting, the lost database.
pub fn urgent(model: &Model, now: DateTime<Utc>) -> Option<Vec<Part>> {
    match &model.overlay {
        Overlay::Filter(line) => {
            Some(typed_line(line, "Enter applies, Esc leaves it; an empty line shows everything", model.size.width))
        }
        Overlay::Search(line) => {
            Some(typed_line(line, "Enter finds it, Esc leaves it; an empty line ends the search", model.size.width))
        }
        Overlay::Quit => {
            let what = model.review.leaving(now).map(|row| format!("{} still leaves. ", row.job_id));
            let words = format!(" {}q let it go and quit   u undo it   any other key: stay", what.unwrap_or_default());
            Some(vec![(words, Tone::Warning)])
        }
        Overlay::None | Overlay::Help { .. } | Overlay::Lesson(_) => match &model.connection {
            Connection::Lost { error, .. } => {
                Some(vec![(format!(" the database is away, nothing is decided: {error}"), Tone::Alarm)])
            }
            _ => None,
        },
    }
}

/// What was said last, while it stands.
pub fn notice(model: &Model, now: DateTime<Utc>) -> Option<Vec<Part>> {
    let notice = model.notice.as_ref().filter(|notice| notice.until > now)?;
    let tone = if notice.weight == Weight::Warning { Tone::Warning } else { Tone::Plain };
    Some(vec![(format!(" {}", notice.text), tone)])
}

/// Why a key did not answer the question.
pub fn swallowed(why: Swallowed) -> Part {
    let words = match why {
        Swallowed::TooEarly => "too early: swallowed; pause, then answer",
        Swallowed::NotAlone => "swallowed: one key by itself answers",
        Swallowed::Capital => "swallowed: a capital letter, is Caps Lock on?",
        Swallowed::NoAnswer => "swallowed: no answer",
        Swallowed::Pasted => "pasted text ignored",
    };
    (words.to_owned(), Tone::Warning)
}

/// The filter that is set.
pub fn filter(model: &Model) -> Option<Vec<Part>> {
    let filter = model.filter().filter(|filter| !filter.is_empty())?;
    Some(vec![(format!(" filter {filter}   (/ changes it, h clears it)"), Tone::Dim)])
}

/// The line as it is typed. What does not fit is cut at its beginning, because the eye is at its end.
/// What is being typed, and what becomes of it.
fn typed_line(line: &FilterLine, advice: &str, width: u16) -> Vec<Part> {
    let (words, tone) = match &line.error {
        Some(error) => (error.as_str(), Tone::Warning),
        None => (advice, Tone::Dim),
    };
    let room = usize::from(width).saturating_sub(AROUND_THE_LINE);
    let cut = line.text.chars().count().saturating_sub(room);
    let text: String = line.text.chars().skip(cut).collect();
    let before = if cut > 0 { "…" } else { "" };
    vec![(format!(" /{before}{text}"), Tone::Strong), ("▌".to_owned(), Tone::Plain), (format!("  {words}"), tone)]
}

/// The blank and the stroke before the filter line, the mark of the cut, the cursor.
const AROUND_THE_LINE: usize = 4;

/// The keys that work now; those that exist and cannot act stand in parentheses.
pub fn footer(model: &Model, paint: &mut Painter, area: Rect) {
    let help = (" ? ".to_owned(), Tone::Strong);
    let mode = Mode::of(model);
    let mut parts: Vec<Part> = vec![(" ".to_owned(), Tone::Plain)];
    if let Some(ask) = model.asks() {
        for (at, (key, word)) in keymap::answers(ask).iter().enumerate() {
            let gap = if at > 0 { "  " } else { "" };
            parts.extend([(format!("{gap}{key}"), Tone::Strong), (format!(" {word}"), Tone::Plain)]);
        }
        paint.parts(area, &parts);
        return;
    }
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
