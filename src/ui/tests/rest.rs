//! A screen on which nothing happens stands still.

use chrono::Duration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use super::{SIZES, Stage, World};
use crate::app::sample::Sitting;
use crate::app::{Model, Screen};
use crate::ui::view;

/// What is shown of ages and countdowns steps by whole minutes, so within one no cell has a reason to change twice.
const SPAN: i64 = 60;

fn cells(model: &Model) -> Buffer {
    let size = model.terminal;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|frame| view(model, model.now, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// Lets a minute pass second by second, with all that is asked and answered meanwhile.
fn stands_still(what: &str, mut drawn: impl FnMut() -> Buffer) {
    let first = drawn();
    let mut changes = vec![0; first.content.len()];
    let mut before = first;
    for _ in 0..SPAN {
        let now = drawn();
        for (at, (cell, old)) in now.content.iter().zip(&before.content).enumerate() {
            changes[at] += usize::from(cell != old);
        }
        before = now;
    }
    let width = usize::from(before.area.width);
    if let Some(at) = changes.iter().position(|count| *count > 1) {
        let row: String = before.content[at / width * width..][..width].iter().map(|cell| cell.symbol()).collect();
        panic!("{what}: column {} changed {} times within a minute in {row:?}", at % width, changes[at]);
    }
}

#[test]
fn where_nothing_happens_no_cell_changes_twice_a_minute() {
    let keys = [
        (Screen::Overview, vec!["", "c", "t"]),
        (Screen::DeadLetters, vec![""]),
        (Screen::Activity, vec![""]),
        (Screen::Jobs, vec!["", "⏎"]),
    ];
    for (world, name) in [(World::full(), "full"), (World::troubled(), "troubled"), (World::empty(), "empty")] {
        for size in SIZES {
            for (screen, keys) in &keys {
                for keys in keys {
                    let mut stage = Stage::new(world.clone(), *screen, size);
                    stage.press(keys);
                    stands_still(&format!("{name} {screen:?} {keys} {size:?}"), || {
                        stage.wait(Duration::seconds(1));
                        cells(&stage.model)
                    });
                }
            }
        }
    }
}

#[test]
fn a_list_of_what_waits_stands_still_as_well() {
    for (width, height) in SIZES {
        let mut sitting = Sitting::review(width, height);
        // Until then something happens: a reply can be taken back.
        sitting.wait(Duration::minutes(2));
        stands_still(&format!("Review {width}x{height}"), || {
            sitting.wait(Duration::seconds(1));
            cells(&sitting.model)
        });
    }
}
