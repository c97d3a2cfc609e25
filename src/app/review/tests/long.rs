//! Conversations that are too long to be looked through before they are shown.

use ratatui::layout::Size;

use crate::app::effect::Effect;
use crate::app::keymap::{Action, Availability};
use crate::app::msg::Msg;
use crate::app::review::document::Row;
use crate::app::review::{Body, Pane, availability};
use crate::app::sample::{Sitting, short};
use crate::text::OpenedText;

/// An open conversation whose draft nobody has looked through yet.
fn reading(draft: &str) -> Sitting {
    let mut opened = short(10431, "");
    opened.conversation.messages[1].body = Body::Text(OpenedText::new(draft.as_bytes().to_vec().into()));
    Sitting::review(80, 24).open(opened)
}

fn pane(sitting: &Sitting) -> &Pane {
    sitting.model.review.pane().unwrap()
}

fn approve(sitting: &Sitting) -> Availability {
    availability(&sitting.model, Action::Approve)
}

/// The words on the screen, top to bottom.
fn shown(sitting: &Sitting) -> Vec<String> {
    let pane = pane(sitting);
    let rows = pane.document.rows(pane.window(sitting.model.size)).into_iter();
    rows.filter_map(|row| match row {
        Row::Text { message, row } => Some(pane.document.line(message, row).to_string()),
        _ => None,
    })
    .collect()
}

/// The code points of the draft that are on the screen.
fn place(sitting: &Sitting) -> std::ops::Range<usize> {
    let pane = pane(sitting);
    let rows = pane.document.rows(pane.window(sitting.model.size)).into_iter();
    let mut draft = rows.filter_map(|row| match row {
        Row::Text { message: 1, row } => Some(pane.document.code_points(1, row)),
        _ => None,
    });
    let first = draft.next().unwrap();
    first.start..draft.next_back().unwrap_or(first).end
}

/// Of about 115 bytes a line, and longer in rows than anybody would guess from its length.
fn chinese(lines: usize) -> String {
    (0..lines).map(|n| format!("第{n}行，{}\u{200B}。", "这是一封很长的信".repeat(4))).collect()
}

#[test]
fn nothing_is_approved_before_the_whole_text_was_looked_through() {
    let mut sitting = reading("one line\u{200B}");
    assert_eq!(approve(&sitting), Availability::Off("still looking through the text".to_owned()));
    let look_through = |effect: Effect| match effect {
        Effect::LookThrough(conversation) => Some(conversation),
        _ => None,
    };
    let mut asked = sitting.asked().into_iter().find_map(look_through).unwrap();
    for message in &mut asked.messages {
        let Body::Text(text) = &mut message.body else { panic!("all of it opens") };
        text.look_through(&[]);
    }
    sitting.send(Msg::LookedThrough(asked));
    assert_eq!(approve(&sitting), Availability::Off("1 mark unseen (w)".to_owned()));
    sitting.press("w");
    assert_eq!(approve(&sitting), Availability::On);
    assert_eq!(pane(&sitting).document.findings(&pane(&sitting).conversation).hidden, 1);
}

#[test]
fn the_last_line_is_one_key_away_however_long_the_text_is() {
    let texts = ["\n".repeat(300_000), "word ".repeat(60_000), chinese(3000), "\u{301}".repeat(100_000)];
    for text in texts {
        let mut sitting = reading(&format!("{text}the very end"));
        sitting.press("G");
        assert!(shown(&sitting).last().unwrap().ends_with("the very end"));
        sitting.press("g");
        assert_eq!(shown(&sitting)[0], "Where is my card?");
    }
}

#[test]
fn reading_on_from_above_skips_no_code_point_while_rows_are_estimated() {
    let mut sitting = reading(&chinese(10_000));
    let mut estimated = 0;
    let mut end = place(&sitting).end;
    for _ in 0..40 {
        estimated += usize::from(!pane(&sitting).document.is_exact());
        sitting.press(" ");
        let there = place(&sitting);
        assert!(there.start <= end && there.end > end, "{there:?} after {end}");
        end = there.end;
    }
    assert!(estimated > 1, "{estimated} pages");
}

#[test]
fn what_was_read_from_one_end_to_the_other_is_read() {
    let mut sitting = reading(&chinese(600));
    let unread = |sitting: &Sitting| pane(sitting).document.unread(&pane(sitting).conversation);
    sitting.press("G");
    let mut before = unread(&sitting);
    sitting.press("g");
    while unread(&sitting) > 0 {
        sitting.press(" ");
        assert!(unread(&sitting) < before);
        before = unread(&sitting);
    }
    assert!(place(&sitting).end > 20_000);
}

#[test]
fn going_back_from_the_end_skips_no_code_point_either() {
    let mut sitting = reading(&chinese(3000));
    sitting.press("G");
    for key in "\u{15}kk\u{15}\u{15}k".chars().cycle().take(60) {
        let before = place(&sitting);
        match key {
            'k' => sitting.press("k"),
            _ => sitting.key(ctrl('u'), 500),
        }
        let after = place(&sitting);
        assert!(after.start < before.start && before.start <= after.end, "{after:?} after {before:?}");
    }
}

#[test]
fn what_stood_at_the_top_stays_there_in_another_size() {
    let mut sitting = reading(&chinese(3000));
    sitting.press("      ");
    let top = place(&sitting).start;
    for width in [100, 61, 200, 80] {
        sitting.send(Msg::Resize(Size { width, height: 24 }));
        let there = place(&sitting);
        assert!(there.start <= top && top < there.end, "{there:?} without {top}");
    }
}

#[test]
fn what_a_key_goes_to_is_where_the_row_is() {
    let mut sitting = reading(&chinese(3000));
    for code_point in [90_000, 17, 60_000, 104_000] {
        let document = &mut sitting.model.review.pane_mut().unwrap().document;
        let row = document.row_of(1, code_point).unwrap();
        let top = document.settle(row.saturating_sub(3), 10);
        let there = document.rows(top..top + 10).into_iter().any(|row| match row {
            Row::Text { message: 1, row } => document.code_points(1, row).contains(&code_point),
            _ => false,
        });
        assert!(there, "{code_point}");
    }
}

fn ctrl(letter: char) -> ratatui::crossterm::event::KeyEvent {
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
}
