//! I16: what lies sealed is refused wherever anything about it is not as it was sealed. The bits are changed in the
//! database, behind guards that were taken down for it, and read back the way a reviewer's program reads them.

use std::collections::HashMap;

use countersign::domain::{Direction, JobId, JobKind};
use countersign::store::producers::{NewDraft, NewHistory, NewInbound};
use countersign::store::review::Opened;
use countersign::store::{NewBody, SealedBody};
use countersign::vault::{ENVELOPE_OVERHEAD, Error, Place};
use uuid::Uuid;

use super::refused;
use crate::calls::started;
use crate::support::{Database, Figure, Question, command, database, scaled};

const VERSION_BITS: usize = 8;
const KEY_ID_BITS: usize = 17 * 8;
const DIRECTIONS: [Direction; 3] = [Direction::Inbound, Direction::Draft, Direction::Outbound];

/// What an owner can take down who wants to put anything at all where bodies lie.
const GUARDS_DOWN: &str = "
    alter table care.customer_message
        drop constraint message_envelope_well_formed, drop constraint message_key_known,
        drop constraint message_digest_is_sha_256, disable trigger keep_messages, disable trigger own_key";

/// A message to be put into the store as it is.
struct Forged {
    message: Uuid,
    direction: Direction,
    envelope: Vec<u8>,
    digest: Vec<u8>,
}

/// Puts messages into a conversation, past every call.
async fn put(db: &Database, conversation: Uuid, key_id: &str, forged: &[Forged]) {
    sqlx::query(
        "insert into care.customer_message (message_id, conversation_id, seq, direction, author_ref, stored_by, sealed_body,
                                            key_id, digest, at, stored_at)
         select message_id, $1, 1000000 + (select count(*) from care.customer_message) + place, direction, 'forger',
                'forger', envelope, $2, digest, now(), now()
         from unnest($3::uuid[], $4::text[], $5::bytea[], $6::bytea[])
             with ordinality as forged (message_id, direction, envelope, digest, place)",
    )
    .bind(conversation)
    .bind(key_id)
    .bind(forged.iter().map(|one| one.message).collect::<Vec<_>>())
    .bind(forged.iter().map(|one| one.direction.as_str()).collect::<Vec<_>>())
    .bind(forged.iter().map(|one| one.envelope.clone()).collect::<Vec<_>>())
    .bind(forged.iter().map(|one| one.digest.clone()).collect::<Vec<_>>())
    .execute(db.pool())
    .await
    .unwrap();
}

