//! What a person sees of Review, at three sizes.

use chrono::Duration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use uuid::Uuid;

use crate::app::model::Screen;
use crate::app::review::away::{self, Meanwhile};
use crate::app::review::{Body, Change, Opened, ReviewList, Standing, Verb};
use crate::app::sample::{self, Sitting, opened, short};
use crate::app::{Msg, help, keymap};
use crate::domain::review::{Decided, Ending};
use crate::domain::{Backlog, Direction, JobKind, Message, Pin, Waiting};
use crate::text::{FactKind, Mark, OpenedText, Remark};
use crate::ui::view;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn draw(sitting: &Sitting) -> Terminal<TestBackend> {
    let size = sitting.model.size;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|frame| view(&sitting.model, sitting.now, frame)).unwrap();
    terminal
}

pub(super) fn text(sitting: &Sitting) -> String {
    draw(sitting).backend().to_string()
}

/// One snapshot for each size.
pub(super) fn snapshots(name: &str, build: impl Fn(u16, u16) -> Sitting) {
    for (width, height) in SIZES {
        let name = format!("{name}_{width}x{height}");
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text(&build(width, height)));
        });
    }
}

fn empty() -> ReviewList {
    ReviewList { waiting: Vec::new(), mine: Vec::new() }
}

#[test]
fn review_list() {
    snapshots("review_list", Sitting::review);
}

#[test]
fn review_pane() {
    snapshots("review_pane", Sitting::reading);
}

#[test]
fn review_confirm() {
    snapshots("review_confirm", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, sample::DRAFT));
        sitting.press("A");
        sitting
    });
}

#[test]
fn review_hidden_characters() {
    let draft = "The replacement is free\u{200B} of charge.\nFollow it: https://acme.example\u{202E}.test/88231\n\
        Zusammen mit 東京 und 한국";
    snapshots("review_hidden", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, draft));
        sitting.press("wwwwwwA7f");
        sitting
    });
}

#[test]
fn review_reject_reason() {
    snapshots("review_reason", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        sitting.press("Rj");
        sitting
    });
}

/// The conversation and draft of the mock-ups: hidden characters, a link that leads elsewhere, facts from nowhere.
fn hostile() -> Opened {
    let draft = "Hello,\n\nI am sorry about the wait and about the copied answers. I have looked at order 88231: our carrier \
        handed it to a neighbour on 17 Nov.\nA new card is on its way and will arrive by 24 Nov. The replacement is \
        free\u{200B} of charge. You can follow it here:\nhttps://track.acme.com.parcel-info.test/88231\nIf it is not there by \
        then, answer this mail and I will call you.\n\nKind regards\u{2060}\nAcme Cards customer care";
    let mut opened = opened(10431);
    let mut text = OpenedText::from_untrusted(draft);
    let place = |words: &str| {
        let from = draft[..draft.find(words).unwrap()].chars().count();
        from..from + words.chars().count()
    };
    let fact = |words: &str, kind: FactKind| Mark { at: place(words), remark: Remark::NotInThread(kind) };
    text.add_marks([fact("17 Nov", FactKind::Date), fact("24 Nov", FactKind::Date)]);
    opened.conversation.messages[5].body = Body::Text(text);
    opened.conversation.messages[5].revises = Some(Uuid::from_u128(16));
    let before = sample::message(
        13,
        Direction::Draft,
        40,
        "Hello,\n\nYour card is on its way.\n\nKind regards\nAcme Cards customer care",
    );
    opened.conversation.messages.insert(3, Message { message_id: Uuid::from_u128(16), ..before });
    opened
}

fn reading_hostile(width: u16, height: u16) -> Sitting {
    let mut sitting = Sitting::review(width, height).open(hostile());
    sitting.model.settings.lookup_url = Some("https://crm.acme.example/c/{customer_ref}".to_owned());
    sitting
}

#[test]
fn review_marks() {
    snapshots("review_marks", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("ww");
        sitting
    });
}

#[test]
fn review_accepts() {
    snapshots("review_accepts", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("wwwww   A7f");
        sitting
    });
}

