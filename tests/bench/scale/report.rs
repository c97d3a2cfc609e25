//! One line per figure: what was measured, what was promised, and by how much it is kept or missed.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

/// What a figure has to keep.
#[derive(Clone, Copy)]
pub enum Bar {
    AtMost(f64),
    AtLeast(f64),
    /// It is only told.
    None,
}

pub struct Report {
    path: PathBuf,
    rows: Vec<Value>,
    missed: usize,
}

impl Report {
    pub fn begin(path: PathBuf) -> Report {
        println!("{:<62} {:>12} {:>14} {:>6}", "what", "bar", "measured", "/ bar");
        Report { path, rows: Vec::new(), missed: 0 }
    }

    /// Prints the line and writes all lines so far, so that a run that is broken off leaves what it found.
    pub fn add(&mut self, what: &str, bar: Bar, measured: f64, unit: &str, figures: Value) {
        let (limit, sign, kept) = match bar {
            Bar::AtMost(limit) => (Some(limit), "<=", measured <= limit),
            Bar::AtLeast(limit) => (Some(limit), ">=", measured >= limit),
            Bar::None => (None, "", true),
        };
        let bar = limit.map_or(String::new(), |limit| format!("{sign} {}", figure(limit)));
        let of_bar = limit.map(|limit| measured / limit);
        let of_bar_text = of_bar.map_or(String::new(), |of_bar| format!("{of_bar:.2}"));
        let verdict = if kept { "" } else { "missed" };
        let told = format!("{} {unit}", figure(measured));
        println!("{what:<62} {bar:>12} {told:>14} {of_bar_text:>6} {verdict}");
        self.missed += usize::from(!kept);
        self.rows.push(json!({
            "what": what, "bar": bar, "measured": measured, "unit": unit, "of_bar": of_bar, "kept": kept, "figures": figures,
        }));
        self.write();
    }

    /// Something that is measured for itself, such as how long the data took.
    pub fn note(&self, text: &str) {
        println!("  {text}");
    }

    pub fn end(self) {
        self.write();
        println!("{} figures, {} missed: {}", self.rows.len(), self.missed, self.path.display());
    }

    fn write(&self) {
        fs::create_dir_all(self.path.parent().expect("a file lies in a directory")).unwrap();
        fs::write(&self.path, serde_json::to_string_pretty(&self.rows).unwrap()).unwrap();
    }
}

/// Three digits that count.
fn figure(value: f64) -> String {
    let digits = if value.abs() >= 100.0 || value == value.trunc() {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$}")
}

/// The value below which this share of all lies.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

/// Of an even number of values the middle of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = ((sorted.len() - 1) / 2, sorted.len() / 2);
    (sorted[low] + sorted[high]) / 2.0
}

/// Median, best and worst, as they go into the file.
pub fn spread(values: &[f64]) -> Value {
    json!({
        "median": median(values), "least": quantile(values, 0.0), "most": quantile(values, 1.0), "p99": quantile(values, 0.99),
        "count": values.len(),
    })
}
