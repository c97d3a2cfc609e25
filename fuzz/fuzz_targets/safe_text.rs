//! Whatever bytes a fuzzer comes up with, judged as the benchmark judges its own: `cargo +nightly fuzz run safe_text`.
//!
//! The first two bytes choose the width, and whether the text is drawn between borders too; the rest is the text.

#![no_main]

#[path = "../../tests/text/generated.rs"]
#[expect(dead_code, reason = "the benchmark makes its texts from numbers")]
mod generated;
#[path = "../../tests/text/oracle.rs"]
mod oracle;
#[path = "../../tests/text/terminal.rs"]
mod terminal;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let [low, high, text @ ..] = data {
        let width = usize::from(u16::from_le_bytes([*low, *high & 1])) % 300 + 1;
        generated::judge_text(&String::from_utf8_lossy(text), width, high & 2 != 0);
    }
});
