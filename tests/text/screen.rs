//! A whole review of hostile text, as a terminal gets it.

use chrono::{DateTime, TimeDelta, Utc};
use countersign::app::review::{Body, Opened, Standing, Ticket};
use countersign::app::{self, Model, Msg, Screen, Settings};
use countersign::domain::{Direction, Message, OpenedConversation, Pin, Waiting};
use countersign::text::OpenedText;
use countersign::ui;
use crossterm::event::{KeyCode, KeyEvent};
use proptest::prelude::*;
use ratatui::layout::Size;
use uuid::Uuid;

use super::hostile::hostile_text;
use super::terminal::{bytes_of, only_draws, shown};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_review_of_hostile_text_only_draws_and_keeps_its_frame(
        asked in hostile_text(), draft in hostile_text(), width in 60u16..=300, height in 16u16..40,
    ) {
        let honest = frame_of(width, height, "", "");
        let hostile = frame_of(width, height, &asked, &draft);
        prop_assert_eq!(hostile, honest);
    }
}

/// The cells of the frame: borders and rules, with their places, as a terminal shows them on a screen without any text
/// beside the gutter.
fn frame_of(width: u16, height: u16, asked: &str, draft: &str) -> Vec<(u16, u16)> {
    let (model, now) = reading(width, height, asked, draft);
    let bytes = bytes_of(width, height, |frame| ui::view(&model, now, frame));
    only_draws(&bytes);
    let terminal = shown(width, height, &bytes);
    let is_frame = |x: u16, y: u16| {
        let words = terminal.screen().cell(y, x).map(vt100::Cell::contents).unwrap_or_default();
        matches!(words, "│" | "╭" | "╮" | "╰" | "╯")
    };
    (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter(|(x, y)| is_frame(*x, *y)).collect()
}

/// A conversation that is being read, somewhere in it.
fn reading(width: u16, height: u16, asked: &str, draft: &str) -> (Model, DateTime<Utc>) {
    let mut now = DateTime::UNIX_EPOCH;
    let mut model = Model::new(Settings::default(), Screen::Review, Size { width, height }, now);
    let opened = Box::new(opened(asked, draft));
    app::update(&mut model, Msg::Opened { ticket: Ticket::default(), result: Ok(opened), now });
    for key in [' ', 'j'] {
        now += TimeDelta::milliseconds(500);
        app::update(&mut model, Msg::Key(KeyEvent::from(KeyCode::Char(key)), now));
    }
    (model, now)
}

fn opened(asked: &str, draft: &str) -> Opened {
    let now: DateTime<Utc> = DateTime::UNIX_EPOCH;
    let job: Waiting = serde_json::from_value(serde_json::json!({
        "job_id": 1, "job_kind": "customer_message_approve", "agency": "acme", "channel_kind": "email", "codes": {}, "priority": 5,
        "target_role": "reviewer", "created_at": now, "second_look": false, "held": false,
    }))
    .unwrap();
    let message = |seq: u8, direction, text: &str| Message {
        message_id: Uuid::from_bytes([seq; 16]),
        seq: i64::from(seq),
        direction,
        revises: None,
        author_ref: "somebody".to_owned(),
        at: now,
        body: Body::Text(OpenedText::from_untrusted(text)),
        attachments: Vec::new(),
    };
    // Enough lines that the screen is full of text, whatever the text is.
    let filled = |text: &str| format!("{text}{}", "\n.".repeat(80));
    let messages = vec![message(1, Direction::Inbound, &filled(asked)), message(2, Direction::Draft, &filled(draft))];
    let draft_id = messages[1].message_id;
    let conversation = OpenedConversation {
        agency: "acme".to_owned(),
        conversation_id: Uuid::nil(),
        customer_ref: "cust-1".to_owned(),
        channel_kind: "email".to_owned(),
        messages,
        draft_id: Some(draft_id),
        pin: Some(Pin { draft_id, draft_digest: "00".repeat(32), newest_inbound_seq: 1, lease_token: 1 }),
        needs_another: false,
        kept: Vec::new(),
        rejections: Vec::new(),
    };
    Opened { job, standing: Standing::Free, conversation }
}
