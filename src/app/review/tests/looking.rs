//! What one looks at: marks, words, ids, and for how long.

use chrono::Duration;
use uuid::Uuid;

use super::{JOB, approve, check, ready};
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Availability};
use crate::app::model::Overlay;
use crate::app::msg::Msg;
use crate::app::review::sheet::{Fact, Leaf};
use crate::app::review::{Body, Decision, Opened, Posture, availability, search};
use crate::app::sample::{Sitting, opened, pin, short};
use crate::domain::review::Reading;
use crate::text::{FactKind, Mark, OpenedText, Remark, View};

/// A draft of many lines with something to look at in three of them, and a fact that stands nowhere else.
fn marked() -> Opened {
    let draft = format!("free\u{200B} of charge\n{}p\u{430}y here\nby Friday\u{202E}.\nBye", "and so on\n".repeat(20));
    let mut opened = short(10431, &draft);
    let mut text = OpenedText::from_untrusted(&draft);
    let friday = draft.chars().collect::<String>().find("Friday").unwrap();
    let at = draft[..friday].chars().count();
    text.add_marks([Mark { at: at..at + 6, remark: Remark::NotInThread(FactKind::Date) }]);
    opened.conversation.messages[1].body = Body::Text(text);
    opened
}

fn unseen(sitting: &Sitting) -> usize {
    sitting.model.review.pane().unwrap().tour.unseen()
}

#[test]
fn approve_waits_until_every_mark_was_visited() {
    let mut sitting = Sitting::review(80, 24).open(marked());
    assert_eq!(unseen(&sitting), 4);
    let why = |sitting: &Sitting| match availability(&sitting.model, Action::Approve) {
        Availability::Off(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(&sitting).contains("unread (Space), 4 marks unseen (w)"), "{}", why(&sitting));
    sitting.press("    ");
    assert_eq!(why(&sitting), "4 marks unseen (w)", "to have been on the screen is not to have been looked at");
    for left in (1..4).rev() {
        sitting.press("w");
        assert_eq!(unseen(&sitting), left);
    }
    assert_eq!(why(&sitting), "1 mark unseen (w)");
    sitting.press("w");
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::On);
    sitting.asked();
    check(sitting, "A7f3a", &[approve()]);
}

#[test]
fn a_mark_that_is_visited_stands_on_the_screen_and_they_come_in_order() {
    let mut sitting = Sitting::review(80, 24).open(marked());
    let mut numbers = Vec::new();
    for _ in 0..5 {
        sitting.press("w");
        let size = sitting.model.size;
        let pane = sitting.model.review.pane_mut().unwrap();
        let (number, stop) = pane.tour.here().unwrap();
        let (message, at) = (stop.message, stop.mark.at.start);
        let row = pane.document.row_of(message, at).unwrap();
        assert!(pane.window(size).contains(&row), "{number}");
        numbers.push(number);
    }
    assert_eq!(numbers, [1, 2, 3, 4, 1], "and then from the beginning");
}

#[test]
fn what_was_visited_stays_so_when_the_conversation_is_opened_again() {
    let mut sitting = Sitting::review(80, 24).open(marked());
    sitting.press("ww");
    sitting.send(crate::app::Msg::Changed {
        job_id: JOB,
        pin: pin(14),
        change: crate::app::review::Change::Away,
        now: sitting.now,
    });
    sitting.press("v");
    let ticket = sitting.ticket();
    let again = Ok(Box::new(marked()));
    sitting.send(crate::app::Msg::Opened { ticket, result: again, now: sitting.now });
    assert_eq!(unseen(&sitting), 2);
}

#[test]
fn without_marks_there_is_nothing_to_visit() {
    assert_eq!(availability(&ready().model, Action::NextMark), Availability::Hidden);
}

#[test]
fn marks_of_messages_that_were_answered_ask_for_nothing() {
    let mut opened = opened(10431);
    opened.conversation.messages[0].body = Body::Text(OpenedText::from_untrusted("where\u{200B} is it"));
    let sitting = Sitting::review(80, 24).open(opened);
    assert_eq!(unseen(&sitting), 0);
}

#[test]
fn words_are_found_in_what_is_folded_too_and_n_goes_on_until_the_search_ends() {
    let mut sitting = Sitting::reading(80, 24);
    sitting.asked();
    sitting.press("/CARD\n");
    let here = |sitting: &Sitting| sitting.model.review.pane().unwrap().search.as_ref().map(|search| search.here);
    let found = |sitting: &Sitting| sitting.model.review.pane().unwrap().search.as_ref().unwrap().matches.len();
    assert_eq!(found(&sitting), 2, "in the first message, and in the draft");
    let first = here(&sitting);
    sitting.press("n");
    assert_ne!(here(&sitting), first);
    sitting.press("np");
    sitting.press("n");
    assert_eq!(here(&sitting), first);
    assert!(sitting.model.review.pane().unwrap().document.is_unfolded());
    assert_eq!(sitting.asked(), [], "n opened no other job");
    sitting.press("h");
    assert_eq!(here(&sitting), None);
    assert_eq!(sitting.model.review.posture(), Posture::Pane, "h ended the search and nothing else");
    sitting.press("n");
    assert!(matches!(sitting.asked()[..], [Effect::Release { .. }, Effect::OpenForReview { .. }]));
}

