//! Overview: how it looks at every size, and which jobs a row opens.

use super::{SIZES, Stage, World};
use crate::app::Screen;

fn stage(world: World, size: (u16, u16)) -> Stage {
    Stage::new(world, Screen::Overview, size)
}

#[test]
fn full() {
    for size in SIZES.into_iter().chain([(40, 12)]) {
        insta::assert_snapshot!(format!("overview_full_{}", size.0), stage(World::full(), size).drawn());
    }
}

#[test]
fn empty_queue_says_how_to_fill_it() {
    for size in SIZES.into_iter().chain([(40, 12)]) {
        insta::assert_snapshot!(format!("overview_empty_{}", size.0), stage(World::empty(), size).drawn());
    }
}

#[test]
fn old_data_stays_with_its_age() {
    for size in SIZES {
        let mut stage = stage(World::full(), size);
        stage.lose_database();
        insta::assert_snapshot!(format!("overview_stale_{}", size.0), stage.drawn());
    }
}

#[test]
fn enter_opens_the_jobs_of_the_row() {
    let cases = [
        ("⏎", "kind:inbound status:open"),
        ("jjj⏎", "kind:approve status:open"),
        ("Gkkkk⏎", "kind:draft status:open due:<15m"),
        ("jjjjjjjjjj⏎", "kind:approve status:open due:<0s"),
    ];
    for (keys, expected) in cases {
        let mut stage = stage(World::full(), (80, 24));
        stage.press(keys);
        assert_eq!((stage.model.screen, stage.filter().as_str()), (Screen::Jobs, expected), "{keys}");
    }
}

#[test]
fn going_back_from_the_jobs_of_a_row_ends_at_the_row() {
    let mut stage = stage(World::full(), (80, 24));
    stage.press("jj⏎⏎");
    assert!(stage.model.jobs.open.is_some());
    stage.press("hh");
    assert_eq!((stage.model.screen, stage.filter().as_str()), (Screen::Jobs, ""));
    stage.press("h");
    assert_eq!(stage.model.screen, Screen::Overview);
    assert_eq!(stage.model.overview.cursor.index(), 2);
}
