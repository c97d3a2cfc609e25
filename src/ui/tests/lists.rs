//! Activity and Jobs.

use ratatui::buffer::Cell;
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::style::Color;

use super::{SIZES, Stage, World};
use crate::app::{Effect, Msg, Screen, Settings};
use crate::domain::{Job, JobId, Role};

const SCREENS: [(Screen, &str); 2] = [(Screen::Activity, "activity"), (Screen::Jobs, "jobs")];

#[test]
fn full() {
    for (screen, name) in SCREENS {
        for size in SIZES {
            insta::assert_snapshot!(format!("{name}_full_{}", size.0), Stage::new(World::full(), screen, size).drawn());
        }
    }
}

#[test]
fn empty() {
    for (screen, name) in SCREENS {
        insta::assert_snapshot!(format!("{name}_empty"), Stage::new(World::empty(), screen, (80, 24)).drawn());
    }
}

#[test]
fn old_data_stays_with_its_age() {
    for (screen, name) in SCREENS {
        let mut stage = Stage::new(World::full(), screen, (80, 24));
        stage.lose_database();
        insta::assert_snapshot!(format!("{name}_stale"), stage.drawn());
    }
}

#[test]
fn an_open_job_shows_everything() {
    for size in SIZES {
        let mut stage = Stage::new(World::full(), Screen::Jobs, size);
        stage.press("jjj⏎");
        insta::assert_snapshot!(format!("job_{}", size.0), stage.drawn());
        stage.press("G");
        assert!(stage.drawn().contains("conversation_moved"), "the end of the history at {size:?}");
    }
}

#[test]
fn a_row_of_the_trail_opens_its_job_and_back_leads_here_again() {
    let mut stage = Stage::new(World::full(), Screen::Activity, (80, 24));
    stage.press("⏎");
    assert_eq!(stage.model.screen, Screen::Activity, "the newest row is about no job");
    stage.press("j⏎");
    assert_eq!((stage.model.screen, stage.model.jobs.open), (Screen::Jobs, Some(JobId(12_024))));
    stage.press("h");
    assert_eq!(stage.model.screen, Screen::Activity);
}

#[test]
fn the_database_filters_the_trail_but_not_that_of_the_overview() {
    let mut stage = Stage::new(World::full(), Screen::Activity, (120, 40));
    for filter in ["id:12024", "holder:ada", "mine", "error:already_decided", "status:succeeded,failed"] {
        stage.press(&format!("/{filter}⏎"));
        assert_eq!(stage.trail.to_string(), filter);
        stage.press("1");
        assert!(stage.trail.is_empty(), "{filter}");
        stage.press("4");
        assert_eq!(stage.trail.to_string(), filter);
        stage.press("h");
        assert!(stage.trail.is_empty());
    }
    stage.press("/kind:send⏎");
    assert!(stage.model.activity.filter.is_empty() && stage.trail.is_empty(), "the trail knows no kinds");
}

#[test]
fn a_filter_under_which_nothing_happened_says_so() {
    let mut stage = Stage::new(World::empty(), Screen::Activity, (80, 24));
    stage.press("/holder:nobody⏎");
    assert!(stage.drawn().contains("Nothing under this filter."), "{}", stage.drawn());
}

#[test]
fn the_cursor_stays_with_its_job_and_the_filter_stands() {
    let mut stage = Stage::new(World::full(), Screen::Jobs, (80, 24));
    stage.press("/kind:send lang:de⏎jj");
    let chosen = stage.model.jobs.cursor.key();
    assert!(chosen.is_some());
    let newer = Job { job_id: JobId(13_000), ..stage.world.jobs.jobs[0].clone() };
    stage.world.jobs.jobs.insert(0, newer);
    stage.wait(stage.model.settings.refresh_every);
    assert_eq!(stage.model.jobs.cursor.key(), chosen);
    assert_eq!(stage.filter(), "kind:send lang:de");
}

#[test]
fn who_has_not_moved_watches_the_newest() {
    let mut stage = Stage::new(World::full(), Screen::Jobs, (80, 24));
    let newer = Job { job_id: JobId(13_000), ..stage.world.jobs.jobs[0].clone() };
    stage.world.jobs.jobs.insert(0, newer);
    stage.wait(stage.model.settings.refresh_every);
    assert_eq!(stage.model.jobs.cursor.key(), Some(JobId(13_000)));
}

