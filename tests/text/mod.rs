//! Hostile text, judged by others than the code that made it safe: a terminal's parser, the Unicode tables, ratatui's
//! buffer, and a reader who spells every mark out again.

mod corpus;
mod cost;
mod drawing;
mod hostile;
mod oracle;
mod properties;
