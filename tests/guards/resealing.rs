//! I16: keys change and bodies move under them while everyone works, and nobody notices.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use countersign::domain::{Direction, JobId, JobKind, Pin, Status};
use countersign::store::producers::{NewConversation, NewDraft, NewHistory};
use countersign::store::programs::Completion;
use countersign::store::resealing::Resealed;
use countersign::store::review::Opened;
use countersign::store::{NewBody, SealedBody, Store};
use countersign::vault::{self, Keyring, Place};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::refused;
use crate::support::{Database, Figure, command, database, scaled};

const BODY: &str = "Where is my card, please?";

/// A database whose agency `acme` has its keys in an administrator's ring, which everyone follows.
struct Office {
    db: Database,
    directory: TempDir,
    resealed: AtomicUsize,
}

/// A question as its producer knows it.
struct Asked {
    conversation: Uuid,
    job: JobId,
}

impl Office {
    async fn new() -> Office {
        let db = database().await;
        let office = Office { db, directory: tempfile::tempdir().unwrap(), resealed: AtomicUsize::new(0) };
        let ring = office.ring();
        ring.ensure_agency("acme").unwrap();
        let pad = office.db.as_login("pad").await;
        pad.register_key(&ring.key_ids("acme").unwrap()[0], "acme", command()).await.unwrap();
        pad.set_config("queue.customer.undo_seconds.email", &json!(0), None, command()).await.unwrap();
        office
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("ring")
    }

    /// The ring as another program opens it.
    fn ring(&self) -> Keyring {
        Keyring::administrator(&self.path()).unwrap()
    }

    /// `countersign vault …` as the administrator of platform, ring and database.
    async fn vault(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .args(["--database-url", &self.db.url_of("pad"), "vault"])
            .args(arguments)
            .args(["--agency", "acme", "--keys"])
            .arg(self.path())
            .env("COUNTERSIGN_ADMIN_URL", self.db.administrator_url())
            .env("COUNTERSIGN_DATA_DIR", self.directory.path())
            .env("XDG_STATE_HOME", self.directory.path())
            .env("XDG_CONFIG_HOME", self.directory.path());
        // On a thread of its own: meanwhile everyone else goes on.
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    }

    async fn reseal(&self) -> (i32, String) {
        let (code, text) = self.vault(&["reseal"]).await;
        let count = text.split_whitespace().find_map(|word| word.parse::<usize>().ok()).unwrap();
        self.resealed.fetch_add(count, Ordering::Relaxed);
        (code, text)
    }

    /// A customer who wrote and a draft that answers.
    async fn ask(&self, prod: &Store, ring: &Keyring) -> Asked {
        let conversation = Uuid::new_v4();
        let opened = prod
            .open_conversation(&NewConversation {
                conversation_id: conversation,
                agency: "acme".to_owned(),
                customer_ref: format!("cust-{conversation}"),
                channel_kind: "email".to_owned(),
                command_id: command(),
            })
            .await
            .unwrap();
        assert!(opened.outcome.is_applied(), "{opened:?}");
        let message_id = Uuid::new_v4();
        let stored = prod
            .store_history(&NewHistory {
                conversation_id: conversation,
                message_id,
                direction: Direction::Inbound,
                at: chrono::Utc::now(),
                body: sealed(ring, conversation, message_id, Direction::Inbound),
                author_ref: "customer".to_owned(),
                command_id: command(),
            })
            .await
            .unwrap();
        assert!(stored.outcome.is_applied(), "{stored:?}");
        let draft_id = Uuid::new_v4();
        let stored = prod
            .submit_draft(&NewDraft {
                conversation_id: conversation,
                draft_id,
                author_ref: "drafter-1".to_owned(),
                body: sealed(ring, conversation, draft_id, Direction::Draft),
                codes: Default::default(),
                priority: None,
                deadline_at: None,
                revises: None,
                command_id: command(),
            })
            .await
            .unwrap();
        assert!(stored.outcome.is_applied(), "{stored:?}");
        Asked { conversation, job: stored.outcome.job_id.unwrap() }
    }

