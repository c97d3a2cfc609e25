//! Every state at every size, down to a single cell.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Size;

use super::{Stage, World};
use crate::app::sample::{Sitting, opened};
use crate::app::{Effect, Model, Msg, Screen};
use crate::domain::Role;
use crate::ui::view;

fn draw(model: &Model, size: Size) -> String {
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|frame| view(model, model.now, frame)).unwrap();
    terminal.backend().to_string()
}

#[derive(Debug, Clone)]
enum Step {
    Key(char),
    Resize(Size),
}

fn step() -> impl Strategy<Value = Step> {
    let keys: Vec<char> = "12345jkgG nphlfvARETsxXDutq?/>y[]\n\u{1b}".chars().collect();
    let size = || (1..130_u16, 1..45_u16).prop_map(|(width, height)| Size { width, height });
    prop_oneof![6 => prop::sample::select(keys).prop_map(Step::Key), 1 => size().prop_map(Step::Resize)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_state_is_too_large_for_a_terminal(
        on in prop::sample::select(Screen::ALL.to_vec()),
        steps in prop::collection::vec(step(), 0..40),
        other in (1..130_u16, 1..45_u16),
    ) {
        let mut sitting = Sitting::reading(120, 40);
        sitting.model.session.principal.roles = vec![Role::Reviewer, Role::Oncall];
        let mut stage = Stage::with(World::full(), Screen::DeadLetters, (80, 24), Default::default(), vec![Role::Oncall]);
        sitting.model.screen = on;
        if on != Screen::Review {
            stage.model.screen = on;
        }
        for step in steps {
            let msg = |model: &Model| match step {
                Step::Key(letter) => {
                    let code = match letter {
                        '\n' => KeyCode::Enter,
                        '\u{1b}' => KeyCode::Esc,
                        other => KeyCode::Char(other),
                    };
                    Msg::Key(KeyEvent::from(code), model.now + chrono::Duration::milliseconds(400))
                }
                Step::Resize(size) => Msg::Resize(size),
            };
            sitting.send(msg(&sitting.model));
            draw(&sitting.model, sitting.model.size);
            // Review is not on the stage.
            if !matches!(step, Step::Key('2' | '>' | '\t')) {
                stage.tell(msg(&stage.model));
                draw(&stage.model, stage.model.size);
            }
        }
        // Between a resize and its message the frame has another size than the model knows.
        draw(&sitting.model, Size { width: other.0, height: other.1 });
    }
}

#[test]
fn what_is_too_small_says_so() {
    for (width, height, words) in [(20, 5, "too small"), (39, 24, "40 x 12 at least"), (80, 11, "too small")] {
        for screen in Screen::ALL {
            let mut sitting = Sitting::connected(Screen::Review, width, height);
            sitting.model.screen = screen;
            let drawn = draw(&sitting.model, sitting.model.size);
            assert!(drawn.contains(words), "{screen:?} {width}x{height}\n{drawn}");
        }
    }
}

#[test]
fn nothing_is_done_on_a_screen_that_cannot_be_read() {
    let mut sitting = Sitting::review(80, 24).open(opened(10431));
    sitting.press("R1");
    sitting.asked();
    sitting.send(Msg::Resize(Size { width: 40, height: 20 }));
    sitting.press("ys1nA\nR1y");
    assert_eq!(sitting.asked(), []);
    let mut stage = Stage::new(World::full(), Screen::DeadLetters, (80, 24));
    stage.press("D1");
    stage.tell(Msg::Resize(Size { width: 39, height: 24 }));
    stage.wait(chrono::Duration::seconds(1));
    stage.press("yXD1Ry");
    stage.wait(chrono::Duration::seconds(1));
    stage.press("y");
    assert!(!stage.done.iter().any(Effect::changes), "{:?}", stage.done);
}

#[test]
fn the_help_is_read_to_its_end_and_back_on_a_telephone() {
    for (width, height) in [(40, 12), (40, 20), (80, 24)] {
        let mut stage = Stage::new(World::full(), Screen::DeadLetters, (width, height));
        stage.press("?");
        let first = stage.drawn();
        stage.press(&"j".repeat(60));
        assert!(stage.drawn().contains("this help"), "{}", stage.drawn());
        assert!(!stage.drawn().lines().any(|row| row.contains('…') && row.contains('│')), "{}", stage.drawn());
        stage.press(&"k".repeat(60));
        assert_eq!(stage.drawn(), first);
        stage.press("j");
        stage.press("k");
        assert_eq!(stage.drawn(), first);
    }
}

#[test]
fn a_long_filter_is_seen_where_it_is_typed() {
    let mut stage = Stage::new(World::full(), Screen::Jobs, (40, 20));
    stage.press("/kind:send lang:de status:queued channel:sms");
    assert!(stage.drawn().contains("queued channel:sms▌"), "{}", stage.drawn());
}
