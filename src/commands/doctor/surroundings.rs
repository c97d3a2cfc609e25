//! What can be looked at without a database: configuration, log, terminal.

use std::fs::OpenOptions;
use std::io::IsTerminal;

use super::Check;
use crate::config::Config;

/// Below this the review screen refuses to open.
const LEAST_SIZE: (u16, u16) = (60, 15);

pub fn checks(config: &Config) -> Vec<Check> {
    let mut checks = vec![configuration(config), log(config)];
    if std::io::stdout().is_terminal() {
        checks.push(terminal(crossterm::terminal::size().ok()));
        checks.push(encoding(["LC_ALL", "LC_CTYPE", "LANG"].map(|name| std::env::var(name).ok())));
    }
    checks
}

fn configuration(config: &Config) -> Check {
    let path = config.file.display();
    let state = if config.file.exists() { "read" } else { "not there, shipped values hold" };
    Check::fine("configuration", format!("{path}: {state}"))
}

fn log(config: &Config) -> Check {
    let path = config.log_file.display();
    match OpenOptions::new().append(true).open(&config.log_file) {
        Ok(_) => Check::fine("log", path.to_string()),
        Err(error) => {
            let remedy = "set XDG_STATE_HOME to a directory that this user may write to";
            Check::attention("log", format!("{path} cannot be written: {error}"), remedy)
        }
    }
}

fn terminal(size: Option<(u16, u16)>) -> Check {
    match size {
        Some((columns, rows)) if columns >= LEAST_SIZE.0 && rows >= LEAST_SIZE.1 => {
            Check::fine("terminal", format!("{columns} columns, {rows} rows"))
        }
        Some((columns, rows)) => Check::attention(
            "terminal",
            format!("{columns} columns, {rows} rows: too small to review in"),
            format!("make it at least {} by {}; 120 by 40 is comfortable", LEAST_SIZE.0, LEAST_SIZE.1),
        ),
        None => Check::attention("terminal", "its size is unknown", "set COLUMNS and LINES, or use another terminal"),
    }
}

/// The first of the variables that is set decides, as the system has it.
fn encoding(variables: [Option<String>; 3]) -> Check {
    let locale = variables.into_iter().flatten().find(|value| !value.is_empty()).unwrap_or_default();
    let name = locale.to_lowercase();
    if name.contains("utf-8") || name.contains("utf8") {
        Check::fine("encoding", locale)
    } else {
        let remedy = "set LANG to a UTF-8 locale such as C.UTF-8, or start the dashboard with --ascii";
        Check::attention("encoding", format!("the locale is not UTF-8: {locale:?}"), remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_terminal_must_hold_the_review_screen() {
        for (size, state) in
            [(Some((60, 15)), State::Fine), (Some((59, 40)), State::Attention), (None, State::Attention)]
        {
            assert_eq!(terminal(size).state, state, "{size:?}");
        }
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let of = |values: [&str; 3]| encoding(values.map(|value| Some(value.to_owned()))).state;
        assert_eq!(of(["", "", "en_GB.UTF-8"]), State::Fine);
        assert_eq!(of(["C", "", "en_GB.UTF-8"]), State::Attention);
        assert_eq!(encoding([None, None, None]).state, State::Attention);
    }
}