    /// How many messages and notes lie under other keys than the newest.
    async fn under_older_keys(&self) -> i64 {
        let newest = self.ring().key_ids("acme").unwrap().pop().unwrap();
        let keys = self.db.admin().sealing_keys("acme").await.unwrap();
        keys.iter().filter(|key| key.key_id != newest).map(|key| key.messages + key.notes).sum()
    }
}

fn sealed(ring: &Keyring, conversation: Uuid, message: Uuid, direction: Direction) -> NewBody {
    body_of(ring.seal(&Place { agency: "acme", conversation, message, direction }, BODY.as_bytes()).unwrap())
}

fn body_of(sealed: vault::Sealed) -> NewBody {
    NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() }
}

/// Opens a job's bodies, every one of them, and returns the pin where there is one.
async fn read(reader: &Store, ring: &Keyring, job: JobId, token: Option<i64>) -> Option<Pin> {
    let Opened::Conversation(opened) = reader.open_body(job, token).await.unwrap() else { panic!("refused") };
    for message in &opened.messages {
        let place = Place {
            agency: "acme",
            conversation: opened.conversation_id,
            message: message.message_id,
            direction: message.direction,
        };
        if let SealedBody::Sealed { bytes, digest, .. } = &message.body {
            assert_eq!(ring.open(&place, bytes, digest).unwrap().as_bytes(), BODY.as_bytes());
        }
    }
    assert!(opened.messages.iter().any(|message| matches!(message.body, SealedBody::Sealed { .. })));
    opened.pin
}

async fn claim_and_read(reader: &Store, ring: &Keyring, job: JobId) -> Pin {
    let claim = reader.claim_review(Some(job)).await.unwrap();
    assert!(claim.outcome.is_applied(), "{claim:?}");
    read(reader, ring, job, claim.outcome.lease_token).await.unwrap()
}

#[tokio::test]
async fn i16_keys_rotate_and_bodies_are_resealed_under_load_without_a_reader_failing_or_a_pin_voided() {
    let office = Office::new().await;
    let figure = Figure::begin("bodies resealed under load, no reader failed and no pin was voided");
    let first = office.ring();
    let (prod, ada) = (office.db.as_login("prod").await, office.db.as_login("ada").await);
    for _ in 0..scaled(40, 1_500) {
        office.ask(&prod, &first).await;
    }
    let mut pinned = Vec::new();
    for _ in 0..scaled(15, 120) {
        let asked = office.ask(&prod, &first).await;
        pinned.push((asked.job, claim_and_read(&ada, &first, asked.job).await));
    }
    let is_over = AtomicBool::new(false);
    let counts = tokio::join!(
        producing(&office, &is_over),
        producing(&office, &is_over),
        reviewing(&office, "bo", &is_over),
        reviewing(&office, "sen", &is_over),
        sending(&office, &is_over),
        async {
            for _ in 0..scaled(3, 6) {
                let (code, text) = office.vault(&["rotate"]).await;
                assert_eq!(code, 0, "{text}");
                office.reseal().await;
                // Pins from before the first rotation decide, all through.
                for (job, pin) in pinned.drain(..pinned.len().min(scaled(5, 20))) {
                    let decided = ada.approve(job, &pin, Default::default(), command()).await.unwrap();
                    assert!(decided.is_applied(), "{decided:?}");
                }
                // As an open pane does.
                for (job, pin) in &pinned {
                    let extended = ada.extend_lease(*job, pin.lease_token).await.unwrap();
                    assert!(extended.outcome.is_applied(), "{extended:?}");
                }
            }
            is_over.store(true, Ordering::Release);
        }
    );
    assert_eq!(pinned.len(), 0);
    let (asked, decided, sent) = (counts.0 + counts.1, counts.2 + counts.3, counts.4);
    assert!(asked > 0 && decided > 0 && sent > 0, "{asked} asked, {decided} decided, {sent} sent");

    let (code, text) = office.reseal().await;
    assert_eq!((code, office.under_older_keys().await), (0, 0), "{text}");
    assert!(office.db.value::<i64>("select count(*) from care.review_note").await > 0);
    let broken: Vec<_> =
        office.db.admin().invariants().await.unwrap().into_iter().filter(|promise| promise.broken > 0).collect();
    assert!(broken.is_empty(), "{broken:?}");
    let clear = office.db.admin().words_in_the_clear(&[BODY.to_owned()], &[]).await.unwrap();
    assert!(clear.iter().all(|row| row.broken == 0), "{clear:?}");
    println!("{asked} questions stored, {decided} decided and {sent} sent meanwhile");
    figure.end(office.resealed.load(Ordering::Relaxed));
}