#[test]
fn review_moved() {
    snapshots("review_moved", |width, height| {
        let mut again = hostile();
        let words = "forget it, my neighbour just brought it over";
        again.conversation.messages.push(sample::message(17, Direction::Inbound, 0, words));
        again.conversation.pin = Some(sample::pin(17));
        renewed(reading_hostile(width, height), Change::ConversationMoved, again)
    });
}

#[test]
fn review_replaced() {
    snapshots("review_replaced", |width, height| {
        let mut sitting = renewed(reading_hostile(width, height), Change::DraftChanged, replaced());
        sitting.now += Duration::seconds(3);
        sitting
    });
}

#[test]
fn review_changes() {
    snapshots("review_changes", |width, height| {
        let mut sitting = renewed(reading_hostile(width, height), Change::DraftChanged, replaced());
        sitting.press("d");
        sitting
    });
}

fn replaced() -> Opened {
    let mut again = hostile();
    let words = "Hello,\n\nI am sorry about the wait. Your order 88231 is with a neighbour.\n\nKind regards\nAcme Cards customer care";
    let mut draft = sample::message(18, Direction::Draft, 0, words);
    draft.author_ref = "drafter-2".to_owned();
    again.conversation.draft_id = Some(draft.message_id);
    again.conversation.pin = Some(Pin { draft_id: draft.message_id, ..sample::pin(14) });
    again.conversation.messages.push(draft);
    again
}

/// The open job changed, and the program fetched what is there now.
fn renewed(mut sitting: Sitting, change: Change, again: Opened) -> Sitting {
    let (job_id, pin) = (crate::domain::JobId(10431), sample::pin(14));
    sitting.send(Msg::Changed { job_id, pin, change, now: sitting.now });
    let ticket = sitting.ticket();
    sitting.send(Msg::Opened { ticket, result: Ok(Box::new(again)), now: sitting.now });
    sitting
}

#[test]
fn review_info() {
    snapshots("review_info", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("i");
        sitting
    });
}

#[test]
fn review_search() {
    snapshots("review_search", |width, height| {
        let mut sitting = reading_hostile(width, height);
        sitting.press("/order\n");
        sitting
    });
}

#[test]
fn review_ascii_view() {
    snapshots("review_ascii_view", |width, height| {
        let mut sitting = Sitting::review(width, height).open(short(10431, "Gr\u{FC}\u{DF}e, p\u{430}y 5 \u{20AC}"));
        sitting.press("a");
        sitting
    });
}

#[test]
fn review_goes_back() {
    snapshots("review_goes_back", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        for _ in 0..250 {
            sitting.wait(Duration::seconds(1));
        }
        sitting
    });
}

#[test]
fn review_blank() {
    snapshots("review_blank", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        for _ in 0..400 {
            sitting.wait(Duration::seconds(1));
        }
        sitting
    });
}

#[test]
fn review_away() {
    snapshots("review_away", |width, height| {
        let mut sitting = Sitting::reading(width, height);
        sitting.wait(Duration::minutes(47));
        let meanwhile = Meanwhile {
            lease: away::Lease::WentBack(Some(sitting.now - Duration::minutes(42))),
            ending: None,
            draft_replaced: false,
            customer_wrote: false,
        };
        let (job_id, pin) = (crate::domain::JobId(10431), sample::pin(14));
        sitting.press("k");
        sitting.send(Msg::LookedBack { job_id, pin, meanwhile, now: sitting.now });
        sitting
    });
}

#[test]
fn review_looked_at() {
    snapshots("review_looked_at", |width, height| {
        let mut theirs = short(10436, "Dear customer.");
        theirs.standing = Standing::Held { by: "bo".to_owned(), until: Some(sample::morning() + Duration::minutes(3)) };
        theirs.conversation.pin = None;
        Sitting::review(width, height).open(theirs)
    });
}