#[test]
fn from_a_job_to_its_conversation_and_back() {
    let mut stage = Stage::new(World::full(), Screen::Jobs, (80, 24));
    stage.press("⏎⏎");
    let conversation = stage.world.jobs.jobs[0].correlation_id;
    assert_eq!(stage.filter(), format!("conv:{conversation}"));
    stage.press("⏎h");
    assert_eq!(stage.filter(), format!("conv:{conversation}"), "closing the job keeps the list");
    stage.press("h");
    assert_eq!((stage.filter().as_str(), stage.model.screen), ("", Screen::Jobs));
}

#[test]
fn scrolling_an_open_job_stops_at_its_ends() {
    let mut stage = Stage::new(World::full(), Screen::Jobs, (80, 24));
    stage.press("⏎");
    let top = stage.drawn();
    stage.press("Gjjjjj");
    let bottom = stage.drawn();
    stage.press("k");
    assert_ne!(stage.drawn(), bottom);
    stage.press("gk");
    assert_eq!(stage.drawn(), top);
}

#[test]
fn the_id_is_copied() {
    for (screen, keys, id) in
        [(Screen::Jobs, "jy", "12030"), (Screen::Activity, "jy", "12024"), (Screen::Jobs, "⏎y", "12031")]
    {
        let mut stage = Stage::new(World::full(), screen, (80, 24));
        stage.press(keys);
        assert_eq!(stage.done, [Effect::Copy(id.to_owned())]);
    }
}

#[test]
fn the_mouse_selects_and_scrolls_and_decides_nothing() {
    for screen in LISTS {
        let mut stage = Stage::new(World::full(), screen, (80, 24));
        let mut drawn = stage.drawn();
        let events = [(MouseEventKind::Down(MouseButton::Left), 12), (MouseEventKind::ScrollUp, 12)];
        for (kind, row) in events {
            let event = MouseEvent { kind, column: 20, row, modifiers: KeyModifiers::NONE };
            stage.tell(Msg::Mouse(event, stage.model.now));
            assert_ne!(stage.drawn(), drawn, "{screen:?} {kind:?}");
            drawn = stage.drawn();
        }
        assert_eq!((stage.model.screen, stage.done.len()), (screen, 0));
    }
}

const LISTS: [Screen; 4] = [Screen::Overview, Screen::DeadLetters, Screen::Activity, Screen::Jobs];

#[test]
fn ascii_replaces_our_own_characters() {
    for (screen, size) in LISTS.into_iter().flat_map(|screen| SIZES.map(|size| (screen, size))) {
        let settings = Settings { ascii: true, ..Settings::default() };
        let drawn = Stage::with(World::full(), screen, size, settings, vec![Role::Oncall]).drawn();
        let ours = drawn.find(['▌', '│', '─', '╭', '╮', '╰', '╯', '·', '…', '→']);
        assert_eq!(ours, None, "{drawn}");
    }
}

#[test]
fn without_colour_no_cell_has_one() {
    for screen in LISTS {
        let settings = Settings { no_color: true, ..Settings::default() };
        let stage = Stage::with(World::full(), screen, (80, 24), settings, vec![Role::Oncall]);
        let is_plain = |cell: &Cell| cell.fg == Color::Reset && cell.bg == Color::Reset;
        assert!(stage.cells().content.iter().all(is_plain), "{screen:?}");
    }
}

#[test]
fn wide_characters_do_not_move_what_stands_after_them() {
    let stage = Stage::new(World::full(), Screen::DeadLetters, (80, 24));
    let drawn = stage.drawn();
    let rows: Vec<&str> = drawn.lines().filter(|line| line.contains("classify/we")).collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let cells = row.split('"').nth(1).unwrap();
        assert_eq!(unicode_width::UnicodeWidthStr::width(cells), 80, "{cells}");
    }
}

#[test]
fn i13_the_header_says_that_events_are_withheld_until_their_types_are_ratified() {
    for size in SIZES {
        let mut stage = Stage::new(World::full(), Screen::Activity, size);
        assert!(!stage.drawn().contains("withheld"), "{size:?}");
        stage.model.session.withholds_events = true;
        assert!(stage.drawn().contains("events withheld"), "{size:?}");
    }
}