async fn producing(office: &Office, is_over: &AtomicBool) -> usize {
    let (prod, ring) = (office.db.as_login("prod").await, office.ring());
    let mut count = 0;
    while !is_over.load(Ordering::Acquire) {
        office.ask(&prod, &ring).await;
        count += 1;
    }
    count
}

/// Rejects one of four, with a note, and approves the others.
async fn reviewing(office: &Office, who: &str, is_over: &AtomicBool) -> usize {
    let (reader, ring) = (office.db.as_login(who).await, office.ring());
    let mut count = 0;
    while !is_over.load(Ordering::Acquire) {
        let claim = reader.claim_review(None).await.unwrap().outcome;
        let (Some(job), Some(token)) = (claim.job_id, claim.lease_token) else {
            tokio::task::yield_now().await;
            continue;
        };
        let pin = read(&reader, &ring, job, Some(token)).await.unwrap();
        let decided = if count % 4 == 0 {
            let conversation = office.db.job(job).await.correlation_id;
            let note = body_of(ring.seal_note("acme", conversation, job.0, b"Not like this.").unwrap());
            reader.reject(job, &pin, "wrong_fact", Some(&note), command()).await.unwrap()
        } else {
            reader.approve(job, &pin, Default::default(), command()).await.unwrap()
        };
        assert!(decided.is_applied(), "{decided:?}");
        count += 1;
    }
    count
}

async fn sending(office: &Office, is_over: &AtomicBool) -> usize {
    let (exe, ring) = (office.db.as_login("exe").await, office.ring());
    let mut count = 0;
    while !is_over.load(Ordering::Acquire) {
        for job in exe.claim_jobs(&[JobKind::Send], 4).await.unwrap() {
            let outcome = exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
            assert!(outcome.is_applied(), "{outcome:?}");
            read(&exe, &ring, job.job_id, Some(job.lease_token)).await;
            let done = Completion { provider_ref: Some(format!("smtp-{}", job.job_id.0)), ..Completion::default() };
            let outcome = exe.complete_job(job.job_id, job.lease_token, &done, command()).await.unwrap();
            assert!(outcome.is_applied(), "{outcome:?}");
            count += 1;
        }
        tokio::task::yield_now().await;
    }
    count
}