/// Opens every message of a job's conversation as a reviewer's program does. None: it opened.
async fn errors(db: &Database, who: &str, job: JobId) -> HashMap<Uuid, Option<Error>> {
    let Opened::Conversation(opened) = db.as_login(who).await.open_body(job, None).await.unwrap() else {
        panic!("refused")
    };
    let (agency, conversation) = (opened.agency, opened.conversation_id);
    let judged = opened.messages.into_iter().map(|message| {
        let place = Place { agency: &agency, conversation, message: message.message_id, direction: message.direction };
        let SealedBody::Sealed { bytes, digest, .. } = &message.body else { panic!("no body") };
        (message.message_id, db.keyring().open(&place, bytes, digest).err())
    });
    judged.collect()
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

#[tokio::test]
async fn i16_no_bit_of_a_stored_body_or_digest_can_change() {
    let db = database().await;
    db.execute(GUARDS_DOWN).await;
    let figure = Figure::begin("bits of stored bodies and digests flipped, each refused");
    let mut flips = 0;
    for length in 0..scaled(3, 60) {
        let question = db.question().await;
        let (conversation, direction) = (question.conversation.id, DIRECTIONS[length % 3]);
        let body = vec![b'x'; length * 7 % 200];
        let mut forged = Vec::new();
        let mut bits = HashMap::new();
        let mut key_id = String::new();
        for bit in 0..(ENVELOPE_OVERHEAD + body.len() + 32) * 8 {
            let message = Uuid::new_v4();
            let place = Place { agency: "acme", conversation, message, direction };
            let sealed = db.keyring().seal(&place, &body).unwrap();
            let (mut envelope, mut digest) = (sealed.bytes, sealed.digest.to_vec());
            match bit.checked_sub(envelope.len() * 8) {
                None => envelope = flipped(&envelope, bit),
                Some(bit) => digest = flipped(&digest, bit),
            }
            bits.insert(message, (bit, envelope.len() * 8));
            forged.push(Forged { message, direction, envelope, digest });
            key_id = sealed.key_id;
        }
        put(&db, conversation, &key_id, &forged).await;
        let errors = errors(&db, "ada", question.job).await;
        for (message, (bit, envelope)) in &bits {
            let error = errors[message].as_ref().unwrap_or_else(|| panic!("bit {bit} of {envelope} opened"));
            let expected = match *bit {
                bit if bit < VERSION_BITS => matches!(error, Error::UnknownVersion(_)),
                bit if bit < KEY_ID_BITS => matches!(error, Error::UnknownKey { .. }),
                bit if bit < *envelope => matches!(error, Error::DoesNotOpen),
                _ => matches!(error, Error::DigestMismatch),
            };
            assert!(expected, "bit {bit} of {envelope}: {error}");
        }
        // What nobody touched still opens: the question's own two messages.
        assert_eq!(errors.values().filter(|error| error.is_none()).count(), 2);
        flips += bits.len();
    }
    figure.end(flips);
}

#[tokio::test]
async fn i16_a_stored_body_that_lost_or_gained_bytes_is_refused() {
    let db = database().await;
    db.execute(GUARDS_DOWN).await;
    let question = db.question().await;
    let conversation = question.conversation.id;
    let body = b"It left on Monday.";
    let whole = ENVELOPE_OVERHEAD + body.len();
    let mut forged = Vec::new();
    let mut key_id = String::new();
    for length in (0..whole).chain(whole + 1..whole + 40) {
        let message = Uuid::new_v4();
        let place = Place { agency: "acme", conversation, message, direction: Direction::Outbound };
        let sealed = db.keyring().seal(&place, body).unwrap();
        let mut envelope = sealed.bytes;
        envelope.resize(length, 0);
        forged.push(Forged { message, direction: Direction::Outbound, envelope, digest: sealed.digest.to_vec() });
        key_id = sealed.key_id;
    }
    put(&db, conversation, &key_id, &forged).await;
    let errors = errors(&db, "ada", question.job).await;
    for one in &forged {
        let error = errors[&one.message].as_ref().unwrap();
        let expected = match one.envelope.len() < ENVELOPE_OVERHEAD {
            true => matches!(error, Error::Truncated { length } if *length == one.envelope.len()),
            false => matches!(error, Error::DoesNotOpen),
        };
        assert!(expected, "{} bytes: {error}", one.envelope.len());
    }
}

/// One body in every row: all that differs is where it was sealed for.
#[tokio::test]
async fn i16_no_stored_body_opens_in_another_row() {
    let db = database().await;
    db.execute(GUARDS_DOWN).await;
    let per_direction = scaled(1, 5);
    let mut questions: Vec<(&str, Question)> = Vec::new();
    let mut rows: Vec<Forged> = Vec::new();
    for (agency, who) in [("acme", "ada"), ("acme", "ada"), ("globex", "gus"), ("globex", "gus")] {
        let question = db.question_of(agency, "email").await;
        let key_id = db.keyring().key_ids(agency).unwrap().pop().unwrap();
        let mut own = Vec::new();
        for direction in DIRECTIONS.into_iter().flat_map(|direction| vec![direction; per_direction]) {
            let message = Uuid::new_v4();
            let place = Place { agency, conversation: question.conversation.id, message, direction };
            let sealed = db.keyring().seal(&place, b"It left on Monday.").unwrap();
            own.push(Forged { message, direction, envelope: sealed.bytes, digest: sealed.digest.to_vec() });
        }
        put(&db, question.conversation.id, &key_id, &own).await;
        rows.append(&mut own);
        questions.push((who, question));
    }
    let figure = Figure::begin("stored bodies put into another's row, each refused");
    let mut swaps = 0;
    for with_digest in [false, true] {
        // Every row gets, one turn after the other, what lay in every other one.
        for turn in 1..rows.len() {
            let moved: Vec<&Forged> = (0..rows.len()).map(|row| &rows[(row + turn) % rows.len()]).collect();
            let own = |row: usize| if with_digest { moved[row] } else { &rows[row] };
            sqlx::query(
                "update care.customer_message as message set sealed_body = moved.envelope, digest = moved.digest
                 from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as moved (message_id, envelope, digest)
                 where moved.message_id = message.message_id",
            )
            .bind(rows.iter().map(|row| row.message).collect::<Vec<_>>())
            .bind(moved.iter().map(|row| row.envelope.clone()).collect::<Vec<_>>())
            .bind((0..rows.len()).map(|row| own(row).digest.clone()).collect::<Vec<_>>())
            .execute(db.pool())
            .await
            .unwrap();
            let mut errors_by_message = HashMap::new();
            for (who, question) in &questions {
                errors_by_message.extend(errors(&db, who, question.job).await);
            }
            for row in &rows {
                let error = errors_by_message[&row.message].as_ref().unwrap_or_else(|| panic!("turn {turn} opened"));
                assert!(matches!(error, Error::DoesNotOpen | Error::UnknownKey { .. }), "{error}");
            }
            swaps += rows.len();
        }
    }
    figure.end(swaps);
}

/// The body stays where it is, and what is said about it changes.
#[tokio::test]
async fn i16_a_row_that_claims_another_place_does_not_open() {
    let db = database().await;
    db.execute(GUARDS_DOWN).await;
    let other = db.question().await;
    let message = "update care.customer_message set";
    let of = |question: &Question, what: &str| format!("{message} {what} where message_id = '{}'", question.draft_id);
    for direction in ["inbound", "outbound"] {
        let question = db.question().await;
        db.execute(&of(&question, &format!("direction = '{direction}'"))).await;
        refuses(&db, question.job, question.draft_id).await;
    }
    let question = db.question().await;
    db.execute(&of(&question, &format!("seq = 77, conversation_id = '{}'", other.conversation.id))).await;
    refuses(&db, other.job, question.draft_id).await;

    let question = db.question().await;
    let renamed = Uuid::new_v4();
    db.execute(&of(&question, &format!("message_id = '{renamed}'"))).await;
    db.execute(&format!(
        "update queue.job_queue set payload_ref = 'message:{renamed}' where job_id = {}",
        question.job.0
    ))
    .await;
    refuses(&db, question.job, renamed).await;
}

async fn refuses(db: &Database, job: JobId, message: Uuid) {
    let errors = errors(db, "ada", job).await;
    assert!(matches!(errors[&message], Some(Error::DoesNotOpen)), "{:?}", errors[&message]);
}

/// What the database can judge of a body it does judge, whichever call brings it.
#[tokio::test]
async fn i16_every_call_that_stores_refuses_what_is_no_envelope_of_its_agencys_key() {
    let db = database().await;
    let (prod, exe, ada) = (db.as_login("prod").await, db.as_login("exe").await, db.as_login("ada").await);
    let conversation = db.conversation().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let draft_job = {
        prod.schedule_followup(conversation.id, chrono::Utc::now(), &Default::default(), None, command())
            .await
            .unwrap();
        db.advance("1 second").await;
        let followup = started(&exe, JobKind::Followup).await;
        exe.complete_job(followup.job_id, followup.lease_token, &Default::default(), command()).await.unwrap();
        started(&exe, JobKind::Draft).await
    };
    let before: i64 = db.value("select count(*) from care.customer_message").await;
    let foreign_key = db.keyring().key_ids("globex").unwrap().remove(0);
    let id = Uuid::new_v4();
    let good = db.seal("acme", conversation.id, id, Direction::Draft, "It left on Monday.");
    let with_key = |key_id: &str| {
        let mut sealed = good.sealed.clone();
        sealed.splice(1..17, Uuid::parse_str(key_id).unwrap().into_bytes());
        NewBody { key_id: key_id.to_owned(), sealed, ..good.clone() }
    };
    let of = |sealed: &[u8]| NewBody { sealed: sealed.to_vec(), ..good.clone() };
    let cases = [
        ("empty", of(&[])),
        ("too short", of(&good.sealed[..ENVELOPE_OVERHEAD - 1])),
        ("version 0", of(&flipped(&good.sealed, 0))),
        ("version 3", of(&flipped(&good.sealed, 1))),
        ("another key id within", of(&flipped(&good.sealed, VERSION_BITS))),
        ("another key id beside", NewBody { key_id: foreign_key.clone(), ..good.clone() }),
        ("a key that nobody registered", with_key("00112233445566778899aabbccddeeff")),
        ("another agency's key", with_key(&foreign_key)),
    ];
    let digests = [("no digest", vec![]), ("a short digest", vec![7; 31]), ("a long digest", vec![7; 33])];
    let digests = digests.map(|(what, digest)| (what, NewBody { digest, ..good.clone() }));
    for (what, body) in cases.iter().chain(&digests) {
        let draft = NewDraft { body: body.clone(), ..db.new_draft(&conversation, "") };
        let inbound = NewInbound { body: body.clone(), ..db.new_inbound(&conversation, "") };
        let history = NewHistory {
            conversation_id: conversation.id,
            message_id: id,
            direction: Direction::Inbound,
            at: chrono::Utc::now(),
            body: body.clone(),
            author_ref: "customer".to_owned(),
            command_id: command(),
        };
        let (job, token) = (draft_job.job_id, draft_job.lease_token);
        let mut errors = vec![
            ("store_inbound", prod.store_inbound(&inbound).await.err()),
            ("store_history", prod.store_history(&history).await.err()),
            ("submit_draft", prod.submit_draft(&draft).await.err()),
            ("put_draft", exe.put_draft(job, token, id, "drafter-1", body, command()).await.err()),
            ("review_revise", ada.revise(question.job, &pin, id, body, command()).await.err()),
        ];
        // No digest is stored beside a note.
        if body.digest == good.digest {
            let rejected = ada.reject(question.job, &pin, "wrong_fact", Some(body), command()).await;
            errors.push(("review_reject", rejected.err()));
        }
        for (call, error) in errors {
            assert_eq!(error.as_ref().and_then(|error| error.sqlstate()), Some("CS002"), "{call}, {what}: {error:?}");
        }
    }
    assert_eq!(db.value::<i64>("select count(*) from care.customer_message").await, before);
    assert_eq!(db.value::<i64>("select count(*) from care.review_note").await, 0);
}

/// Not even the owner's own SQL puts a body under another agency's key, or a note or a message into another's words.
#[tokio::test]
async fn i16_a_hand_that_writes_bodies_meets_the_same_rules() {
    let db = database().await;
    let question = db.question().await;
    let pin = db.read("ada", question.job).await;
    let sealed = db.keyring().seal_note("acme", question.conversation.id, question.job.0, b"No.").unwrap();
    let note = NewBody { key_id: sealed.key_id, sealed: sealed.bytes, digest: sealed.digest.to_vec() };
    let ada = db.as_login("ada").await;
    assert!(ada.reject(question.job, &pin, "wrong_fact", Some(&note), command()).await.unwrap().is_applied());
    let foreign = db.keyring().key_ids("globex").unwrap().remove(0);
    let under = |key: &str| {
        format!("key_id = '{key}', sealed_body = overlay(sealed_body placing decode('{key}', 'hex') from 2 for 16)")
    };
    let unknown = "00112233445566778899aabbccddeeff";
    for table in ["customer_message", "review_note"] {
        let well_formed = "overlay(sealed_body placing '\\x02' from 1 for 1)";
        for (set, expected) in [
            (under(&foreign), "CS002"),
            (under(unknown), "CS002"),
            (format!("sealed_body = {well_formed}"), "23514"),
            ("sealed_body = substring(sealed_body for 56)".to_owned(), "23514"),
            (format!("key_id = '{foreign}'"), "CS002"),
        ] {
            let statement = format!("update care.{table} set {set} where sealed_body is not null");
            assert_eq!(refused(db.pool(), &statement).await.as_deref(), Some(expected), "{statement}");
        }
    }
    assert_eq!(refused(db.pool(), "delete from care.review_note").await.as_deref(), Some("CS010"));
    assert_eq!(refused(db.pool(), "truncate care.review_note").await.as_deref(), Some("CS010"));
    for statement in [
        "update care.review_note set decision_id = decision_id + 1",
        "update care.customer_message set digest = decode(repeat('00', 32), 'hex') where sealed_body is not null",
        "update care.customer_message set direction = 'outbound' where direction = 'draft'",
    ] {
        assert_eq!(refused(db.pool(), statement).await.as_deref(), Some("CS006"), "{statement}");
    }
}
