//! Looking for words in what is open. Case does not matter.

use std::ops::Range;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Body;
use crate::app::effect::Effect;
use crate::app::input;
use crate::app::model::{FilterLine, Model, Overlay};
use crate::domain::{Direction, OpenedConversation};

/// What was looked for, and where it is. There is at least one match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub words: String,
    pub matches: Vec<Match>,
    /// The index of the match that is looked at.
    pub here: usize,
}

/// A place of a message: its index, and code points of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub message: usize,
    pub at: Range<usize>,
}

/// More matches than anybody walks through.
const MOST: usize = 10_000;

/// Opens the line in which the words are typed.
pub fn ask(model: &mut Model) {
    let words = model.review.pane().and_then(|pane| pane.search.as_ref()).map(|search| search.words.clone());
    model.overlay = Overlay::Search(FilterLine { text: words.unwrap_or_default(), error: None });
}

/// Takes the key while the line is open.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Overlay::Search(line) = &mut model.overlay else { return Vec::new() };
    match key.code {
        KeyCode::Esc => model.overlay = Overlay::None,
        KeyCode::Enter => {
            let words = std::mem::take(&mut line.text);
            model.overlay = Overlay::None;
            begin(model, words);
        }
        KeyCode::Backspace => {
            line.text.pop();
        }
        KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => line.text.clear(),
        KeyCode::Char(letter) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
            input::type_into(line, letter);
        }
        _ => {}
    }
    Vec::new()
}

/// Looks for the words and goes to the first match from here on. No words: the search ends.
fn begin(model: &mut Model, words: String) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    pane.search = None;
    if words.is_empty() {
        return;
    }
    let matches = matches(&pane.conversation, &words);
    if matches.is_empty() {
        model.say("not in this conversation");
        return;
    }
    let top = pane.window(size).start;
    let here = matches
        .iter()
        .position(|found| pane.document.row_of(found.message, found.at.start).is_some_and(|row| row >= top));
    pane.search = Some(Search { words, matches, here: here.unwrap_or(0) });
    show(model, 0);
}

/// Goes on by so many matches; behind the last comes the first.
pub fn show(model: &mut Model, by: isize) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    let Some(search) = &mut pane.search else { return };
    let count = search.matches.len() as isize;
    search.here = (search.here as isize + by).rem_euclid(count) as usize;
    let Match { message, at } = search.matches[search.here].clone();
    let told = format!("match {} of {count}, n and p go on, h ends the search", search.here + 1);
    pane.go_to(message, at.start, size);
    model.say(told);
}

/// Every place of the words in what can be shown: all messages but drafts that stand nowhere, and the draft.
fn matches(conversation: &OpenedConversation<Body>, words: &str) -> Vec<Match> {
    let messages = &conversation.messages;
    let sent =
        |id| messages.iter().any(|message| message.direction == Direction::Outbound && message.revises == Some(id));
    let mut found = Vec::new();
    for (message, there) in messages.iter().enumerate() {
        let is_shown = there.direction != Direction::Draft
            || conversation.draft_id == Some(there.message_id)
            || sent(there.message_id);
        let Some(text) = there.body.text().filter(|_| is_shown) else { continue };
        let room = MOST - found.len();
        let places = text.with_words(|text| places(text, words, room));
        found.extend(places.into_iter().map(|at| Match { message, at }));
    }
    found
}

/// Where the words stand, in code points, without overlaps. Reads the text once and keeps none of it.
fn places(text: &str, words: &str, most: usize) -> Vec<Range<usize>> {
    let wanted: Vec<char> = words.chars().map(fold).collect();
    // How many code points of the words still fit when the next one does not.
    let mut falls_back = vec![0; wanted.len()];
    let mut fits = 0;
    for at in 1..wanted.len() {
        while fits > 0 && wanted[at] != wanted[fits] {
            fits = falls_back[fits - 1];
        }
        fits += usize::from(wanted[at] == wanted[fits]);
        falls_back[at] = fits;
    }
    let mut found = Vec::new();
    let mut fits = 0;
    for (at, letter) in text.chars().map(fold).enumerate() {
        while fits > 0 && letter != wanted[fits] {
            fits = falls_back[fits - 1];
        }
        fits += usize::from(letter == wanted[fits]);
        if fits == wanted.len() {
            fits = 0;
            found.push(at + 1 - wanted.len()..at + 1);
            if found.len() >= most {
                break;
            }
        }
    }
    found
}

fn fold(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case_and_without_overlaps() {
        let cases = [
            ("Where is my CARD? My card!", "card", vec![(12, 16), (21, 25)]),
            ("aaaa", "aa", vec![(0, 2), (2, 4)]),
            ("abababc", "ababc", vec![(2, 7)]),
            ("Grüße GRÜSSE", "grü", vec![(0, 3), (6, 9)]),
            ("one\ntwo", "e\nt", vec![(2, 5)]),
            ("", "a", vec![]),
            ("short", "longer than short", vec![]),
        ];
        for (text, words, expected) in cases {
            let found: Vec<(usize, usize)> = places(text, words, 9).iter().map(|at| (at.start, at.end)).collect();
            assert_eq!(found, expected, "{text:?} {words:?}");
        }
        assert_eq!(places("aaaa", "a", 2), [0..1, 1..2]);
    }
}