/// The list of the mock-up: more than there is room for, some of it late, some of it skipped, and what became of decisions.
fn crowded(width: u16, height: u16) -> Sitting {
    let mut sitting = Sitting::review(width, height);
    sitting.model.settings.reads = ["en", "de", "es", "fr"].map(str::to_owned).to_vec();
    let mut list = sample::list();
    let late = list.waiting.pop().unwrap();
    list.waiting.extend((0..40).map(|at| sample::waiting(10_460 + at, 100 + 7 * at)));
    list.waiting[7].skipped_because = Some("language".to_owned());
    list.waiting[8].codes.language = Some("ja".to_owned());
    let kim = sample::waiting(10377, -9);
    let since = Some(sample::morning() - Duration::minutes(6));
    let until = Some(sample::morning() + Duration::minutes(3));
    list.waiting.push(Waiting {
        lease_owner: Some("kim".to_owned()),
        lease_expires_at: until,
        held_since: since,
        ..late
    });
    list.waiting.extend([kim, sample::waiting(10371, -14), Waiting { held: true, ..sample::waiting(10312, -51) }]);
    let status = |status: &str| Some(status.to_owned());
    let past = |job_id, decision| Decided { leaves_at: None, ..sample::decided(job_id, decision, None) };
    list.mine = vec![
        sample::decided(10424, "approve", Some(21)),
        Decided {
            created_status: status("succeeded"),
            created_finished_at: Some(sample::morning() - Duration::minutes(3)),
            ..past(10419, "approve")
        },
        Decided { reason: status("wrong_fact"), ..past(10415, "reject") },
        Decided { created_job_id: None, ..past(10409, "revise") },
    ];
    sitting.wait(Duration::seconds(2));
    sitting.answer(list, sample::backlog());
    sitting
}

#[test]
fn review_crowded() {
    snapshots("review_crowded", crowded);
}

#[test]
fn review_deadline_first() {
    snapshots("review_deadline_first", |width, height| {
        let mut sitting = crowded(width, height);
        sitting.press("o");
        sitting
    });
}

#[test]
fn review_skipped() {
    snapshots("review_skipped", |width, height| {
        let mut sitting = crowded(width, height);
        sitting.press("S");
        sitting
    });
}

#[test]
fn every_word_of_mine_is_true_when_it_is_said() {
    let now = sample::morning();
    let told = |decision: &str, status: Option<&str>, outcome: Option<&str>| {
        let mut sitting = Sitting::review(120, 40);
        let mut row = sample::decided(10424, decision, None);
        row.created_status = status.map(str::to_owned);
        row.created_outcome = outcome.map(str::to_owned);
        row.created_finished_at = status.filter(|status| *status == "succeeded").map(|_| now);
        row.reason = (decision != "approve").then(|| "wrong_fact".to_owned());
        sitting.wait(Duration::seconds(2));
        sitting.answer(ReviewList { mine: vec![row], ..sample::list() }, sample::backlog());
        let screen = text(&sitting);
        let row = screen.lines().find(|line| line.contains("│ #10424")).unwrap();
        row.split('│').nth(1).unwrap().trim().trim_start_matches("#10424").trim().to_owned()
    };
    for (decision, status, outcome, expected) in [
        ("approve", Some("queued"), None, "queued, no sender yet"),
        ("approve", Some("running"), None, "approved  being sent"),
        ("approve", Some("retry_waiting"), None, "not sent yet, tried again"),
        ("approve", Some("paused"), None, "approved  held, not sent yet"),
        ("approve", Some("succeeded"), Some("sent"), "approved  sent 09:36"),
        ("approve", Some("dead_letter"), Some("outcome_unknown"), "NOT SENT: outcome_unknown"),
        ("approve", Some("cancelled"), Some("approval_expired"), "not sent: approval_expired"),
        ("reject", Some("queued"), None, "rejected  wrong_fact, redraft"),
        ("reject", Some("succeeded"), None, "wrong_fact, redrafted"),
        ("reject", None, None, "rejected  wrong_fact"),
        ("escalate", Some("queued"), None, "wrong_fact, waits there"),
        ("revise", Some("leased"), None, "edited    waits for 2nd look"),
        ("revise", Some("failed"), Some("rejected"), "edited    rejected"),
    ] {
        assert_eq!(told(decision, status, outcome), expected);
    }
}

#[test]
fn nothing_but_the_gutters_rows_comes_from_others_on_a_sheet() {
    let mut sitting = renewed(reading_hostile(80, 24), Change::DraftChanged, replaced());
    sitting.press("d");
    let screen = text(&sitting);
    let theirs = screen.lines().filter(|row| row.contains("neighbour") || row.contains("sorry"));
    assert!(theirs.clone().count() > 1 && theirs.clone().all(|row| row.chars().nth(3) == Some('▌')), "{screen}");
}

