//! How far the import is and what came of it.

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
    /// Whether a line was refused for a code or an agency that nobody registered.
    met_new_words: bool,
    begun: Instant,
    bar: Option<ProgressBar>,
}

impl Report {
    /// `size` is the file's, in bytes, where it is known.
    pub fn new(size: Option<u64>) -> Report {
        let bar = std::io::stderr().is_terminal().then(|| bar(size));
        Report { lines: 0, added: 0, already_there: 0, refused: 0, met_new_words: false, begun: Instant::now(), bar }
    }

    /// Counts what became of a line.
    pub fn count(&mut self, line: u64, fate: &Fate) {
        match fate {
            Fate::Added => self.added += 1,
            Fate::Known => self.already_there += 1,
            Fate::Refused(fault) => self.refuse(line, fault),
        }
    }

    /// Says which line was refused and why, at once: the list of them may be longer than the memory.
    pub fn refuse(&mut self, line: u64, fault: &Fault) {
        self.refused += 1;
        self.met_new_words |= matches!(fault, Fault::Unregistered { .. });
        let text = format!("line {line}: {fault}");
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

    /// The summary; printed, and the failure returned, when lines were refused. `registers`: whether new words were
    /// registered instead of refused.
    pub fn finish(self, registers: bool) -> Result<String, Failure> {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let Report { lines, added, already_there, refused, .. } = self;
        let seconds = self.begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate is rounded anyway")]
        let per_second = lines as f64 / seconds.max(0.001);
        let summary = format!(
            "{lines} lines: {added} conversations added, {already_there} already there, {refused} refused; \
             {seconds:.1} s, {per_second:.0} lines a second\n"
        );
        if refused == 0 {
            return Ok(summary);
        }
        crate::commands::output::print(&summary)?;
        let remedy = match self.met_new_words && !registers {
            true => "; --register-vocabulary registers new codes and agencies first",
            false => "",
        };
        Err(Failure::refused(format!("{refused} of {lines} lines were refused{remedy}")))
    }
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
