//! `countersign doctor`: what is wrong, and what to do about each.

mod database;
mod surroundings;

use std::process::ExitCode;

use serde::Serialize;

use super::Failure;
use super::output;
use crate::config::Config;
use crate::session::{self, Session};

/// How one check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Fine,
    /// It works, and something should be done.
    Attention,
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    what: &'static str,
    state: State,
    found: String,
    /// What to do about it.
    remedy: Option<String>,
}

#[derive(Serialize)]
struct Report {
    checks: Vec<Check>,
}

/// Exit code 0 when all is fine, 1 when something must be done, 3 when there is no database to look at.
pub async fn run(config: &Config, json: bool) -> Result<(String, ExitCode), Failure> {
    let mut checks = surroundings::checks(config);
    let mut exit_code = None;
    match Session::connect(config, None).await {
        Ok(session) => checks.extend(database::checks(config, &session).await?),
        Err(error) => {
            let unreachable = check_unreachable(error);
            exit_code = unreachable.1;
            checks.push(unreachable.0);
        }
    }
    let needs_work = checks.iter().any(|check| check.state != State::Fine);
    let exit_code = exit_code.unwrap_or(ExitCode::from(u8::from(needs_work)));
    let report = Report { checks };
    let text = if json { output::json(&report)? } else { report.text() };
    Ok((text, exit_code))
}

/// The error's own sentence says what to do next.
fn check_unreachable(error: session::Error) -> (Check, Option<ExitCode>) {
    let failure = Failure::from(error);
    let code = failure.exit_code();
    let check = Check { what: "database", state: State::Broken, found: failure.to_string(), remedy: None };
    (check, Some(code))
}

impl Check {
    fn fine(what: &'static str, found: impl Into<String>) -> Check {
        Check { what, state: State::Fine, found: found.into(), remedy: None }
    }

    fn attention(what: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Check {
        Check { what, state: State::Attention, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn broken(what: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Check {
        Check { what, state: State::Broken, found: found.into(), remedy: Some(remedy.into()) }
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text = String::new();
        for Check { what, state, found, remedy } in &self.checks {
            let mark = match state {
                State::Fine => "ok  ",
                State::Attention => "look",
                State::Broken => "BAD ",
            };
            text.push_str(&format!("{mark}  {what:<13}  {}\n", output::safe_line(found)));
            if let Some(remedy) = remedy {
                text.push_str(&format!("{:>21}{}\n", "", output::safe_line(remedy)));
            }
        }
        let count = self.checks.iter().filter(|check| check.state != State::Fine).count();
        text.push_str(&match count {
            0 => "nothing to do\n".to_owned(),
            1 => "1 thing to do\n".to_owned(),
            count => format!("{count} things to do\n"),
        });
        text
    }
}
