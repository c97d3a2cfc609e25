//! The list: what stands in it, and what opening a row asks for.

use chrono::Duration;
use ratatui::crossterm::event::KeyModifiers;

use super::{JOB, check, decided_as, ready};
use crate::app::effect::Effect;
use crate::app::feed::Reply;
use crate::app::keymap::{Action, Availability};
use crate::app::model::{Connection, Overlay};
use crate::app::msg::{Failure, Msg};
use crate::app::review::list::{self, Line};
use crate::app::review::{Standing, Verb, availability};
use crate::app::sample::{self, Sitting, short};
use crate::domain::review::ReviewOrder;
use crate::domain::{JobId, JobKind, Outcome};

#[test]
fn the_list_stands_still_while_a_job_is_open() {
    let mut sitting = ready();
    sitting.wait(sitting.model.settings.refresh_every);
    let mut fewer = sample::list();
    fewer.waiting.truncate(2);
    sitting.answer(fewer, sample::backlog());
    assert_eq!(sitting.model.review.waiting.len(), 8);
    sitting.press("h");
    assert_eq!(sitting.model.review.waiting.len(), 2);
}

#[test]
fn what_i_decided_is_gone_from_the_list_before_the_database_says_so() {
    let mut sitting = ready();
    sitting.press("A");
    sitting.wait(Duration::seconds(1));
    sitting.press("y");
    decided_as(&mut sitting, Verb::Approve, Outcome::named("applied"));
    sitting.press("h");
    let rows = &sitting.model.review.waiting;
    assert!(rows.len() == 7 && rows.iter().all(|row| row.job_id != JOB), "{rows:?}");
}

#[test]
fn leaving_gives_the_lease_back() {
    let release = Effect::Release { job_id: JOB, lease_token: 12 };
    check(ready(), "h", std::slice::from_ref(&release));
    check(ready(), "\u{1b}", std::slice::from_ref(&release));
    let mut sitting = ready();
    sitting.press("n");
    let asked = sitting.asked();
    assert_eq!(asked[0], release);
    assert!(matches!(asked[1], Effect::OpenForReview { job_id: Some(JobId(10433)), .. }), "{asked:?}");
}

#[test]
fn enter_claims_what_is_free_and_only_looks_at_what_is_not() {
    let chosen = |steps: usize| {
        let mut sitting = Sitting::review(80, 24);
        sitting.asked();
        sitting.press(&"j".repeat(steps));
        sitting.press("\n");
        sitting.asked()
    };
    assert!(matches!(chosen(1)[..], [Effect::OpenForReview { job_id: Some(JobId(10433)), .. }]));
    assert!(matches!(chosen(3)[..], [Effect::Look { job_id: JobId(10436), .. }]), "bo holds it");
    assert!(matches!(chosen(5)[..], [Effect::Look { job_id: JobId(10450), .. }]), "it has to be taken over");
}

#[test]
fn a_job_of_somebody_else_is_read_only() {
    let mut theirs = short(10436, "Dear customer.");
    theirs.standing = Standing::Held { by: "bo".to_owned(), until: None };
    theirs.conversation.pin = None;
    let mut sitting = Sitting::review(80, 24).open(theirs);
    for action in [Action::Approve, Action::Reject, Action::Escalate] {
        assert_eq!(availability(&sitting.model, action), Availability::Off("bo is reading it".to_owned()));
    }
    sitting.asked();
    check(sitting, "AyRyEy", &vec![Effect::Copy("10436".to_owned()); 3]);
}

#[test]
fn an_escalated_job_is_taken_over_before_it_is_decided() {
    let mut escalated = short(10450, "Dear customer.");
    escalated.conversation.pin = None;
    assert_eq!(escalated.job.job_kind, JobKind::Escalate);
    let mut sitting = Sitting::review(80, 24).open(escalated);
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::Hidden);
    sitting.asked();
    sitting.press("T");
    let ticket = sitting.ticket();
    assert!(matches!(sitting.asked()[..], [Effect::TakeEscalation { job_id: JobId(10450), .. }]));
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(short(10900, "Dear customer."))), now: sitting.now });
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::On);
}

