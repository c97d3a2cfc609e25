//! What a tone looks like, and which characters frames are made of.
//!
//! Colour only repeats what a mark or a word says already, so everything reads the same without it.

use ratatui::style::{Color, Modifier, Style};

use crate::app::Settings;

/// What a piece of text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    Plain,
    /// Frames, units, what is there for reference.
    Dim,
    /// What the eye should find first.
    Strong,
    /// The row under the cursor.
    Chosen,
    /// The cell under the cursor of a text that is being written; stands out of marks and selections too.
    Cursor,
    /// Late, lost, dangerous.
    Alarm,
    /// To be looked at.
    Warning,
    /// Done, fine.
    Good,
    /// A key that exists and cannot act now.
    Off,
    /// A mark that stands for something in untrusted text. Nothing else looks like it.
    Mark,
    /// Words in untrusted text that something is said about.
    Marked,
    /// The gutter beside untrusted text.
    Gutter,
}

/// Tones and characters for one terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    colour: bool,
    ascii: bool,
}

impl Theme {
    pub fn new(settings: &Settings) -> Theme {
        Theme { colour: !settings.no_color, ascii: settings.ascii }
    }

    pub fn is_ascii(self) -> bool {
        self.ascii
    }

    pub fn style(self, tone: Tone) -> Style {
        let plain = Style::new();
        let (modifier, colour) = match tone {
            Tone::Plain => (Modifier::empty(), None),
            Tone::Dim => (Modifier::DIM, None),
            Tone::Strong => (Modifier::BOLD, None),
            Tone::Chosen => (Modifier::REVERSED, None),
            Tone::Cursor => (Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::SLOW_BLINK), None),
            Tone::Alarm => (Modifier::BOLD, Some(Color::Red)),
            Tone::Warning => (Modifier::BOLD, Some(Color::Yellow)),
            Tone::Good => (Modifier::empty(), Some(Color::Green)),
            Tone::Off => (Modifier::DIM, None),
            Tone::Mark => (Modifier::BOLD.union(Modifier::REVERSED), Some(Color::Magenta)),
            Tone::Marked => (Modifier::BOLD.union(Modifier::UNDERLINED), None),
            Tone::Gutter => (Modifier::empty(), Some(Color::Cyan)),
        };
        match colour.filter(|_| self.colour) {
            Some(colour) => plain.fg(colour).add_modifier(modifier),
            None => plain.add_modifier(modifier),
        }
    }

    /// One of our own characters, or what stands for it where box and block characters are not to be trusted.
    pub fn character(self, character: char) -> char {
        if !self.ascii {
            return character;
        }
        match character {
            '▌' | '│' => '|',
            '─' => '-',
            '╭' | '╮' | '╰' | '╯' => '+',
            '·' => '.',
            '…' => '~',
            '→' => '>',
            '▁' | '▂' => '_',
            '▃' | '▄' => '-',
            '▅' | '▆' => '=',
            '▇' | '█' => '#',
            other if other.is_ascii() => other,
            _ => '?',
        }
    }
}
