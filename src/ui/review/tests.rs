//! What a person sees of Review, at three sizes.

mod deciding;
mod helping;
mod lists;
mod news;
mod reading;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use uuid::Uuid;

use crate::app::review::{Body, Opened};
use crate::app::sample::{self, Sitting, opened};
use crate::domain::{Direction, Message};
use crate::text::{FactKind, Mark, OpenedText, Remark};
use crate::ui::view;

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn draw(sitting: &Sitting) -> Terminal<TestBackend> {
    let size = sitting.model.terminal;
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
        snapshot(&format!("{name}_{width}x{height}"), &build(width, height));
    }
}

fn snapshot(name: &str, sitting: &Sitting) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, text(sitting));
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