#[test]
fn read_only_opens_without_a_lease_and_decides_nothing() {
    let mut sitting = Sitting::review(80, 24);
    sitting.model.session.read_only = true;
    sitting.asked();
    sitting.press("\n");
    assert!(matches!(sitting.asked()[..], [Effect::Look { job_id: JOB, .. }]));
}

#[test]
fn read_only_looks_again_after_an_absence_and_claims_nothing() {
    for key in ["v", "\n"] {
        let mut sitting = Sitting::review(80, 24);
        sitting.model.session.read_only = true;
        sitting.press("\n");
        let mut looked_at = short(JOB.0, "Dear customer.");
        looked_at.conversation.pin = None;
        sitting.send(Msg::Opened { ticket: sitting.ticket(), result: Ok(Box::new(looked_at)), now: sitting.now });
        sitting.send(Msg::Continued(sitting.now));
        sitting.asked();
        sitting.press(key);
        assert!(matches!(sitting.asked()[..], [Effect::Look { job_id: JOB, .. }]), "{key:?}");
    }
}

#[test]
fn a_filter_narrows_the_list_and_the_next_job() {
    let mut sitting = Sitting::review(80, 24);
    sitting.effects.clear();
    sitting.press("/lang:es\n");
    assert_eq!(sitting.model.review.filter.language.as_deref(), Some("es"));
    let mut spanish = sample::list();
    spanish.waiting.retain(|row| row.codes.language.as_deref() == Some("es"));
    sitting.answer(spanish, sample::backlog());
    sitting.asked();
    sitting.press("n");
    assert!(matches!(sitting.asked()[..], [Effect::OpenForReview { job_id: Some(JobId(10440)), .. }]));
    sitting.press("hh");
    assert!(sitting.model.review.filter.is_empty());
}

#[test]
fn a_filter_says_when_it_looked_only_at_the_first_of_many() {
    let told = |waiting: usize| {
        let mut sitting = Sitting::review(80, 24);
        let mut list = sample::list();
        list.waiting = (0..waiting as i64).map(|job_id| sample::waiting(job_id + 1, 9)).collect();
        sitting.wait(Duration::seconds(2));
        sitting.answer(list, sample::backlog());
        sitting.press("/lang:es\nn");
        sitting.model.notice.unwrap().text
    };
    assert_eq!(told(499), "nothing is free under this filter");
    assert_eq!(told(500), "nothing of the first 500 is free under this filter");
}

#[test]
fn the_rest_of_a_long_list_is_asked_for_on_the_way_down_and_at_its_end() {
    let long = |waiting: usize, at_most: usize| {
        let jobs = (0..waiting as i64).map(|number| sample::waiting(number + 1, 9)).collect();
        crate::app::review::ReviewList { waiting: jobs, at_most, mine: Vec::new() }
    };
    let rows = |sitting: &mut Sitting| {
        sitting.effects.drain(..).find_map(|effect| match effect {
            Effect::Refresh { generation, query } => match *query {
                crate::app::Query::Review(_, rows) => Some((generation, rows)),
                _ => None,
            },
            _ => None,
        })
    };
    let mut sitting = Sitting::review(80, 24);
    sitting.model.session.review_order = ReviewOrder::DeadlineFirst;
    sitting.effects.clear();
    sitting.wait(sitting.model.settings.refresh_every);
    let (generation, asked) = rows(&mut sitting).unwrap();
    assert_eq!(asked, 50, "24 rows and as many again");
    let answer = |sitting: &mut Sitting, generation, list| {
        sitting.send(Msg::ReviewLoaded(Reply { generation, at: sitting.now, result: Ok(list) }));
    };
    answer(&mut sitting, generation, long(50, 50));
    assert_eq!(sitting.model.review.count().as_deref(), Some("50+"));
    sitting.press("jjjj");
    let (generation, asked) = rows(&mut sitting).unwrap();
    assert_eq!(asked, 100, "at once, before the cursor gets there");
    answer(&mut sitting, generation, long(100, 100));
    sitting.press("G");
    let (generation, asked) = rows(&mut sitting).unwrap();
    assert_eq!(asked, 500);
    answer(&mut sitting, generation, long(270, 500));
    assert_eq!(sitting.model.review.cursor.index(), 269);
    assert_eq!(sitting.model.review.count().as_deref(), Some("270"));
}

