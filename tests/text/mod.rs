//! Hostile text, judged by others than the code that made it safe: a terminal's parser, the Unicode tables, ratatui's
//! buffer, and a reader who spells every mark out again.

mod corpus;
mod cost;
mod drawing;
mod generated;
mod hostile;
mod oracle;
mod properties;
mod rows;
mod screen;
mod terminal;

use super::support::{Figure, scaled};

/// `cargo bench --bench hostile -- 10000000` judges more of them than a test build can.
#[test]
fn generated_texts_are_visible_complete_and_bounded() {
    let count = scaled(300, 100_000);
    let figure = Figure::begin("hostile texts judged");
    (0..count as u64).for_each(generated::judge);
    figure.end(count);
}
