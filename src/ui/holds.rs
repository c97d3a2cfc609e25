//! The questions before a hold and before its end, and what came of the last act, over the lowest rows of a screen.

use ratatui::layout::Rect;

use super::chrome::swallowed;
use super::number::grouped;
use super::paint::{Painter, Part};
use super::theme::Tone;
use super::{choice, when};
use crate::app::Model;
use crate::app::choice::Choice;
use crate::app::confirm::Confirm;
use crate::app::holds::{Offer, Question, Report, pace_words};
use crate::domain::hold::Trial;
use crate::domain::{HoldForecast, JobKind, ResumeForecast, Scope};

/// Draws what there is to be asked or told.
pub fn draw(model: &Model, paint: &mut Painter, body: Rect) {
    let holding = &model.holding;
    match (&holding.question, &holding.report) {
        (Some(question), _) => ask(question, paint, body),
        (None, Some(report)) => {
            let area = foot(body, 1);
            paint.clear(area);
            paint.parts(area, &report_parts(report));
        }
        (None, None) => {}
    }
}

fn foot(body: Rect, rows: usize) -> Rect {
    let height = (rows as u16).min(body.height);
    Rect { y: body.bottom() - height, height, ..body }
}

fn ask(question: &Question, paint: &mut Painter, body: Rect) {
    let (title, rows, choice) = match question {
        Question::What(offers) => ("hold", vec![offers_row(offers)], None),
        Question::Why { scope, choice } => {
            ("hold", vec![strong(format!(" HOLD {}. Why?", scope.as_words()))], Some(choice))
        }
        Question::Ticket { scope, reason, text } => ("hold", ticket_rows(scope, reason, text), None),
        Question::Hold { scope, reason, ticket, forecast, confirm } => {
            ("hold", hold_rows(scope, reason, ticket.as_deref(), forecast.as_ref(), confirm), None)
        }
        Question::Which { choice, .. } => ("resume", vec![strong(" RESUME which hold?".to_owned())], Some(choice)),
        Question::Pace { hold, choice } => {
            let words = format!(" RESUME {}. At what pace?", hold.scope().as_words());
            ("resume", vec![strong(words)], Some(choice))
        }
        Question::Resume { hold, per_minute, forecast, confirm } => {
            ("resume", resume_rows(&hold.scope(), *per_minute, forecast.as_ref(), confirm), None)
        }
    };
    let codes = choice.map_or(0, |choice: &Choice| choice.codes().len());
    let area = foot(body, 1 + rows.len() + codes);
    paint.clear(area);
    paint.rule(Rect { height: 1, ..area }, &[(title.to_owned(), Tone::Strong)], &[]);
    let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    for (row, parts) in below.rows().zip(&rows) {
        paint.parts(row, parts);
    }
    if let Some(choice) = choice {
        let taken = (rows.len() as u16).min(below.height);
        choice::draw(choice, paint, Rect { y: below.y + taken, height: below.height - taken, ..below });
    }
}

fn strong(words: String) -> Vec<Part> {
    vec![(words, Tone::Strong)]
}

fn plain(words: String) -> Vec<Part> {
    vec![(words, Tone::Plain)]
}

/// `c this channel (send/sms)   k kind send   a agency acme`.
fn offers_row(offers: &[Offer]) -> Vec<Part> {
    let part = |offer: &Offer| {
        let name = match (&offer.scope.job_kind, &offer.scope.channel_kind) {
            (Some(_), Some(_)) => format!("({})", Scope { agency: None, ..offer.scope.clone() }.as_words()),
            (Some(kind), None) => kind.short().to_owned(),
            _ => offer.scope.agency.clone().unwrap_or_default(),
        };
        [(format!(" {}", offer.letter), Tone::Strong), (format!(" {} {name}  ", offer.what), Tone::Plain)]
    };
    offers.iter().flat_map(part).collect()
}

fn ticket_rows(scope: &Scope, reason: &str, text: &str) -> Vec<Vec<Part>> {
    vec![
        strong(format!(" HOLD {} because: {reason}", scope.as_words())),
        vec![
            (" ticket > ".to_owned(), Tone::Warning),
            (format!("{text}▌"), Tone::Strong),
            ("  as INC-2291; Enter takes it, also empty".to_owned(), Tone::Dim),
        ],
    ]
}