#[test]
fn a_long_conversation_is_searched_beside_the_loop_and_n_opens_nothing_meanwhile() {
    let mut long = short(10431, &format!("{}an ombudsman", "word ".repeat(100_000)));
    long.conversation.messages[0].body = Body::Text(OpenedText::from_untrusted("Ombudsman!"));
    let mut sitting = Sitting::review(80, 24).open(long);
    sitting.asked();
    sitting.press("/OMBUDSMAN\n");
    let asked = sitting.asked();
    let [Effect::Search { words, conversation }] = &asked[..] else { panic!("{} effects", asked.len()) };
    let matches = search::matches(conversation, words);
    sitting.press("n");
    assert_eq!(sitting.asked(), [], "n waits for the matches");
    let messages: Vec<Uuid> = conversation.messages.iter().map(|message| message.message_id).collect();
    let search = |sitting: &Sitting| sitting.model.review.pane().unwrap().search.clone();
    let found = |words: &str, messages: &[Uuid]| Msg::Found {
        words: words.to_owned(),
        messages: messages.to_vec(),
        matches: matches.clone(),
    };
    sitting.send(found("something else", &messages));
    assert_eq!(search(&sitting), None, "nobody waits for that");
    sitting.send(found("OMBUDSMAN", &messages));
    assert_eq!(search(&sitting).map(|search| (search.matches.len(), search.here)), Some((2, 0)));
    sitting.press("n");
    assert_eq!(search(&sitting).unwrap().here, 1);
    sitting.press("h/OMBUDSMAN\n");
    sitting.send(found("OMBUDSMAN", &messages[1..]));
    assert_eq!(search(&sitting), None, "its places are those of another conversation");
}

#[test]
fn what_is_not_there_is_said_and_the_line_takes_no_decision() {
    let mut sitting = ready();
    sitting.press("/Ay\n");
    assert_eq!(sitting.model.notice.as_ref().unwrap().text, "not in this conversation");
    assert_eq!(sitting.asked(), []);
    sitting.press("/tom");
    assert!(matches!(&sitting.model.overlay, Overlay::Search(line) if line.text == "tom"));
    sitting.press("\u{1b}");
    assert_eq!(sitting.model.overlay, Overlay::None);
    assert_eq!(sitting.model.review.posture(), Posture::Pane);
}

fn facts(sitting: &Sitting) -> &[Fact] {
    match &sitting.model.review.pane().unwrap().sheet.as_ref().unwrap().leaf {
        Leaf::Info(facts) => facts,
        Leaf::Changes(_) => panic!("another sheet"),
    }
}

#[test]
fn the_info_has_every_id_and_y_copies_the_one_under_the_cursor() {
    let mut sitting = Sitting::reading(80, 24);
    sitting.asked();
    sitting.press("i");
    let at = facts(&sitting).iter().position(|fact| fact.name == "attachment").unwrap();
    assert_eq!(facts(&sitting)[at].value, "of 14: image/jpeg 2.1 MB");
    sitting.press(&"j".repeat(at));
    sitting.press("y");
    assert_eq!(sitting.asked(), [Effect::Copy("00000000-0000-0000-0000-00000000004d".to_owned())]);
    assert!(facts(&sitting).iter().any(|fact| fact.value.contains("Fri 20 Nov 2026 09:31:00 UTC (5 m ago)")));
    assert!(facts(&sitting).iter().any(|fact| fact.name == "rejected" && fact.value.starts_with("tone by bo")));
}

#[test]
fn what_lies_over_the_conversation_hides_it_from_a_decision() {
    let mut sitting = ready();
    sitting.press("i");
    let off = Availability::Off("the info lies over it (i)".to_owned());
    assert_eq!(availability(&sitting.model, Action::Approve), off);
    sitting.press("h");
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::On, "h took it away and left nothing");
    let mut sitting = Sitting::reading(80, 16);
    let unread = |sitting: &Sitting| {
        let pane = sitting.model.review.pane().unwrap();
        pane.document.unread(&pane.conversation)
    };
    let before = unread(&sitting);
    sitting.press("i    ");
    assert_eq!(unread(&sitting), before);
}

