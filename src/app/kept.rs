//! The filters that outlive the program, as lines of text: `jobs kind:send status:open`.
//!
//! Which customer somebody looked for stays nowhere, so a filter that names one is not kept.

use std::fmt;
use std::str::FromStr;

use super::model::{Model, Screen};
use super::{activity, dead_letters, input};
use crate::domain::Filter;

/// The last filter of each screen that has one, in the order of the screens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeptFilters(Vec<(Screen, Filter)>);

/// A line that is no filter of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no filter of a screen")]
pub struct NotKept {
    /// Counted from 1.
    pub line: usize,
}

impl KeptFilters {
    pub fn of(model: &Model) -> KeptFilters {
        let kept = Screen::ALL.into_iter().filter_map(|screen| Some((screen, model.filter_of(screen)?)));
        let kept = kept.filter(|(_, filter)| !filter.is_empty() && filter.customer.is_none());
        KeptFilters(kept.map(|(screen, filter)| (screen, filter.clone())).collect())
    }

    /// Gives every screen its filter, before anything was asked for.
    pub fn put_into(self, model: &mut Model) {
        for (screen, filter) in self.0 {
            match screen {
                Screen::Overview => {}
                Screen::Review => model.review.filter = filter,
                Screen::DeadLetters => dead_letters::set_filter(model, filter),
                Screen::Activity => activity::set_filter(model, filter),
                Screen::Jobs => model.jobs.filter = filter,
            }
        }
    }
}

/// One line a filter; nothing where there is none.
impl fmt::Display for KeptFilters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(screen, filter)| writeln!(f, "{} {filter}", word(*screen)))
    }
}

impl FromStr for KeptFilters {
    type Err = NotKept;

    /// What a person could not have typed on that screen is refused.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let filter = |line: &str| {
            let (name, terms) = line.split_once(' ')?;
            let screen = Screen::ALL.into_iter().find(|screen| word(*screen) == name)?;
            let filter: Filter = terms.parse().ok()?;
            let fits = screen != Screen::Overview && input::unusable(screen, &filter).is_none();
            fits.then_some((screen, filter))
        };
        let lines = text.lines().zip(1..).map(|(text, line)| filter(text).ok_or(NotKept { line }));
        Ok(KeptFilters(lines.collect::<Result<_, _>>()?))
    }
}

/// As `--screen` names it.
fn word(screen: Screen) -> &'static str {
    match screen {
        Screen::Overview => "overview",
        Screen::Review => "review",
        Screen::DeadLetters => "dead-letters",
        Screen::Activity => "activity",
        Screen::Jobs => "jobs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::model::Settings;
    use chrono::{DateTime, Utc};
    use ratatui::layout::Size;

    fn model() -> Model {
        let size = Size { width: 80, height: 24 };
        Model::new(Settings::default(), Screen::Overview, size, DateTime::<Utc>::UNIX_EPOCH)
    }

    #[test]
    fn every_screen_finds_its_own_filter_again() {
        let text = "review lang:de mine\ndead-letters error:timeout\nactivity holder:ada\njobs kind:send status:open\n";
        let mut model = model();
        text.parse::<KeptFilters>().unwrap().put_into(&mut model);
        assert_eq!(model.jobs.filter, "kind:send status:open".parse().unwrap());
        assert_eq!(model.review.filter, "lang:de mine".parse().unwrap());
        assert_eq!(KeptFilters::of(&model).to_string(), text);
    }

    #[test]
    fn no_filter_and_no_customer_are_kept() {
        let mut model = model();
        model.jobs.filter = "cust:cust-1042 kind:send".parse().unwrap();
        assert_eq!(KeptFilters::of(&model).to_string(), "");
    }

    #[test]
    fn what_could_not_have_been_typed_there_is_refused_and_said_by_its_line() {
        for text in ["jobs", "jobs size:3", "overview mine", "sheet mine", "activity lang:de", "review status:open", ""]
        {
            let text = format!("jobs mine\n{text}\n");
            assert_eq!(text.parse::<KeptFilters>(), Err(NotKept { line: 2 }), "{text}");
        }
    }
}