/// What stops, what does not, what reviewers will see, and what becomes of what waits too long.
fn hold_rows(
    scope: &Scope,
    reason: &str,
    ticket: Option<&str>,
    forecast: Option<&HoldForecast>,
    confirm: &Confirm,
) -> Vec<Vec<Part>> {
    let mut rows = vec![strong(format!(" HOLD {}: {}", scope.as_words(), what_stops(forecast)))];
    let sends = scope.job_kind.is_none_or(|kind| kind == JobKind::Send);
    let channel = scope.channel_kind.as_deref().unwrap_or("every channel");
    let shows = if sends { format!("     Review will show \"{channel} held\"") } else { String::new() };
    rows.push(plain(format!(" reason {reason}     ticket {}{shows}", ticket.unwrap_or("-"))));
    if let Some(forecast) = forecast {
        rows.push(plain(format!(" NOT stopped: {} under way, and whatever this does not name.", forecast.under_way)));
        if sends {
            let age = chrono::Duration::seconds(forecast.max_approval_age);
            rows.push(plain(format!(
                " What waits over {}, or whose customer writes again, comes back to Review.",
                when::counted(age)
            )));
        }
    }
    rows.push(plain(" On every screen until resumed; calls remind those on call every 1 h.".to_owned()));
    rows.push(answers("hold", confirm));
    rows
}

fn what_stops(forecast: Option<&HoldForecast>) -> String {
    let Some(HoldForecast { ready, scheduled, retry_waiting, paused, .. }) = forecast else {
        return "counting what it stops".to_owned();
    };
    let later = if *scheduled > 0 { format!(" + {} for later", grouped(*scheduled)) } else { String::new() };
    let already = if *paused > 0 { format!(" ({} are held already)", grouped(*paused)) } else { String::new() };
    format!(
        "{} ready + {} retrying{later} stop, and every one that comes{already}",
        grouped(*ready),
        grouped(*retry_waiting)
    )
}

/// How many go, at what pace, how many come back to Review, and that a few go first.
fn resume_rows(
    scope: &Scope,
    per_minute: Option<i32>,
    forecast: Option<&ResumeForecast>,
    confirm: &Confirm,
) -> Vec<Vec<Part>> {
    let name = scope.as_words();
    let Some(forecast) = forecast else {
        return vec![strong(format!(" RESUME {name}: counting what goes")), answers("resume", confirm)];
    };
    let lasts = match forecast.lasts(per_minute) {
        none if none.is_zero() => String::new(),
        lasts => format!(", the last one in {}", when::to_the_minute(lasts)),
    };
    let words = format!(" RESUME {name}: {} go, {}{lasts}.", grouped(forecast.go()), pace_words(per_minute));
    let kept =
        if forecast.kept > 0 { format!(" {} stay: another hold.", grouped(forecast.kept)) } else { String::new() };
    let back = format!(
        " {} of them come back to Review: {} wrote again, {} approvals will be too old.{kept}",
        grouped(forecast.back_to_review()),
        grouped(forecast.moved),
        grouped(forecast.expired)
    );
    let first = match forecast.sends {
        0 => " No send among them, so nothing is tried first.".to_owned(),
        _ => " 5 sends go first; only when they got through the hold ends and the rest goes.".to_owned(),
    };
    vec![strong(words), plain(back), plain(first), answers("resume", confirm)]
}

fn answers(verb: &str, confirm: &Confirm) -> Vec<Part> {
    let last = match confirm.swallowed {
        None => ("any other key: nothing happens".to_owned(), Tone::Dim),
        Some(why) => swallowed(why),
    };
    vec![(" y".to_owned(), Tone::Strong), (format!(" {verb}     "), Tone::Plain), last]
}

fn report_parts(report: &Report) -> Vec<Part> {
    let clears = ("   h clears this".to_owned(), Tone::Dim);
    match report {
        Report::Holding { what } => vec![(format!(" {what}: under way"), Tone::Plain)],
        Report::Held { what, paused } => {
            vec![(format!(" HOLD {what} stands: {} stopped", grouped(*paused)), Tone::Good), clears]
        }
        Report::Trying { what, trial } => vec![
            (" n".to_owned(), Tone::Strong),
            (format!(" stops it   RESUME {what}: {}", trial_words(trial)), Tone::Plain),
        ],
        Report::Releasing { what, left } => {
            vec![(format!(" RESUME {what}: {} to go; quitting leaves them to the sweep", grouped(*left)), Tone::Plain)]
        }
        Report::Resumed { what } => vec![(format!(" RESUME {what}: everything goes again"), Tone::Good), clears],
        Report::Stopped { what, trial } => {
            vec![(format!(" RESUME {what} STOPPED, the hold stands: {}", trial_words(trial)), Tone::Alarm), clears]
        }
        Report::Cancelled { what, trial } => {
            vec![(format!(" {what} STAYS HELD: {}", trial_words(trial)), Tone::Warning), clears]
        }
        Report::Refused { what, why } => vec![(format!(" {what}: {why}"), Tone::Warning), clears],
    }
}

/// `of those tried first 3 left, 1 failed`.
fn trial_words(trial: &Trial) -> String {
    let counts = [
        (trial.done, "left"),
        (trial.failed, "failed"),
        (trial.back_to_review, "back to Review"),
        (trial.under_way, "under way"),
    ];
    let words: Vec<String> =
        counts.iter().filter(|(many, _)| *many > 0).map(|(many, word)| format!("{many} {word}")).collect();
    format!("tried first: {}", if words.is_empty() { "none left".to_owned() } else { words.join(", ") })
}