#[test]
fn a_bad_filter_says_what_is_wrong_and_stays() {
    let mut sitting = Sitting::review(80, 24);
    sitting.press("/colour:red\n");
    let Overlay::Filter(line) = &sitting.model.overlay else { panic!("the line stays open") };
    assert!(line.error.is_some());
    sitting.send(Msg::Paste(" lang:es\nkind:send".to_owned(), sitting.now));
    let Overlay::Filter(line) = &sitting.model.overlay else { panic!("the line stays open") };
    assert_eq!(line.text, "colour:red lang:es", "one line, and no key is made of it");
}

#[test]
fn the_filter_judges_every_row_by_what_the_row_says() {
    let shown = |filter: &str| {
        let mut sitting = Sitting::review(80, 24);
        sitting.press(&format!("/{filter}\n"));
        sitting.model.review.waiting.iter().map(|row| row.job_id.0).collect::<Vec<_>>()
    };
    let cases: [(&str, &[i64]); 9] = [
        ("kind:escalate", &[10450]),
        ("channel:webchat", &[10436]),
        ("lang:es", &[10440]),
        ("intent:refund", &[]),
        ("conf:<0.6", &[10431]),
        ("due:<8m", &[10431, 10398]),
        ("due:>1h", &[10451]),
        ("holder:bo", &[10436]),
        ("id:10442", &[10442]),
    ];
    for (filter, expected) in cases {
        assert_eq!(shown(filter), expected, "{filter}");
    }
    assert_eq!(shown("cust:cust-1042").len(), 8, "what the rows do not say is refused, not ignored");
}

#[test]
fn stale_data_stays_and_the_connection_is_called_lost() {
    let mut sitting = Sitting::review(80, 24);
    sitting.effects.clear();
    sitting.wait(sitting.model.settings.refresh_every);
    let generation = sitting.effects.iter().find_map(|effect| match effect {
        Effect::Refresh { generation, query } if matches!(**query, crate::app::Query::Review(..)) => Some(*generation),
        _ => None,
    });
    let result = Err(Failure::Away("connection refused".to_owned()));
    sitting.send(Msg::ReviewLoaded(Reply { generation: generation.unwrap(), at: sitting.now, result }));
    assert_eq!(sitting.model.review.waiting.len(), 8);
    assert!(matches!(sitting.model.connection, Connection::Lost { .. }));
}

#[test]
fn the_mouse_chooses_and_scrolls_and_answers_nothing() {
    use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let at = |kind, row| MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE };
    let click = MouseEventKind::Down(MouseButton::Left);
    let mut sitting = Sitting::review(80, 24);
    sitting.asked();
    sitting.send(Msg::Mouse(at(click, 6), sitting.now));
    assert_eq!(sitting.model.review.cursor.key(), Some(JobId(10440)));
    sitting.send(Msg::Mouse(at(MouseEventKind::ScrollDown, 6), sitting.now));
    assert_eq!(sitting.model.review.cursor.key(), Some(JobId(10436)));
    assert_eq!(sitting.asked(), []);
    let mut sitting = ready();
    sitting.press("A");
    for row in 0..24 {
        sitting.now += Duration::seconds(1);
        sitting.send(Msg::Mouse(at(click, row), sitting.now));
    }
    assert_eq!(sitting.asked(), []);
}