/// What was altered is named and stays as it is; what is around it is resealed.
#[tokio::test]
async fn i16_resealing_leaves_alone_what_does_not_open_and_names_it() {
    let office = Office::new().await;
    let (prod, ring) = (office.db.as_login("prod").await, office.ring());
    for _ in 0..3 {
        office.ask(&prod, &ring).await;
    }
    let altered: String =
        office.db.value("select message_id::text from care.customer_message order by 1 limit 1").await;
    let forged: String =
        office.db.value("select message_id::text from care.customer_message order by 1 desc limit 1").await;
    office
        .db
        .execute(&format!(
            "update care.customer_message set sealed_body = set_byte(sealed_body, 60, get_byte(sealed_body, 60) # 1)
             where message_id = '{altered}';
             alter table care.customer_message disable trigger keep_messages;
             update care.customer_message set digest = decode(repeat('00', 32), 'hex') where message_id = '{forged}';
             alter table care.customer_message enable always trigger keep_messages"
        ))
        .await;
    let envelopes = "select string_agg(encode(sealed_body, 'hex'), ' ' order by message_id) from care.customer_message
                     where message_id::text in ('{altered}', '{forged}')"
        .replace("{altered}", &altered)
        .replace("{forged}", &forged);
    let before: String = office.db.value(&envelopes).await;
    assert_eq!(office.vault(&["rotate"]).await.0, 0);
    for _ in 0..2 {
        let (code, text) = office.reseal().await;
        assert_eq!(code, 1, "{text}");
        assert!(text.contains(&format!("message {altered}: the body does not open")), "{text}");
        assert!(text.contains(&format!("message {forged}: the stored digest does not belong")), "{text}");
        assert_eq!(text.lines().count(), 3, "one line in all and one for each: {text}");
        assert!(!text.contains("card"), "{text}");
    }
    assert_eq!((office.under_older_keys().await, office.resealed.load(Ordering::Relaxed)), (2, 4));
    assert_eq!(office.db.value::<String>(&envelopes).await, before);
    let old = ring.key_ids("acme").unwrap().remove(0);
    assert!(office.vault(&["retire", &old[..8]]).await.1.contains("something is sealed under it"));
}

/// The database takes an envelope only in the place of the one that was read.
#[tokio::test]
async fn i16_resealing_replaces_what_was_read_and_nothing_else() {
    let office = Office::new().await;
    let (prod, ring) = (office.db.as_login("prod").await, office.ring());
    let asked = office.ask(&prod, &ring).await;
    let old = ring.key_ids("acme").unwrap().remove(0);
    let key = vault::NewKey::generate().unwrap();
    let new = key.id();
    office.db.as_login("pad").await.register_key(&new, "acme", command()).await.unwrap();
    ring.rotate("acme", key).unwrap();
    let admin = office.db.admin();
    let read = admin.messages_to_reseal(&old, None, 1).await.unwrap().remove(0);
    let place =
        Place { agency: "acme", conversation: asked.conversation, message: read.message_id, direction: read.direction };
    let envelope = ring.seal(&place, BODY.as_bytes()).unwrap().bytes;
    let nonce = vault::nonce(&read.sealed_body).unwrap().to_vec();
    let anew = |nonce: &[u8]| vec![Resealed { id: read.message_id, nonce: nonce.to_vec(), envelope: envelope.clone() }];

    assert_eq!(admin.reseal_messages(&old, &new, anew(&[7; 24])).await.unwrap(), 0, "another envelope");
    let mut hand = office.db.pool().begin().await.unwrap();
    sqlx::query("select from care.customer_message for update").execute(&mut *hand).await.unwrap();
    assert_eq!(admin.reseal_messages(&old, &new, anew(&nonce)).await.unwrap(), 0, "held by somebody");
    hand.rollback().await.unwrap();
    let globex = office.db.keyring().key_ids("globex").unwrap().remove(0);
    let foreign = admin.reseal_messages(&old, &globex, anew(&nonce)).await.unwrap_err();
    assert_eq!(foreign.sqlstate(), Some("CS002"));
    assert_eq!(admin.reseal_messages(&old, &new, anew(&nonce)).await.unwrap(), 1);
    assert_eq!(admin.reseal_messages(&old, &new, anew(&nonce)).await.unwrap(), 0, "done already");
    let audited =
        "select count(*) from queue.dot_iu_command_run where call = 'reseal_messages' and outcome = 'applied'";
    assert_eq!(office.db.value::<i64>(audited).await, 1);

    let erased = admin.messages_to_reseal(&old, None, 1).await.unwrap().remove(0);
    let customer = format!("cust-{}", asked.conversation);
    office.db.as_login("wad").await.erase_customer(&customer, command()).await.unwrap();
    let place = Place { message: erased.message_id, direction: erased.direction, ..place };
    let anew = Resealed {
        id: erased.message_id,
        nonce: vault::nonce(&erased.sealed_body).unwrap().to_vec(),
        envelope: ring.seal(&place, BODY.as_bytes()).unwrap().bytes,
    };
    assert_eq!(admin.reseal_messages(&old, &new, vec![anew]).await.unwrap(), 0, "forgotten meanwhile");
    assert_eq!(office.db.status(asked.job).await, Status::Cancelled);
}

