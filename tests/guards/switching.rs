//! I11: once a switch is settled nothing contradicts it, whoever was under way.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use countersign::domain::{JobId, JobKind, Outcome, Status};
use countersign::store::Store;
use countersign::store::programs::{ClaimedJob, Completion};
use countersign::store::review::Opened;
use futures_util::future::join_all;
use serde_json::json;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Executor};
use tokio::sync::RwLock;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::refused;
use crate::calls::approved;
use crate::support::{Database, Dice, Figure, command, database, scaled};

const ALL: &str = "queue.customer.enabled";

/// What was last set: for all kinds, and for each of the seven; none where nothing is set.
#[derive(Debug, Default, Clone, Copy)]
struct Switches {
    all: Option<bool>,
    own: [Option<bool>; 7],
}

impl Switches {
    fn is_on(&self, kind: JobKind) -> bool {
        let place = JobKind::ALL.iter().position(|known| *known == kind).unwrap();
        self.own[place].or(self.all).unwrap_or(true)
    }
}

/// What an enqueuer was told about one kind: whether the job that it wanted was inserted.
type Told = Option<(JobKind, bool)>;

/// `applied` or `switched_off`; anything else says nothing about switches.
fn told(kind: JobKind, outcome: &Outcome) -> Told {
    match outcome.outcome.as_str() {
        "applied" => Some((kind, true)),
        "switched_off" => Some((kind, false)),
        _ => None,
    }
}

struct Race {
    db: Database,
    producer: Store,
    executor: Store,
    /// What holds, while `turn` is even; while it is odd a switch is being flipped.
    switches: RwLock<Switches>,
    turn: AtomicUsize,
    acts: AtomicUsize,
    refusals: AtomicUsize,
    is_over: AtomicBool,
}

impl Race {
    /// One of the sixteen: acts until the race is over, and compares what it is told with what holds.
    async fn enqueue(&self, hand: usize) {
        let mut dice = Dice(hand as u64);
        let slow = self.db.raw("prod").await;
        while !self.is_over.load(Ordering::SeqCst) {
            let (turn, switches) = (self.turn.load(Ordering::SeqCst), *self.switches.read().await);
            let answers = match hand {
                0..=2 => vec![self.inbound().await],
                3..=5 => self.draft(&mut dice).await,
                6 | 7 => vec![self.followup(&slow, &mut dice).await],
                8..=10 => vec![self.complete().await],
                11..=13 => vec![self.decide(["ada", "bo"][hand % 2], &mut dice).await],
                14 => vec![self.take().await],
                _ => vec![self.sweep().await],
            };
            let is_settled = turn % 2 == 0 && self.turn.load(Ordering::SeqCst) == turn;
            for (kind, was_inserted) in answers.into_iter().flatten() {
                self.acts.fetch_add(1, Ordering::SeqCst);
                self.refusals.fetch_add(usize::from(!was_inserted), Ordering::SeqCst);
                assert!(!is_settled || was_inserted == switches.is_on(kind), "{kind} by {hand} under {switches:?}");
            }
            tokio::task::yield_now().await;
        }
    }

    async fn inbound(&self) -> Told {
        let message = self.db.new_inbound(&self.db.conversation().await, "Hello?");
        told(JobKind::Inbound, &self.producer.store_inbound(&message).await.unwrap().outcome)
    }

    /// A draft whose author may doubt it, and whose deadline may have passed already.
    async fn draft(&self, dice: &mut Dice) -> Vec<Told> {
        let conversation = self.db.conversation().await;
        let mut draft = self.db.new_draft(&conversation, "It left on Monday.");
        draft.codes.confidence = [None, Some(0.1)][dice.roll(2)];
        draft.deadline_at = [None, Some(Utc::now() - TimeDelta::minutes(1))][dice.roll(2)];
        let stored = self.producer.submit_draft(&draft).await.unwrap();
        let escalated = (stored.outcome.is_applied() && draft.codes.confidence.is_some())
            .then_some((JobKind::Escalate, stored.escalated_job_id.is_some()));
        vec![told(JobKind::Approve, &stored.outcome), escalated]
    }

