//! A draft under a person's hands, a note about a rejection, a job taken from somebody: what is seen, and what is left.

use std::time::Duration;

use countersign::domain::{JobId, Status};
use countersign::store::review::{ListOrder, Opened};
use countersign::store::{SealedBody, Store};
use countersign::vault::Place;
use rustix::process::{Pid, Signal, kill_process};

use super::Desk;
use super::screen::Terminal;
use crate::support::{Question, opened};

/// Stands nowhere else, so that what finds it has found the text.
const CANARY: &str = "zebrafinch";

impl Desk {
    /// Opens the question and its draft in the editor, and writes the canary before it.
    async fn editing(&self) -> (Question, Terminal) {
        let question = self.database.question().await;
        let mut terminal = Terminal::start(self.command("ada", &["--screen", "review"]), 100, 30);
        terminal.wait_for("Waiting 1");
        terminal.press("\r");
        terminal.wait_for("end of draft");
        terminal.press("e");
        terminal.wait_for("someone else must approve; ");
        terminal.press("\r");
        terminal.wait_for("not changed");
        terminal.press(&format!("{CANARY} "));
        terminal.wait_for(&format!("{CANARY} It left"));
        (question, terminal)
    }

    /// The canary is in no table, no log and no file.
    async fn nothing_leaked(&self) {
        let dump = self.database.dump().await;
        assert!(dump.contains("customer_message") && !dump.contains(CANARY));
        let log = self.database.server_log().await;
        assert!(!log.is_some_and(|log| log.contains(CANARY)));
        let mut directories = vec![self.home.path().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
                match entry.file_type().unwrap().is_dir() {
                    true => directories.push(entry.path()),
                    false => {
                        let text = std::fs::read(entry.path()).unwrap();
                        assert!(!String::from_utf8_lossy(&text).contains(CANARY), "{:?}", entry.path());
                    }
                }
            }
        }
    }

    /// Texts that were kept, opened.
    async fn kept(&self, reader: &Store) -> Vec<(JobId, String)> {
        let mut texts = Vec::new();
        for kept in reader.kept_revisions().await.unwrap() {
            let Opened::Conversation(found) = reader.open_body(kept.job_id, None).await.unwrap() else { panic!("no") };
            let message = found.messages.iter().find(|message| message.message_id == kept.draft_id).unwrap();
            let SealedBody::Sealed { bytes, digest, .. } = &message.body else { panic!("no body") };
            let place = Place {
                agency: &found.agency,
                conversation: found.conversation_id,
                message: message.message_id,
                direction: message.direction,
            };
            let opened = self.database.keyring().open(&place, bytes, digest).unwrap();
            texts.push((kept.job_id, String::from_utf8(opened.as_bytes().to_vec()).unwrap()));
        }
        texts
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_mine_until_somebody_else_has_looked_at_it() {
    let desk = Desk::new().await;
    let (question, mut terminal) = desk.editing().await;
    terminal.press("\x1b");
    terminal.wait_for("is not saved");
    terminal.press_until("s", "edited");
    terminal.wait_for("2nd look");
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
    let bo = desk.database.as_login("bo").await;
    assert!(bo.waiting(10, &ListOrder::default()).await.unwrap()[0].second_look);
    let conversation = opened(&bo, question.job).await;
    let draft = conversation.draft().unwrap();
    assert_eq!((draft.revises, &draft.author_ref), (Some(question.draft_id), &desk.database.login("ada")));
    assert_eq!(desk.kept(&bo).await, []);
    desk.nothing_leaked().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_saved_too_late_is_kept_and_the_writer_is_told_where() {
    let desk = Desk::new().await;
    let (question, mut terminal) = desk.editing().await;
    let sen = desk.database.as_login("sen").await;
    assert!(sen.force_release(question.job, crate::support::command()).await.unwrap().is_applied());
    terminal.wait_for("LEASE");
    terminal.press("and more ");
    terminal.press("\x1b");
    terminal.wait_for("keeps it beside the draft");
    let JobId(job) = question.job;
    terminal.press_until("s", &format!("review kept {job}"));
    let kept = desk.kept(&sen).await;
    assert!(
        matches!(&kept[..], [(job, text)] if *job == question.job && text.starts_with(&format!("{CANARY} and more ")))
    );
    assert_eq!(desk.database.job(question.job).await.payload_ref.message(), Some(question.draft_id));
    desk.nothing_leaked().await;
    drop(terminal);

    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 100, 30);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    terminal.press("e");
    terminal.wait_for("k go on with your text that was kept at");
    terminal.press("k");
    terminal.wait_for(&format!("{CANARY} and more"));
    terminal.press("\x1b");
    terminal.wait_for("is not saved");
    terminal.press_until("s", "edited");
    let reader = desk.database.as_login("bo").await;
    let conversation = opened(&reader, question.job).await;
    assert_eq!(conversation.draft().unwrap().revises, Some(question.draft_id));
    assert!(!conversation.needs_another && conversation.kept.is_empty(), "for bo it is somebody else's text");
    let writer = desk.database.as_login("ada").await.open_body(question.job, None).await.unwrap();
    assert!(matches!(writer, Opened::Conversation(found) if found.needs_another && found.kept.len() == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_outlives_the_program_that_is_ended_from_outside() {
    let desk = Desk::new().await;
    let (question, mut terminal) = desk.editing().await;
    kill_process(Pid::from_raw(terminal.process_id() as i32).unwrap(), Signal::TERM).unwrap();
    let (_, written) = terminal.wait_for_end();
    assert!(String::from_utf8_lossy(&written).contains("what you were writing is kept"));
    let lee = desk.database.as_login("lee").await;
    assert!(matches!(&desk.kept(&lee).await[..], [(job, text)] if *job == question.job && text.starts_with(CANARY)));
    // Nobody said that it was finished, so the draft is what it was, and waits for the next reviewer.
    let job = desk.database.job(question.job).await;
    assert_eq!((job.status, job.payload_ref.message()), (Status::Queued, Some(question.draft_id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_quits_is_asked_what_becomes_of_the_text() {
    let desk = Desk::new().await;
    let (question, mut terminal) = desk.editing().await;
    terminal.press("\x03");
    terminal.wait_for("then the program ends");
    terminal.press_until("g", "Nothing is lost before you say so");
    terminal.press("\x03");
    terminal.wait_for("then the program ends");
    let is_gone = |screen: &str| !screen.contains("then the program ends");
    loop {
        terminal.press("T");
        if terminal.wait_until(Duration::from_millis(400), is_gone).is_ok() {
            break;
        }
    }
    let (status, _) = terminal.wait_for_end();
    assert!(status.success(), "{status:?}");
    let lee = desk.database.as_login("lee").await;
    assert_eq!(desk.kept(&lee).await, []);
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_sealed_and_read_by_whoever_reviews_next() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let mut terminal = Terminal::start(desk.command("ada", &["--screen", "review"]), 100, 30);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.press_until("R", "why?");
    terminal.read("why?");
    terminal.press("1");
    terminal.wait_for("a note for the next draft");
    terminal.press(&format!("it was a {CANARY}"));
    terminal.press("\r");
    terminal.wait_for("with a note");
    terminal.press_until("y", "rejected");
    assert_eq!(desk.database.status(question.job).await, Status::Failed);
    desk.nothing_leaked().await;

    let again =
        desk.database.ask(&question.conversation, &desk.database.new_draft(&question.conversation, "Hello.")).await;
    let conversation = opened(&desk.database.as_login("bo").await, again.job).await;
    let Some(SealedBody::Sealed { bytes, .. }) = &conversation.rejections[0].note else { panic!("no note") };
    let note = desk.database.keyring().open_note("acme", question.conversation.id, question.job.0, bytes).unwrap();
    assert_eq!(note.as_bytes(), format!("it was a {CANARY}").as_bytes());
    let read = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .env("COUNTERSIGN_DATABASE_URL", desk.database.url_of("bo"))
        .env("COUNTERSIGN_KEYS", desk.home.path().join("acme.key"))
        .env("HOME", desk.home.path())
        .args(["review", "open", &again.job.0.to_string()])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&read.stdout).contains(&format!("| it was a {CANARY}")), "{read:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_senior_frees_a_job_and_the_reader_learns_of_it() {
    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let both = format!(
        "update queue.staff set roles = '{{reviewer,senior_reviewer}}' where login = '{}'",
        desk.database.login("sen")
    );
    desk.database.execute(&both).await;
    let mut ada = Terminal::start(desk.command("ada", &["--screen", "review"]), 100, 30);
    ada.wait_for("Waiting 1");
    ada.press("\r");
    ada.wait_for("end of draft");
    let mut sen = Terminal::start(desk.command("sen", &["--screen", "review"]), 100, 30);
    sen.wait_for("Waiting 1");
    sen.press("\r");
    sen.wait_for("reads it");
    sen.press_until("F", "releasing takes it from them");
    sen.press_until("y", "taken from");
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
    ada.wait_for("LEASE");
}

/// Says where its file lies and on what, and writes before what it finds there.
const EDITOR: &str = "#!/bin/sh
echo \"$1\" > \"$HOME/path\"
stat -f -c %T \"$1\" > \"$HOME/storage\"
stat -c %a \"$1\" >> \"$HOME/storage\"
text=$(cat \"$1\")
printf 'zebrafinch %s\\n' \"$text\" > \"$1\"
cp \"$1\" \"$1.swp\"
";

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn ones_own_editor_has_the_terminal_for_a_while_and_leaves_nothing_behind() {
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::new().await;
    let question = desk.database.question().await;
    let home = desk.home.path();
    std::fs::create_dir_all(home.join(".config/countersign")).unwrap();
    std::fs::write(home.join(".config/countersign/config.toml"), "[review]\nexternal_editor = true\n").unwrap();
    let script = home.join("editor");
    std::fs::write(&script, EDITOR).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = desk.command("ada", &["--screen", "review"]);
    command.env("EDITOR", &script);
    command.env("PATH", "/usr/bin:/bin");
    let mut terminal = Terminal::start(command, 100, 30);
    terminal.wait_for("Waiting 1");
    terminal.press("\r");
    terminal.wait_for("end of draft");
    terminal.press("e");
    terminal.wait_for("someone else must approve; ");
    terminal.press("\r");
    terminal.wait_for(&format!("{CANARY} It left"));
    terminal.wait_for("changed, not saved");
    let said = |file: &str| std::fs::read_to_string(home.join(file)).unwrap();
    assert_eq!(said("storage"), "tmpfs\n600\n");
    let path = std::path::PathBuf::from(said("path").trim());
    assert!(!path.exists() && !path.parent().unwrap().exists());
    std::fs::remove_file(&script).unwrap();

    terminal.press("and ");
    terminal.wait_for(&format!("and {CANARY} It left"));
    terminal.press("\x1b");
    terminal.press_until("s", "edited");
    assert_eq!(desk.database.status(question.job).await, Status::Queued);
    desk.nothing_leaked().await;
}