/// Whoever stores under a key while it retires is either counted or refused.
#[tokio::test]
async fn i16_nothing_is_stored_under_a_retired_key() {
    let office = Office::new().await;
    let (prod, pad) = (office.db.as_login("prod").await, office.db.as_login("pad").await);
    let ring = office.ring();
    let old = ring.key_ids("acme").unwrap().remove(0);
    // A program with a key file from before the rotation.
    let file = office.directory.path().join("program.key");
    ring.grant("program", "acme", &file).unwrap();
    let program = Keyring::load(&file).unwrap();
    let admin = office.db.admin();
    assert_eq!(admin.retire_key(&old).await.unwrap().outcome, "in_use", "the newest");
    let key = vault::NewKey::generate().unwrap();
    pad.register_key(&key.id(), "acme", command()).await.unwrap();
    ring.rotate("acme", key).unwrap();

    // Still under way when the key is to retire.
    let mut storing = office.db.pool().begin().await.unwrap();
    sqlx::query("select from care.sealing_key where key_id = $1 for key share")
        .bind(&old)
        .execute(&mut *storing)
        .await
        .unwrap();
    let waiting = {
        let (admin, old) = (admin.clone(), old.clone());
        tokio::spawn(async move { admin.retire_key(&old).await })
    };
    let waits = "select exists (select from pg_locks where not granted and locktype in ('transactionid', 'tuple')
                                and pid in (select pid from pg_stat_activity where datname = current_database()))";
    while !office.db.value::<bool>(waits).await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    office.ask(&prod, &program).await;
    storing.rollback().await.unwrap();
    let outcome = waiting.await.unwrap().unwrap();
    assert_eq!(outcome.outcome, "in_use", "what was stored meanwhile counts");

    let (code, said) = office.reseal().await;
    assert_eq!(code, 0, "{said}");
    let (code, said) = office.vault(&["retire", &old[..8]]).await;
    assert_eq!(code, 0, "{said}");
    let conversation = office.db.conversation().await;
    let late = NewDraft {
        body: sealed(&program, conversation.id, Uuid::new_v4(), Direction::Draft),
        ..office.db.new_draft(&conversation, "")
    };
    assert_eq!(prod.submit_draft(&late).await.unwrap_err().sqlstate(), Some("CS002"));
    // Not even by granting a key file, which lets the database know the agency's keys.
    let out = office.directory.path().join("late.key");
    assert_eq!(office.vault(&["grant", "late", "--out", out.to_str().unwrap()]).await.0, 0);
    assert!(!office.db.admin().sealing_keys("acme").await.unwrap().iter().any(|key| key.key_id == old));
    assert!(Path::new(&out).exists());
}

#[tokio::test]
async fn i16_no_registered_login_reseals_lists_or_retires() {
    let db = database().await;
    let calls = [
        "select queue.sealing_keys('acme')",
        "select queue.messages_to_reseal('00', null, 1)",
        "select queue.notes_to_reseal('00', null, 1)",
        "select queue.reseal_messages('00', '00', '{}', '{}', '{}')",
        "select queue.reseal_notes('00', '00', '{}', '{}', '{}')",
        "select queue.retire_key('00')",
        "select from care.sealing_key",
        "set role countersign_owner",
    ];
    for who in ["ada", "lee", "kim", "wad", "pad", "prod", "exe", "mon", "nobody"] {
        let raw = db.raw(who).await;
        for call in calls {
            assert_eq!(refused(&raw, call).await.as_deref(), Some("42501"), "{who}: {call}");
        }
    }
}