    /// In a transaction that stays open for a while.
    async fn followup(&self, slow: &PgPool, dice: &mut Dice) -> Told {
        let conversation = self.db.conversation().await;
        let mut transaction = slow.begin().await.unwrap();
        let schedule = format!(
            "select queue.schedule_followup('{}', '2026-01-31T09:12:00Z', command_id => '{}') ->> 'outcome'",
            conversation.id,
            command()
        );
        let outcome: String = sqlx::query_scalar(AssertSqlSafe(schedule)).fetch_one(&mut *transaction).await.unwrap();
        let pause = AssertSqlSafe(format!("select pg_sleep({} / 1000.0)", dice.roll(40)));
        sqlx::query(pause).execute(&mut *transaction).await.unwrap();
        if dice.roll(8) == 0 {
            transaction.rollback().await.unwrap();
        } else {
            transaction.commit().await.unwrap();
        }
        told(JobKind::Followup, &Outcome::named(&outcome))
    }

    async fn complete(&self) -> Told {
        let kinds = [JobKind::Inbound, JobKind::Classify, JobKind::Draft, JobKind::Followup];
        let job = self.executor.claim_jobs(&kinds, 1).await.unwrap().pop()?;
        let started = self.executor.start_job(job.job_id, job.lease_token, command()).await.unwrap();
        assert!(started.is_applied(), "{started:?}");
        let mut completion = Completion::default();
        if job.job_kind == JobKind::Draft {
            completion.draft_id = Some(self.put_draft(&job).await);
        }
        let done = self.executor.complete_job(job.job_id, job.lease_token, &completion, command()).await.unwrap();
        if done.outcome == "switched_off" {
            let waiting = self.db.job(job.job_id).await;
            assert_eq!((waiting.status, waiting.attempt), (Status::RetryWaiting, job.attempt - 1));
        }
        let successor = match job.job_kind {
            JobKind::Inbound => JobKind::Classify,
            JobKind::Draft => JobKind::Approve,
            _ => JobKind::Draft,
        };
        told(successor, &done)
    }

    async fn put_draft(&self, job: &ClaimedJob) -> Uuid {
        let draft = Uuid::new_v4();
        let body =
            self.db.seal(&job.agency, job.correlation_id, draft, countersign::domain::Direction::Draft, "Hello.");
        let put = self.executor.put_draft(job.job_id, job.lease_token, draft, "drafter-1", &body, command()).await;
        assert!(put.unwrap().is_applied());
        draft
    }

    /// Approves, rejects or escalates, and now and then takes it back, which no switch refuses.
    async fn decide(&self, who: &str, dice: &mut Dice) -> Told {
        let reviewer = self.db.as_login(who).await;
        let claim = reviewer.claim_review(None).await.unwrap().outcome;
        let (job, token) = (claim.job_id?, claim.lease_token?);
        let Opened::Conversation(opened) = reviewer.open_body(job, Some(token)).await.unwrap() else { return None };
        let pin = opened.pin?;
        let (kind, decided) = match dice.roll(3) {
            0 => (JobKind::Send, reviewer.approve(job, &pin, Default::default(), command()).await),
            1 => (JobKind::Draft, reviewer.reject(job, &pin, "policy", None, command()).await),
            _ => (JobKind::Escalate, reviewer.escalate(job, &pin, "legal_threat", command()).await),
        };
        let decided = decided.unwrap();
        if decided.outcome == "switched_off" {
            reviewer.release(job, token, command()).await.unwrap();
        } else if decided.is_applied() && dice.roll(3) == 0 {
            let undone = reviewer.undo(job, command()).await.unwrap();
            assert!(undone.is_applied() && undone.created_job_id.is_some(), "{undone:?}");
            reviewer.release(undone.created_job_id?, undone.lease_token?, command()).await.unwrap();
        }
        told(kind, &decided)
    }

    async fn take(&self) -> Told {
        let next = "select max(job_id) from queue.job_queue
                    where job_kind = 'customer_message_escalate' and status = 'queued' and process_after < queue.clock()";
        let job = JobId(self.db.value::<Option<i64>>(next).await?);
        let senior = self.db.as_login("sen").await;
        let taken = senior.take_escalation(job, command()).await.unwrap().outcome;
        if let (Some(question), Some(token)) = (taken.created_job_id, taken.lease_token) {
            senior.release(question, token, command()).await.unwrap();
        }
        told(JobKind::Approve, &taken)
    }

    async fn sweep(&self) -> Told {
        (self.db.as_login("kim").await.sweep().await.unwrap().escalated > 0).then_some((JobKind::Escalate, true))
    }