#[test]
fn what_is_stored_about_the_reading_is_told_and_goes_with_the_decision() {
    let decided = |keeps: bool| {
        let mut sitting = Sitting::review(80, 40).open(marked());
        sitting.model.session.keeps_reading = keeps;
        sitting.press("wwww");
        for _ in 0..30 {
            sitting.wait(Duration::seconds(1));
        }
        sitting.press("i");
        let told = facts(&sitting).last().unwrap().value.clone();
        for _ in 0..30 {
            sitting.wait(Duration::seconds(1));
        }
        sitting.press("iA7f3a");
        let reading = sitting.effects.iter().find_map(|effect| match effect {
            Effect::Decide { decision: Decision::Approve { reading, .. }, .. } => Some(*reading),
            _ => None,
        });
        (told, reading.unwrap())
    };
    let (told, reading) = decided(true);
    assert_eq!(reading.warnings_accepted, Some(4));
    let seconds = reading.seconds_on_screen.unwrap();
    assert!((32..=36).contains(&seconds), "without the time under the info: {seconds}");
    assert!(told.contains("32 s on screen and 4 marks accepted are stored"), "{told}");
    let (told, reading) = decided(false);
    assert_eq!(reading, Reading::default());
    assert!(told.contains("switched off"), "{told}");
}

#[test]
fn plain_ascii_shows_every_other_letter_as_its_number_and_keeps_what_was_read() {
    let mut sitting = Sitting::review(80, 24).open(short(10431, "p\u{430}y \u{20AC}5"));
    sitting.press("w");
    sitting.press("a");
    let pane = sitting.model.review.pane().unwrap();
    assert_eq!(pane.document.view(), View::Ascii);
    assert_eq!(pane.document.line(1, 0).to_string(), "p<U+0430>y <U+20AC>5");
    assert_eq!(availability(&sitting.model, Action::Approve), Availability::On);
    sitting.press("a");
    assert_eq!(sitting.model.review.pane().unwrap().document.view(), View::Unicode);
}

#[test]
fn the_lookup_link_carries_the_customers_reference_and_nothing_else() {
    let mut sitting = ready();
    assert!(
        matches!(availability(&sitting.model, Action::LookUp), Availability::Off(why) if why.contains("lookup_url"))
    );
    sitting.model.settings.lookup_url = Some("https://crm.example/c/{customer_ref}".to_owned());
    check(sitting, "l", &[Effect::Copy("https://crm.example/c/cust-1042".to_owned())]);
    let mut odd = short(10431, "Dear customer.");
    odd.conversation.customer_ref = "a/b c?ü".to_owned();
    let mut sitting = Sitting::review(80, 24).open(odd);
    sitting.model.settings.lookup_url = Some("https://crm.example/c/{customer_ref}".to_owned());
    sitting.asked();
    check(sitting, "l", &[Effect::Copy("https://crm.example/c/a%2Fb%20c%3F%C3%BC".to_owned())]);
}

#[test]
fn the_languages_of_both_sides_are_told_and_a_difference_is_loud() {
    let told = |language: Option<&str>, draft: &str| {
        let mut opened = short(10431, draft);
        opened.job.codes.language = language.map(str::to_owned);
        Sitting::review(80, 24).open(opened).model.review.pane().unwrap().languages.clone()
    };
    let english = "Dear customer, we are sorry about the wait and we have sent you a new card today.";
    let german = "Guten Tag, wir bitten um Entschuldigung und haben Ihnen heute eine neue Karte geschickt.";
    assert_eq!(told(Some("en"), english).as_deref(), Some("en=en"));
    assert_eq!(told(Some("de"), english).as_deref(), Some("de>en!"));
    assert_eq!(told(Some("de-at"), german).as_deref(), Some("de-at=de"));
    assert_eq!(told(Some("en"), "88231").as_deref(), Some("en"), "too little to tell");
}

#[test]
fn the_marks_of_a_row_are_found_among_many() {
    let sitting = Sitting::review(80, 24).open(marked());
    let tour = &sitting.model.review.pane().unwrap().tour;
    let of = |at: std::ops::Range<usize>| tour.around(1, &at).map(|(number, _)| number).collect::<Vec<_>>();
    for from in 0..240 {
        let row = from..from + 20;
        let is_in = |at: &std::ops::Range<usize>| at.start < row.end && row.start < at.end;
        let all = tour.stops().iter().enumerate().filter(|(_, stop)| is_in(&stop.mark.at));
        assert_eq!(of(row.clone()), all.map(|(number, _)| number).collect::<Vec<_>>(), "{row:?}");
    }
    let words: Vec<String> = tour.stops().iter().map(|stop| stop.words.to_string()).collect();
    assert_eq!(words, ["<U+200B>", "p\u{430}y", "Friday", "<U+202E>"]);
}
