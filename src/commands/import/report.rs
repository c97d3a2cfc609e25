//! How far the import is and what came of it.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::batch::Fate;
use super::fault::Fault;
use crate::commands::Failure;

/// Counts, and where they are shown: a bar on a terminal, otherwise only what went wrong and the summary.
pub struct Report {
    pub lines: u64,
    added: u64,
    already_there: u64,
    refused: u64,
    /// The refused lines that were not told one by one.
    rest: BTreeMap<String, Several>,
    /// Whether a line was refused for a code or an agency that nobody registered.
    met_new_words: bool,
    begun: Instant,
    bar: Option<ProgressBar>,
}

/// So many refused lines are told one by one; a reader wants to know of the others how many and why.
const TOLD: u64 = 20;

/// Lines refused for the same reason.
struct Several {
    count: u64,
    first: u64,
    last: u64,
}

impl Report {
    /// `size` is the file's, in bytes, where it is known.
    pub fn new(size: Option<u64>) -> Report {
        let bar = std::io::stderr().is_terminal().then(|| bar(size));
        Report {
            lines: 0,
            added: 0,
            already_there: 0,
            refused: 0,
            rest: BTreeMap::new(),
            met_new_words: false,
            begun: Instant::now(),
            bar,
        }
    }

    /// Counts what became of a line.
    pub fn count(&mut self, line: u64, fate: &Fate) {
        match fate {
            Fate::Added => self.added += 1,
            Fate::Known => self.already_there += 1,
            Fate::Refused(fault) => self.refuse(line, fault),
        }
    }

    /// Says which line was refused and why, at once; when that was said often enough, only counts.
    pub fn refuse(&mut self, line: u64, fault: &Fault) {
        self.refused += 1;
        self.met_new_words |= matches!(fault, Fault::Unregistered { .. });
        if self.refused <= TOLD {
            self.tell(format!("line {line}: {fault}"));
            return;
        }
        let same = self.rest.entry(fault.category()).or_insert(Several { count: 0, first: line, last: line });
        same.count += 1;
        same.first = same.first.min(line);
        same.last = same.last.max(line);
    }

    fn tell(&self, text: String) {
        match &self.bar {
            Some(bar) => bar.println(text),
            // Nothing is left to tell it to when standard error is gone.
            None => drop(writeln!(std::io::stderr(), "{text}")),
        }
    }

    pub fn advance(&self, bytes_read: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes_read);
            bar.set_message(format!("{} lines, {} added, {} refused", self.lines, self.added, self.refused));
        }
    }

    /// The lines that were only counted, by reason, the most frequent first.
    fn rest(&self) -> Vec<String> {
        let mut rest: Vec<(&String, &Several)> = self.rest.iter().collect();
        rest.sort_by_key(|(_, several)| std::cmp::Reverse(several.count));
        let total: u64 = rest.iter().map(|(_, several)| several.count).sum();
        let head = (total > 0).then(|| format!("and {total} more:"));
        let lines = rest.iter().map(|(category, Several { count, first, last })| match count {
            1 => format!("  1 {category}: line {first}"),
            _ => format!("  {count} {category}: lines {first} to {last}"),
        });
        head.into_iter().chain(lines).collect()
    }

    /// What was done so far, after whatever else there is to tell.
    fn summary(&self) -> String {
        for line in self.rest() {
            self.tell(line);
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let Report { lines, added, already_there, refused, .. } = self;
        let seconds = self.begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate is rounded anyway")]
        let per_second = *lines as f64 / seconds.max(0.001);
        format!(
            "{}: {} added, {already_there} already there, {refused} refused; {seconds:.1} s, {per_second:.0} lines a second\n",
            count_of(*lines, "line"),
            count_of(*added, "conversation"),
        )
    }

    /// Says what went in before somebody interrupted it.
    pub fn interrupted(self) -> Failure {
        // What cannot be printed is no news beside the interruption.
        let _ = crate::commands::output::print(&self.summary());
        Failure::refused("interrupted; what went in stays, and the same file again adds the rest")
    }

    /// The summary; printed, and the failure returned, when lines were refused. `registers`: whether new words were
    /// registered instead of refused.
    pub fn finish(self, registers: bool) -> Result<String, Failure> {
        let summary = self.summary();
        let Report { lines, refused, .. } = self;
        if refused == 0 {
            return Ok(summary);
        }
        crate::commands::output::print(&summary)?;
        let remedy = match self.met_new_words && !registers {
            true => "; --register-vocabulary registers new codes and agencies first",
            false => "",
        };
        let were = if lines == 1 { "line was" } else { "lines were" };
        Err(Failure::refused(format!("{refused} of {lines} {were} refused{remedy}")))
    }
}

fn count_of(count: u64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

fn bar(size: Option<u64>) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "{bar:30} {percent:>3}%  {msg}  {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("the template is a constant that parses"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_first_lines_the_rest_is_counted_by_reason() {
        let mut report = Report::new(None);
        for line in 1..=TOLD {
            report.refuse(line, &Fault::NotAnObject);
        }
        assert_eq!(report.rest(), [""; 0]);
        for line in 21..=4990 {
            report.refuse(line, &Fault::Unregistered { what: "intent" });
        }
        report.refuse(4991, &Fault::NotJson { column: 7 });
        report.refuse(5001, &Fault::bad("messages[0].at", "not a time"));
        report.refuse(5000, &Fault::bad("messages[12].at", "not a time"));
        let expected = [
            "and 4973 more:",
            "  4970 unregistered intent: lines 21 to 4990",
            "  2 messages[].at: not a time: lines 5000 to 5001",
            "  1 not JSON: line 4991",
        ];
        assert_eq!(report.rest(), expected);
    }

    #[test]
    fn who_meets_new_words_is_told_how_to_register_them() {
        let cases = [
            (Fault::Unregistered { what: "intent" }, false, true),
            (Fault::Unregistered { what: "intent" }, true, false),
            (Fault::NotAnObject, false, false),
        ];
        for (fault, registers, expected) in cases {
            let mut report = Report::new(None);
            report.refuse(1, &fault);
            let failure = report.finish(registers).unwrap_err().to_string();
            assert_eq!(failure.contains("--register-vocabulary"), expected, "{fault} {registers}: {failure}");
        }
    }
}