/// Jobs that are due so many minutes from now, under the order that saves what can be saved.
fn due(minutes: &[i64]) -> Sitting {
    let mut sitting = Sitting::review(80, 24);
    let mut list = sample::list();
    list.waiting = (1..).zip(minutes).map(|(job_id, due)| sample::waiting(job_id, *due)).collect();
    sitting.wait(Duration::seconds(2));
    sitting.answer(list, sample::backlog());
    sitting
}

fn shown(sitting: &Sitting) -> Vec<i64> {
    sitting.model.review.waiting.iter().map(|row| row.job_id.0).collect()
}

#[test]
fn the_other_order_is_mine_alone_and_the_next_job_stays_the_agencys() {
    let mut sitting = due(&[8, 9, -20, -2]);
    assert_eq!(shown(&sitting), [1, 2, 3, 4]);
    sitting.press("o");
    assert_eq!(shown(&sitting), [3, 4, 1, 2], "due first, late or not");
    assert!(!list::lines(&sitting.model, 20).iter().any(|line| matches!(line, Line::Late(_))));
    sitting.asked();
    sitting.press("n");
    assert!(matches!(sitting.asked()[..], [Effect::OpenForReview { job_id: None, .. }]));
    sitting.press("ho");
    assert_eq!(shown(&sitting), [1, 2, 3, 4]);
    assert_eq!(sitting.model.review.order, None);
}

#[test]
fn what_is_late_stays_in_sight_below_what_can_still_be_saved() {
    let minutes: Vec<i64> = (1..=30).chain([-3, -2, -1]).collect();
    let mut sitting = due(&minutes);
    let lines = list::lines(&sitting.model, 12);
    assert_eq!(lines.len(), 12);
    assert_eq!(lines[..2], [Line::Job(0), Line::Facts(0)]);
    assert_eq!(lines[7..], [Line::More(24), Line::Late(3), Line::Job(30), Line::Job(31), Line::Job(32)]);
    sitting.press("G");
    let lines = list::lines(&sitting.model, 12);
    assert_eq!(lines[11..], [Line::Facts(32)]);
    for steps in 0..33 {
        sitting.press("k");
        let chosen = sitting.model.review.cursor.index();
        for height in 1..40 {
            let lines = list::lines(&sitting.model, height);
            assert!(lines.contains(&Line::Job(chosen)), "{steps} {height}: {lines:?}");
            assert!(lines.len() <= height, "{steps} {height}: {lines:?}");
        }
    }
}

#[test]
fn the_next_job_is_in_a_language_that_i_read() {
    let mut sitting = Sitting::review(80, 24);
    sitting.model.settings.reads = vec!["es".to_owned()];
    sitting.asked();
    sitting.press("n");
    let ticket = sitting.ticket();
    let asked = sitting.asked();
    let [Effect::OpenForReview { job_id: None, reads, .. }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(reads, &["es"]);
    let result = Err(Failure::Refused(sample::outcome("empty")));
    sitting.send(Msg::Opened { ticket, result, now: sitting.now });
    assert!(sitting.model.notice.as_ref().unwrap().text.contains("a language that you read (es)"));
    sitting.press("\n");
    assert!(matches!(sitting.asked()[..], [Effect::OpenForReview { job_id: Some(JOB), .. }]), "Enter opens any other");
}

#[test]
fn what_i_skipped_can_be_listed() {
    let mut sitting = Sitting::review(80, 24);
    assert_eq!(availability(&sitting.model, Action::Skipped), Availability::Hidden);
    let mut list = sample::list();
    list.waiting[2].skipped_because = Some("language".to_owned());
    sitting.wait(Duration::seconds(2));
    sitting.answer(list, sample::backlog());
    assert_eq!(sitting.model.review.skipped(), 1);
    sitting.press("S");
    assert_eq!(shown(&sitting), [10440]);
    sitting.press("S");
    assert_eq!(shown(&sitting).len(), 8);
}