#[test]
fn review_stale() {
    snapshots("review_stale", |width, height| {
        let mut sitting = Sitting::review(width, height);
        sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
        sitting.now += Duration::seconds(41);
        sitting
    });
}

#[test]
fn review_empty() {
    snapshots("review_empty", |width, height| {
        let mut sitting = Sitting::connected(Screen::Review, width, height);
        sitting.answer(empty(), Backlog::complete(Vec::new()));
        sitting
    });
}

#[test]
fn review_too_small() {
    let sitting = Sitting::review(59, 14);
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("review_too_small", text(&sitting));
    });
}

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
fn review_small() {
    let mut sitting = reading_hostile(60, 15);
    sitting.press("w");
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("review_small", text(&sitting));
    });
}

#[test]
fn footer_puts_what_cannot_act_into_parentheses_and_the_reason_above() {
    let screen = text(&Sitting::reading(80, 24));
    let rows: Vec<&str> = screen.lines().collect();
    assert!(rows[23].contains("(A)"), "{}", rows[23]);
    assert!(rows[23].contains("R reject"), "{}", rows[23]);
    assert!(rows[22].contains("A off:") && rows[22].contains("unread (Space)"), "{}", rows[22]);
}

#[test]
fn footer_of_a_question_has_every_key_that_answers_it() {
    let footer = |draft: &str, keys: &str| {
        let mut sitting = Sitting::review(80, 24).open(short(10431, draft));
        sitting.press(keys);
        text(&sitting).lines().last().unwrap().to_owned()
    };
    let plain = "Dear customer.";
    for (draft, keys, expected) in [
        (plain, "A", ["y yes", "n leave it"]),
        (plain, "R1\n", ["y yes", "n leave it"]),
        (plain, "R", ["1-9 pick", "n leave"]),
        ("free\u{200B} of charge", "wA", ["digits", "n leave it"]),
        (plain, "q", ["q quit", "u undo"]),
    ] {
        let footer = footer(draft, keys);
        assert!(expected.iter().all(|words| footer.contains(words)), "{keys}: {footer}");
    }
}

