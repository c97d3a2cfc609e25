//! Overview: how it looks at every size, and which jobs a row opens.

use super::{SIZES, Stage, World};
use crate::app::{Screen, Settings};
use crate::domain::Role;

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
fn without_box_characters_and_colour_it_says_the_same() {
    for size in SIZES {
        let settings = Settings { ascii: true, no_color: true, ..Settings::default() };
        let stage = Stage::with(World::full(), Screen::Overview, size, settings, vec![Role::Oncall]);
        let drawn = stage.drawn();
        assert!(drawn.is_ascii(), "{drawn}");
        for word in ["GROWS", "FULL", "+412 await", "40 of 40"] {
            assert!(drawn.contains(word), "{word}\n{drawn}");
        }
        insta::assert_snapshot!(format!("overview_ascii_{}", size.0), drawn);
    }
}

#[test]
fn the_chart_shows_the_last_day_of_the_kind_under_the_cursor() {
    for size in SIZES.into_iter().chain([(40, 12)]) {
        let mut stage = stage(World::full(), size);
        stage.press("jjjc");
        insta::assert_snapshot!(format!("overview_chart_{}", size.0), stage.drawn());
        stage.press("j");
        assert!(stage.drawn().contains("send, last "), "{}", stage.drawn());
        stage.press("c⏎");
        assert_eq!((stage.model.screen, stage.filter().as_str()), (Screen::Jobs, "kind:send status:open"));
    }
}

#[test]
fn deadlines_that_run_through_the_night_say_so() {
    for size in SIZES {
        let drawn = |agencies: &[&str]| {
            let mut world = World::full();
            world.overview.situation.through_the_night = agencies.iter().map(|agency| (*agency).to_owned()).collect();
            stage(world, size).drawn()
        };
        let night = drawn(&["acme"]);
        assert!(night.contains("run through the night"), "{night}");
        assert!(night.contains("next"), "what breaches next is still named: {night}");
        assert!(!drawn(&[]).contains("night"), "{size:?}");
    }
}

#[test]
fn a_time_zone_that_the_server_lost_is_named_where_the_nights_count() {
    for size in SIZES {
        let mut world = World::full();
        world.overview.situation.through_the_night = vec!["acme".to_owned()];
        world.overview.situation.unknown_zones = vec!["Mars/Olympus".to_owned()];
        let drawn = stage(world, size).drawn();
        assert!(drawn.contains("Mars/Olympus") && drawn.contains("nights count"), "{drawn}");
    }
}

#[test]
fn a_full_tier_is_told_also_where_an_outage_and_a_hold_take_its_room() {
    for size in SIZES {
        let drawn = stage(World::troubled(), size).drawn();
        assert!(drawn.contains("OUTAGE?") && drawn.contains("HOLD"), "{drawn}");
        assert!(drawn.contains("senior reviewer full, 40 of 40: 96 late stay below"), "{drawn}");
    }
}

#[test]
fn the_teams_show_decisions_by_hour() {
    for size in SIZES.into_iter().chain([(40, 12)]) {
        let mut stage = stage(World::full(), size);
        stage.press("t");
        insta::assert_snapshot!(format!("overview_teams_{}", size.0), stage.drawn());
        stage.press("h");
        assert!(stage.drawn().contains("kind "), "{}", stage.drawn());
        assert_eq!(stage.model.screen, Screen::Overview);
    }
}

#[test]
fn enter_opens_the_jobs_of_the_row() {
    let cases = [
        ("⏎", "kind:inbound status:open"),
        ("jjj⏎", "kind:approve status:open"),
        // Beneath the seven kinds stand those that press most.
        ("jjjjjjj⏎", "kind:approve status:open due:<0s"),
        ("Gk⏎", "kind:escalate status:open due:<0s"),
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
