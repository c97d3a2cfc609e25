//! Help, plain ASCII, and no colour.

use ratatui::style::Color;

use super::{draw, hostile, snapshots, text};
use crate::app::sample::{self, Sitting, opened};
use crate::app::{Msg, help, keymap};

#[test]
fn review_help() {
    snapshots("review_help", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        sitting.press("?");
        sitting
    });
}

#[test]
fn every_key_that_works_in_the_pane_can_be_read_in_its_help() {
    let mut sitting = Sitting::reading(120, 60);
    sitting.press("?");
    let screen = text(&sitting);
    for binding in keymap::of_mode(keymap::Mode::ReviewPane) {
        assert!(screen.contains(binding.help), "{}", binding.help);
    }
}

#[test]
fn every_mark_on_the_screen_is_explained_by_the_help() {
    for (mode, mut sitting) in
        [(keymap::Mode::ReviewPane, Sitting::reading(200, 80)), (keymap::Mode::ReviewList, Sitting::review(200, 80))]
    {
        sitting.press("?");
        let screen = text(&sitting);
        assert!(!help::signs(mode).is_empty());
        for (sign, words) in help::signs(mode) {
            assert!(screen.lines().any(|line| line.contains(sign) && line.contains(words)), "{sign}");
        }
    }
}

#[test]
fn nothing_outside_ascii_is_drawn_by_us_in_ascii_mode() {
    for keys in ["w", "i", "d", "/order\n", "a"] {
        let mut hostile = hostile();
        hostile.conversation.pin = Some(sample::pin(14));
        let mut sitting = Sitting::review(120, 40);
        sitting.model.settings.ascii = true;
        let mut sitting = sitting.open(hostile);
        sitting.press(keys);
        let screen = text(&sitting);
        assert!(screen.is_ascii(), "{keys:?}\n{screen}");
    }
    for keys in ["", "n", "?", "/"] {
        let mut sitting = Sitting::review(120, 40);
        sitting.model.settings.ascii = true;
        if keys == "n" {
            sitting = sitting.open(opened(10431));
            sitting.press("R");
        } else {
            sitting.press(keys);
        }
        let screen = text(&sitting);
        let foreign: String = screen.chars().filter(|it| !it.is_ascii()).collect();
        assert_eq!(foreign, "", "{keys:?}\n{screen}");
    }
}

#[test]
fn production_and_lost_data_are_red_and_nothing_is_without_colour() {
    let mut sitting = Sitting::review(80, 24);
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    let red = |sitting: &Sitting| -> String {
        let terminal = draw(sitting);
        let buffer = terminal.backend().buffer().clone();
        let header = buffer.content().iter().take(80);
        header.filter(|cell| cell.fg == Color::Red).map(|cell| cell.symbol()).collect()
    };
    assert!(red(&sitting).starts_with("PRODUCTION"), "{}", red(&sitting));
    assert!(red(&sitting).contains("old"));
    sitting.model.settings.no_color = true;
    let terminal = draw(&sitting);
    let plain = terminal.backend().buffer().content().iter().all(|cell| cell.fg == Color::Reset);
    assert!(plain);
}
