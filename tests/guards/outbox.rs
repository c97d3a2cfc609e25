//! I13: who reads the outbox misses nothing that commits, and nothing that is withheld is invented later.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::store::Store;
use futures_util::future::join_all;
use sqlx::AssertSqlSafe;

use crate::support::{Database, Dice, Figure, command, database, scaled};

const WRITERS: usize = 8;
const READERS: usize = 3;

/// Writes events in transactions of any length, some of which, or parts of which, are taken back.
async fn write(db: &Database, seed: usize, transactions: usize) {
    let mut dice = Dice(seed as u64);
    let conversation = db.conversation_of(["acme", "globex"][seed % 2], "email").await;
    let raw = db.raw("prod").await;
    let followup = || {
        AssertSqlSafe(format!(
            "select queue.schedule_followup('{}', '2026-01-31T09:12:00Z', command_id => '{}')",
            conversation.id,
            command()
        ))
    };
    for _ in 0..transactions {
        let mut transaction = raw.begin().await.unwrap();
        for _ in 0..=dice.roll(4) {
            if dice.roll(4) == 0 {
                let mut part = sqlx::Connection::begin(&mut *transaction).await.unwrap();
                sqlx::query(followup()).execute(&mut *part).await.unwrap();
                part.rollback().await.unwrap();
            } else {
                sqlx::query(followup()).execute(&mut *transaction).await.unwrap();
            }
        }
        if dice.roll(3) == 0 {
            let pause = AssertSqlSafe(format!("select pg_sleep({} / 1000.0)", dice.roll(30)));
            sqlx::query(pause).execute(&mut *transaction).await.unwrap();
        }
        if dice.roll(5) == 0 {
            transaction.rollback().await.unwrap();
        } else {
            transaction.commit().await.unwrap();
        }
    }
}

/// Reads on and on from where it stopped, connecting anew now and then, until there is nothing more after the writers ended.
async fn read(db: &Database, who: &str, seed: usize, is_over: &AtomicBool) -> Vec<i64> {
    let mut dice = Dice(seed as u64);
    let (mut next, mut seen) = (0, Vec::new());
    let options = db.options_of(who).max_connections(1);
    loop {
        let store = Store::connect(&options).await.unwrap();
        for _ in 0..dice.roll(40) + 1 {
            let was_over = is_over.load(Ordering::SeqCst);
            if was_over {
                db.outbox_has_settled().await;
            }
            let page = store.read_outbox(next, [1, 7, 1000][dice.roll(3)]).await.unwrap();
            if was_over && page.events.is_empty() {
                return seen;
            }
            seen.extend(page.events.iter().map(|event| event.event_id));
            next = page.next;
        }
        store.close().await;
    }
}

/// What a reader would see that remembers the highest number, as one is tempted to.
async fn read_by_number(db: &Database, is_over: &AtomicBool) -> usize {
    let (mut last, mut seen) = (0, 0);
    loop {
        let was_over = is_over.load(Ordering::SeqCst);
        let page =
            format!("select coalesce(array_agg(event_id), '{{}}') from queue.event_outbox where event_id > {last}");
        let page: Vec<i64> = db.value(&page).await;
        if was_over && page.is_empty() {
            return seen;
        }
        seen += page.len();
        last = page.iter().copied().max().unwrap_or(last);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_readers_see_every_event_that_commits_and_none_that_does_not() {
    let transactions = scaled(30, 4_000);
    let figure = Figure::begin("events written by eight and read by three, each seen");
    let db = database().await;
    let is_over = AtomicBool::new(false);
    let writers = async {
        join_all((0..WRITERS).map(|writer| write(&db, writer, transactions))).await;
        is_over.store(true, Ordering::SeqCst);
    };
    let readers = ["prod", "exe", "pad"];
    let readers = join_all((0..READERS).map(|reader| read(&db, readers[reader], reader, &is_over)));
    let ((), seen, ada, by_number) =
        tokio::join!(writers, readers, read(&db, "ada", 9, &is_over), read_by_number(&db, &is_over));

    let ids = async |of: &str| -> Vec<i64> {
        db.value(&format!("select coalesce(array_agg(event_id), '{{}}') from queue.event_outbox where {of}")).await
    };
    let written: BTreeSet<_> = ids("true").await.into_iter().collect();
    for seen in &seen {
        assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), written);
        assert_eq!(seen.len(), written.len(), "and each once");
    }
    let own = ids("agency = 'acme'").await.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(ada.into_iter().collect::<BTreeSet<_>>(), own, "staff read what is of their agency");
    assert!(own.len() < written.len());
    assert!(by_number < written.len(), "nothing committed late, so this race proved nothing");
    figure.end(written.len());
}

#[tokio::test]
async fn i13_every_event_that_is_withheld_is_counted_once_and_not_made_up_for_later() {
    let db = database().await;
    db.execute("update queue.event_type_registry set ratified_at = null").await;
    let ada = db.as_login("ada").await;
    assert_eq!(ada.withheld_events().await.unwrap().events, 0);

    // Each message is announced; one question goes up by itself, the other because a person decided so.
    let mut unsure = db.new_draft(&db.conversation().await, "It left on Monday.");
    unsure.codes.confidence = Some(0.1);
    db.inbound(&db.conversation().await, "Hello?").await;
    assert_eq!(ada.withheld_events().await.unwrap().events, 1);
    assert!(db.as_login("prod").await.submit_draft(&unsure).await.unwrap().escalated_job_id.is_some());
    assert_eq!(ada.withheld_events().await.unwrap().events, 3);
    let question = db.question().await;
    assert_eq!(ada.withheld_events().await.unwrap().events, 4);
    let pin = db.read("ada", question.job).await;
    assert!(ada.escalate(question.job, &pin, "legal_threat", command()).await.unwrap().is_applied());
    let withheld = ada.withheld_events().await.unwrap();
    assert_eq!(withheld.events, 6, "the decision and the escalation");
    assert_eq!(db.value::<i64>("select count(*) from queue.event_outbox").await, 0);
    let (globex, pad) = (db.as_login("gus").await, db.as_login("pad").await);
    assert_eq!(globex.withheld_events().await.unwrap().events, 0, "another agency's are not theirs to know");
    assert_eq!(pad.withheld_events().await.unwrap(), withheld);

    assert_eq!(ada.whoami().await.unwrap().events_withheld, 7);
    assert!(pad.ratify_event_type("customer.message.enqueued", command()).await.unwrap().is_applied());
    assert_eq!(ada.whoami().await.unwrap().events_withheld, 6);
    db.inbound(&db.conversation().await, "Hello?").await;
    assert_eq!(db.value::<i64>("select count(*) from queue.event_outbox").await, 1, "from then on, and not before");
    assert_eq!(ada.withheld_events().await.unwrap(), withheld);
}