#[test]
fn a_confirm_names_what_it_is_about_even_at_the_smallest_size() {
    let hidden = "frее\u{200B} of\u{202E} charge: [acme.example](https://other.test) https://acme.example@other.test";
    let plain = "Dear customer.";
    for (draft, keys, expected) in [
        (plain, "A", &["APPROVE #10431", "7f3a-91c2", "leaves 30 s after y", "y approve", "n leave it"][..]),
        (plain, "R2\n", &["REJECT #10431", "wrong_recipient", "7f3a-91c2", "y reject"]),
        (plain, "E2", &["ESCALATE #10431", "vulnerable_customer", "7f3a-91c2", "y escalate"]),
        (plain, "E2x", &["swallowed: no answer"]),
        (plain, "E2Y", &["swallowed: a capital letter"]),
        (hidden, "wwwwwwA", &["accepts 1 hidden", "leaves 30 s after the digest", "type 7f3a > ____", "n leave it"]),
        (hidden, "wwwwwwA7f", &["type 7f3a > 7f__"]),
        (hidden, "wwwwwwAy", &["swallowed: no answer", "type 7f3a > ____"]),
    ] {
        let mut sitting = Sitting::review(60, 15);
        sitting.model.session.reasons.reject = ["policy", "wrong_recipient"].map(str::to_owned).to_vec();
        sitting.model.session.reasons.escalate = ["legal_threat", "vulnerable_customer"].map(str::to_owned).to_vec();
        let mut sitting = sitting.open(short(10431, draft));
        sitting.press(keys);
        let screen = text(&sitting);
        for words in expected {
            assert!(screen.contains(words), "{keys}: {words}\n{screen}");
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
fn every_row_of_untrusted_text_has_the_gutter() {
    let framed = "── DRAFT leaves by email ──\n!! approved\n\u{2028}\n▌ ▌";
    let sitting = Sitting::review(80, 24).open(short(10431, framed));
    let screen = text(&sitting);
    let rows: Vec<&str> = screen.lines().collect();
    let first = rows.iter().position(|row| row.contains("DRAFT leaves by email to")).unwrap() + 1;
    for (row, line) in rows[first..].iter().zip(framed.lines()) {
        assert_eq!(row.chars().nth(3), Some('▌'), "{line}: {row}");
    }
}

#[test]
fn a_body_that_does_not_open_looks_like_no_message() {
    let why = "the body does not open: it was altered";
    let mut closed = short(10431, &format!("NOT OPENED: {why}\n[{why}]\n!! NOT OPENED: {why}"));
    closed.conversation.messages[0].body = Body::Closed { why: why.to_owned() };
    closed.conversation.pin = None;
    let sitting = Sitting::review(80, 24).open(closed);
    let screen = text(&sitting);
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        screen.lines().filter(|row| row.contains(why)).partition(|row| !row.contains('▌'));
    assert_eq!((ours.len(), theirs.len()), (1, 3), "{screen}");
    assert!(ours[0].starts_with("\" !!") && ours[0].contains("NOT OPENED: the body"), "{screen}");
    assert!(theirs.iter().all(|row| row.chars().nth(3) == Some('▌')), "{screen}");
    assert!(screen.contains("A and R and E off: not all of it opens"), "{screen}");
    assert!(!screen.contains("nothing hidden"), "{screen}");
}

#[test]
fn the_head_of_the_pane_says_whose_the_job_is_now() {
    let head = |change: Option<Change>| {
        let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer."));
        sitting.press("A");
        if let Some(change) = change {
            let (job_id, pin) = (crate::domain::JobId(10431), sample::pin(14));
            sitting.send(Msg::Changed { job_id, pin, change, now: sitting.now });
        }
        text(&sitting).lines().nth(1).unwrap().trim_end_matches(['"', ' ']).to_owned()
    };
    let bo = || Some("bo".to_owned());
    let ending = || Ending::of(&[sample::run("bo", "review_reject", "failed")]).unwrap();
    for (change, expected) in [
        (None, "· yours"),
        (Some(Change::LeaseLost { by: None }), "· not yours"),
        (Some(Change::LeaseLost { by: bo() }), "· bo has it"),
        (Some(Change::Ended(ending())), "· over"),
    ] {
        let head = head(change);
        assert!(head.ends_with(expected), "{expected}: {head}");
    }
}

#[test]
fn what_became_of_a_decision_is_on_the_screen_beside_later_news() {
    let mut sitting = Sitting::review(80, 24).open(short(10431, "Dear customer."));
    let (job_id, verb) = (crate::domain::JobId(10431), Verb::Approve);
    sitting.press("Ay");
    sitting.send(Msg::DecisionInDoubt { job_id, verb });
    sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
    assert!(text(&sitting).contains("checking what became of #10431 (approve)"));
    let result = Ok(sample::outcome("switched_off"));
    sitting.send(Msg::Decided { job_id, verb, result, now: sitting.now });
    sitting.send(Msg::Connected(Box::new(sample::session()), sitting.now));
    let screen = text(&sitting);
    assert!(screen.contains("#10431 was NOT approved: switched off") && screen.contains("(v: seen)"), "{screen}");
    assert!(screen.contains("the database is back"), "{screen}");
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

#[test]
fn a_mark_in_a_draft_looks_like_no_text() {
    let sitting = Sitting::review(80, 24).open(short(10431, "free\u{200B} <U+200B>"));
    let terminal = draw(&sitting);
    let buffer = terminal.backend().buffer();
    let row = (0..24).find(|y| buffer[(4, *y)].symbol() == "f" && buffer[(5, *y)].symbol() == "r").unwrap();
    let (real, typed) = (&buffer[(8, row)], &buffer[(17, row)]);
    assert_eq!((real.symbol(), typed.symbol()), ("<", "<"));
    assert_ne!(real.style(), typed.style());
}

#[test]
fn an_escalated_job_is_named_in_list_and_pane() {
    let mut sitting = Sitting::review(120, 40);
    assert!(text(&sitting).contains("ESC"));
    let mut escalated = short(10450, "Dear customer.");
    escalated.conversation.pin = None;
    assert_eq!(escalated.job.job_kind, JobKind::Escalate);
    sitting = sitting.open(escalated);
    assert!(text(&sitting).contains("T takes it over"));
}
