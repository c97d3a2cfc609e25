//! I2: what calls are given shows up nowhere. A word that stands nowhere else goes into every argument of every call, as
//! every login, and through the program itself; then it is looked for wherever text can come out: answers and errors, the
//! server's log, the tables of the queue, a dump of the whole database, the program's output, log and terminal.
//!
//! Each search first finds a word that was planted for it, so that finding nothing means something.

mod accepted;
mod inputs;
mod places;
mod programs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

/// A word that stands nowhere else, in sentences that differ by a number, so that a find says where it came from.
pub struct Canary {
    marker: String,
    /// The marker as it is, as the hex of its bytes, and in base64 wherever it starts within three bytes.
    forms: Vec<String>,
}

impl Canary {
    pub fn new() -> Canary {
        let marker = format!("canary{}", &Uuid::new_v4().simple().to_string()[..12]);
        let hex = marker.bytes().map(|byte| format!("{byte:02x}")).collect();
        let forms = [marker.clone(), hex].into_iter().chain((0..3).map(|shift| base64_at(&marker, shift))).collect();
        Canary { marker, forms }
    }

    /// What a customer might write: a name, an address and a telephone number.
    pub fn words(&self, number: usize) -> String {
        format!("Jane {0}x{number} <{0}x{number}@example.org>, +49 151 2345678", self.marker)
    }

    /// A name of the shape that codes have.
    pub fn code(&self, number: usize) -> String {
        format!("{}x{number}", self.marker)
    }

    /// The first place in a text where the canary stands in some form, with a little of what is around it.
    pub fn found_in(&self, text: &str) -> Option<String> {
        let lower = text.to_lowercase();
        let found = self.forms.iter().find_map(|form| lower.find(form).or_else(|| text.find(form)))?;
        let around = text.bytes().skip(found.saturating_sub(120)).take(300).collect::<Vec<_>>();
        Some(String::from_utf8_lossy(&around).into_owned())
    }
}

/// The part of a text's base64 that does not depend on what stands before and after it.
fn base64_at(text: &str, shift: usize) -> String {
    let encoded = STANDARD.encode([&vec![0; shift], text.as_bytes()].concat());
    encoded[(shift * 8).div_ceil(6)..(shift + text.len()) * 8 / 6].to_owned()
}

#[test]
fn a_canary_is_found_in_every_form() {
    let canary = Canary::new();
    let words = canary.words(7);
    assert!(canary.found_in(&words.to_uppercase()).is_some_and(|found| found.contains("X7")));
    for shift in 0..3 {
        let encoded = STANDARD.encode("?".repeat(shift) + &words);
        assert!(canary.found_in(&encoded).is_some(), "{encoded}");
    }
    let hex: String = words.bytes().map(|byte| format!("{byte:02X}")).collect();
    assert!(canary.found_in(&hex).is_some());
    assert!(canary.found_in(&Canary::new().words(7)).is_none());
}
