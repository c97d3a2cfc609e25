//! Looking for words in what is open. Case does not matter.
//!
//! A long conversation is searched beside the loop, so that every key is answered meanwhile.

use std::ops::Range;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use uuid::Uuid;

use super::Body;
use crate::app::effect::Effect;
use crate::app::input;
use crate::app::model::{FilterLine, Model, Overlay};
use crate::domain::{Direction, OpenedConversation};
use crate::text::OpenedText;

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

/// Bytes of text that are searched between two keys: this is not felt.
const AT_ONCE: usize = 256 * 1024;

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
            return begin(model, words);
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

/// Looks for the words. No words: the search ends.
fn begin(model: &mut Model, words: String) -> Vec<Effect> {
    let Some(pane) = model.review.pane_mut() else { return Vec::new() };
    (pane.search, pane.looking_for) = (None, None);
    if words.is_empty() {
        return Vec::new();
    }
    let texts = pane.conversation.messages.iter().filter_map(|message| message.body.text());
    if texts.map(OpenedText::bytes).sum::<usize>() > AT_ONCE {
        pane.looking_for = Some(words.clone());
        let conversation = Box::new(pane.conversation.clone());
        model.say("looking through the whole conversation; h gives it up");
        return vec![Effect::Search { words, conversation }];
    }
    let matches = matches(&pane.conversation, &words);
    go_to_first(model, words, matches);
    Vec::new()
}

/// A long conversation was searched. What nobody waits for any more, or was found in what is not open any more, is dropped.
pub fn found(model: &mut Model, words: String, messages: &[Uuid], matches: Vec<Match>) {
    let Some(pane) = model.review.pane_mut() else { return };
    let is_it = pane.conversation.messages.iter().map(|message| message.message_id).eq(messages.iter().copied());
    if pane.looking_for.take_if(|looking_for| *looking_for == words).is_none() {
        return;
    }
    if is_it {
        go_to_first(model, words, matches);
    } else {
        model.say("something changed meanwhile; / looks for it again");
    }
}

/// Goes to the first match from here on.
fn go_to_first(model: &mut Model, words: String, matches: Vec<Match>) {
    let size = model.size;
    let Some(pane) = model.review.pane_mut() else { return };
    if matches.is_empty() {
        model.say("not in this conversation");
        return;
    }
    let top = pane.window(size).start;
    let here = matches.iter().position(|found| pane.document.is_from(top, found.message, found.at.start));
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

/// Every place of the words, the first [`MOST`] of them, in what can be shown: all messages but drafts that stand nowhere, and the draft.
pub fn matches(conversation: &OpenedConversation<Body>, words: &str) -> Vec<Match> {
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
    // Most letters are of this kind, and asking the tables for each takes four times as long.
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
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