    /// Flips one switch and waits until it is settled. What could be seen just before the flip, and just after it was settled.
    async fn flip(&self, admin: &PgPool, dice: &mut Dice) -> (String, String) {
        let mut switches = *self.switches.read().await;
        let value = [None, Some(true), Some(false)][dice.roll(3)];
        let key = if dice.roll(4) == 0 {
            switches.all = value;
            ALL.to_owned()
        } else {
            let place = dice.roll(7);
            switches.own[place] = value;
            format!("queue.customer.{}.enabled", JobKind::ALL[place])
        };
        self.turn.fetch_add(1, Ordering::SeqCst);
        let mut transaction = admin.begin().await.unwrap();
        let set = "select queue.set_config($1, $2, command_id => $3)";
        let set = sqlx::query(set).bind(key).bind(json!(value).to_string()).bind(command().to_string());
        transaction.execute(set).await.unwrap();
        let seen = "select pg_current_snapshot()::text";
        let before: String = sqlx::query_scalar(seen).fetch_one(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();

        let pad = self.db.as_login("pad").await;
        while pad.switch_settled().await.unwrap()["settled"] != true {}
        let after: String = sqlx::query_scalar(seen).fetch_one(admin).await.unwrap();
        *self.switches.write().await = switches;
        self.turn.fetch_add(1, Ordering::SeqCst);
        (before, after)
    }

    /// Until the enqueuers were told something a few times more.
    async fn some_acts(&self) {
        let enough = self.acts.load(Ordering::SeqCst) + 12;
        while self.acts.load(Ordering::SeqCst) < enough {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

/// By what each transaction could see of the others: an insert that a snapshot after settling does not show, and one before
/// the opposite flip does, was committed in between.
#[tokio::test(flavor = "multi_thread")]
async fn i11_nothing_that_contradicts_a_switch_commits_after_it_was_settled() {
    let flips = scaled(30, 1_000);
    let figure = Figure::begin("flips of a switch against sixteen enqueuers");
    let db = database().await;
    let limit = "queue.customer.escalation_open_limit";
    db.as_login("wad").await.set_agency_config(limit, &json!(1_000_000), command()).await.unwrap();
    db.execute(
        "create table public.off (kind text, since pg_snapshot, until pg_snapshot, low xid8 generated always as
             (pg_snapshot_xmin(since)) stored, high xid8 generated always as (pg_snapshot_xmax(until)) stored)",
    )
    .await;
    let race = Race {
        producer: Store::connect(&db.options_of("prod").max_connections(6)).await.unwrap(),
        executor: Store::connect(&db.options_of("exe").max_connections(3)).await.unwrap(),
        switches: RwLock::default(),
        turn: AtomicUsize::new(0),
        acts: AtomicUsize::new(0),
        refusals: AtomicUsize::new(0),
        is_over: AtomicBool::new(false),
        db,
    };
    let flipping = async {
        let (admin, mut dice) = (race.db.raw("pad").await, Dice(1));
        let mut settled: Option<(Switches, String)> = None;
        for _ in 0..flips {
            let (before, after) = race.flip(&admin, &mut dice).await;
            if let Some((switches, since)) = settled.replace((*race.switches.read().await, after)) {
                for kind in JobKind::ALL.into_iter().filter(|kind| !switches.is_on(*kind)) {
                    race.db.execute(&format!("insert into public.off values ('{kind}', '{since}', '{before}')")).await;
                }
            }
            race.some_acts().await;
        }
        race.is_over.store(true, Ordering::SeqCst);
    };
    tokio::join!(flipping, join_all((0..16).map(|hand| race.enqueue(hand))));

    let inserted = "from queue.dot_iu_command_run as run join queue.job_queue as job using (job_id)
                    where run.from_status is null and run.to_status = 'queued'
                      and not (job.job_kind = 'customer_message_approve' and run.call = 'review_undo')";
    let contradicting = format!(
        "select count(*) from public.off join (select job.job_kind, run.written_in {inserted}) as born
           on born.job_kind = off.kind and born.written_in >= off.low and born.written_in < off.high
         where not pg_visible_in_snapshot(born.written_in, off.since) and pg_visible_in_snapshot(born.written_in, off.until)"
    );
    assert_eq!(race.db.value::<i64>(&contradicting).await, 0);
    let kinds = format!("select count(distinct job.job_kind) {inserted}");
    assert_eq!(race.db.value::<i64>(&kinds).await, 7, "jobs of every kind were inserted in between");
    assert!(race.db.value::<i64>("select count(*) from public.off").await > 0);
    let (acts, refusals) = (race.acts.load(Ordering::SeqCst), race.refusals.load(Ordering::SeqCst));
    assert!(refusals > 0 && refusals < acts, "{refusals} of {acts} were refused");
    println!("{acts} acts, {refusals} of them switched off");
    figure.end(flips);
}

/// A producer that forgets to commit keeps a switch from being settled, and nobody from flipping it.
#[tokio::test]
async fn i11_an_idle_producer_blocks_no_switch_and_is_named() {
    let db = database().await;
    let conversation = db.conversation().await;
    let raw = db.raw("prod").await;
    let mut idle = raw.begin().await.unwrap();
    let schedule = format!(
        "select queue.schedule_followup('{}', '2026-01-31T09:12:00Z', command_id => '{}')",
        conversation.id,
        command()
    );
    sqlx::query(AssertSqlSafe(schedule)).execute(&mut *idle).await.unwrap();
    let pad = db.as_login("pad").await;
    let set = timeout(Duration::from_secs(5), pad.set_config(ALL, &json!(false), None, command())).await;
    assert!(set.expect("nobody waits for an idle producer").unwrap().is_applied());
    let another = db.conversation().await;
    let (asked, answer) = tokio::join!(pad.switch_settled(), db.inbound(&another, "Hello?"));
    assert_eq!(answer.outcome.outcome, "switched_off", "who comes later goes by the new switch");
    let asked = asked.unwrap();
    assert_eq!((&asked["settled"], &asked["under_way"]), (&json!(false), &json!([db.login("prod")])));
    idle.commit().await.unwrap();
    assert_eq!(pad.switch_settled().await.unwrap()["settled"], true);
}

/// Who asks and then forgets to end the transaction shuts nobody out.
#[tokio::test]
async fn i11_asking_keeps_nobody_waiting_and_is_refused_before_the_switch_is_committed() {
    let db = database().await;
    let admin = db.raw("pad").await;
    let mut asking = admin.begin().await.unwrap();
    let answer: serde_json::Value =
        sqlx::query_scalar("select queue.switch_settled()").fetch_one(&mut *asking).await.unwrap();
    assert_eq!(answer, json!({"outcome": "ok", "settled": true}));
    let stored = timeout(Duration::from_secs(5), db.inbound(&db.conversation().await, "Hello?")).await;
    assert!(stored.expect("the gate was given back").outcome.is_applied());
    let set = format!("select queue.set_config('{ALL}', 'false', command_id => '{}')", command());
    sqlx::query(AssertSqlSafe(set)).execute(&mut *asking).await.unwrap();
    // Nobody else knows of this switch, so nobody has settled for it.
    assert_eq!(refused(&mut *asking, "select queue.switch_settled()").await.as_deref(), Some("CS001"));
}

/// What stops a send is no new work: the question comes back although nobody may ask one.
#[tokio::test]
async fn i11_a_send_that_is_no_longer_wanted_is_stopped_whatever_is_switched_off() {
    let db = database().await;
    let question = db.question().await;
    let send = approved(&db, &question).await;
    db.history(&question.conversation, countersign::domain::Direction::Inbound, "Never mind.").await;
    db.advance("40 seconds").await;
    assert!(db.as_login("pad").await.set_config(ALL, &json!(false), None, command()).await.unwrap().is_applied());
    assert_eq!(db.as_login("exe").await.claim_jobs(&[JobKind::Send], 1).await.unwrap(), []);
    assert_eq!(db.job(send).await.outcome_code.as_deref(), Some("conversation_moved"));
    let asked_again =
        "select count(*) from queue.job_queue where job_kind = 'customer_message_approve' and status = 'queued'";
    assert_eq!(db.value::<i64>(asked_again).await, 1);
    let mut another = db.new_draft(&question.conversation, "It left on Tuesday.");
    another.revises = Some(question.draft_id);
    let refused = db.as_login("prod").await.submit_draft(&another).await.unwrap();
    assert_eq!(refused.outcome.outcome, "switched_off");
}
