//! Holds: what they cover waits, whatever happens to it, and what an ended one covered goes back.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use countersign::domain::{JobId, JobKind, Status};
use countersign::store::holds::Scope;
use countersign::store::programs::ClaimedJob;
use sqlx::Row;

use crate::support::{Conversation, Database, Dice, Figure, command, database, scaled};

/// What programs are asked to do here. A send that is no longer wanted ends at its claim, which is another story.
const PROGRAMS: [JobKind; 3] = [JobKind::Inbound, JobKind::Classify, JobKind::Followup];
const REVIEWERS: [(&str, &str); 2] = [("ada", "acme"), ("gus", "globex")];

#[derive(Debug, Clone, PartialEq)]
struct Waiting {
    kind: JobKind,
    status: Status,
    channel: String,
    agency: String,
    process_after: DateTime<Utc>,
    is_due: bool,
}

/// The oracle: a list of what stands, and one comparison.
#[derive(Default)]
struct Standing(BTreeMap<i64, Scope>);

fn covers(scope: &Scope, job: &Waiting) -> bool {
    scope.job_kind.is_none_or(|kind| kind == job.kind)
        && scope.channel_kind.as_ref().is_none_or(|channel| *channel == job.channel)
        && scope.agency.as_ref().is_none_or(|agency| *agency == job.agency)
}

impl Standing {
    fn covers(&self, job: &Waiting) -> bool {
        self.0.values().any(|scope| covers(scope, job))
    }
}

/// Everything that is open, in the order in which holds give it back.
async fn open_jobs(db: &Database) -> Vec<(JobId, Waiting)> {
    let rows = sqlx::query(
        "select job_id, job_kind, status, channel_kind, agency, process_after, process_after <= queue.clock() as is_due
         from queue.job_queue where finished_at is null order by priority, deadline_at, job_id",
    )
    .fetch_all(db.pool())
    .await
    .unwrap();
    let job = |row: sqlx::postgres::PgRow| {
        let word = |name: &str| row.get::<String, _>(name);
        let job = Waiting {
            kind: JobKind::from_str(&word("job_kind")).unwrap(),
            status: Status::from_str(&word("status")).unwrap(),
            channel: word("channel_kind"),
            agency: word("agency"),
            process_after: row.get("process_after"),
            is_due: row.get("is_due"),
        };
        (JobId(row.get("job_id")), job)
    };
    rows.into_iter().map(job).collect()
}

struct Hands<'db> {
    db: &'db Database,
    dice: Dice,
    standing: Standing,
    leases: Vec<ClaimedJob>,
    read: Vec<(&'static str, JobId, i64)>,
    decided: Vec<(&'static str, JobId)>,
}

impl Hands<'_> {
    fn scope(&mut self) -> Scope {
        let kinds = [JobKind::Inbound, JobKind::Classify, JobKind::Followup, JobKind::Approve, JobKind::Send];
        loop {
            let scope = Scope {
                job_kind: (self.dice.roll(2) == 0).then(|| *self.dice.pick(&kinds).unwrap()),
                channel_kind: (self.dice.roll(2) == 0).then(|| (*self.dice.pick(&["email", "sms"]).unwrap()).into()),
                agency: (self.dice.roll(2) == 0).then(|| (*self.dice.pick(&["acme", "globex"]).unwrap()).into()),
            };
            if scope != Scope::default() {
                return scope;
            }
        }
    }

    async fn conversation(&mut self) -> Conversation {
        let agency = *self.dice.pick(&["acme", "globex"]).unwrap();
        self.db.conversation_of(agency, self.dice.pick(&["email", "sms"]).unwrap()).await
    }

    async fn place(&mut self, before: &[(JobId, Waiting)]) {
        let scope = self.scope();
        let placed = self.db.as_login("kim").await.place_hold(&scope, "incident", None, command()).await.unwrap();
        self.standing.0.insert(placed.hold_id.unwrap(), scope);
        let stopped: Vec<_> = before.iter().filter(|(_, job)| waits(job) && self.standing.covers(job)).collect();
        assert_eq!(placed.paused, stopped.len() as i64);
        for (id, _) in stopped {
            assert_eq!(self.db.status(*id).await, Status::Paused);
        }
    }

    async fn resume(&mut self, before: &[(JobId, Waiting)]) {
        let Some((&hold, _)) = self.standing.0.iter().nth(self.dice.roll(self.standing.0.len().max(1))) else { return };
        let ended = self.standing.0.remove(&hold).unwrap();
        let pace = [None, Some(2), Some(60)][self.dice.roll(3)];
        let began = self.db.value::<DateTime<Utc>>("select queue.clock()").await;
        let resumed = self.db.as_login("kim").await.resume_hold(hold, pace, command()).await.unwrap();
        let after: BTreeMap<_, _> = open_jobs(self.db).await.into_iter().collect();
        let (mut back, mut kept) = (0, 0);
        for (id, job) in before.iter().filter(|(_, job)| job.status == Status::Paused) {
            let now = &after[id];
            if self.standing.covers(job) || !covers(&ended, job) {
                kept += 1;
                assert_eq!(now.status, Status::Paused, "what another hold keeps stays");
                continue;
            }
            assert_eq!(now.status, Status::Queued);
            let turn = pace.map_or(TimeDelta::zero(), |pace| TimeDelta::milliseconds(60_000 * back / i64::from(pace)));
            assert!(now.process_after >= (began + turn).max(job.process_after), "{back} at {pace:?} a minute: {now:?}");
            assert!(now.process_after <= (began + turn + TimeDelta::seconds(30)).max(job.process_after), "{now:?}");
            back += 1;
        }
        assert_eq!(
            (resumed.resumed, before.iter().filter(|(_, job)| job.status == Status::Paused).count() as i64),
            (back, back + kept)
        );
    }

    async fn claim(&mut self, before: &[(JobId, Waiting)]) {
        let limit = [1, 3, 100][self.dice.roll(3)];
        let ready: Vec<_> = before
            .iter()
            .filter(|(_, job)| PROGRAMS.contains(&job.kind) && waits(job) && job.is_due && !self.standing.covers(job))
            .collect();
        let claimed = self.db.as_login("exe").await.claim_jobs(&PROGRAMS, limit).await.unwrap();
        let rows: BTreeMap<_, _> = before.iter().cloned().collect();
        for job in &claimed {
            // What came back from a lost lease is ready for the next claim at the earliest.
            assert!(!self.standing.covers(&rows[&job.job_id]), "{job:?}");
        }
        assert!(claimed.len() >= ready.len().min(limit as usize), "{claimed:?} of {ready:?}");
        self.leases.extend(claimed);
    }

    async fn claim_review(&mut self, before: &[(JobId, Waiting)]) {
        let (who, agency) = REVIEWERS[self.dice.roll(2)];
        let store = self.db.as_login(who).await;
        let mine = |job: &&(JobId, Waiting)| job.1.kind == JobKind::Approve && job.1.agency == agency && waits(&job.1);
        let wanted = before.iter().filter(mine).nth(self.dice.roll(3)).filter(|_| self.dice.roll(2) == 0);
        let claim = store.claim_review(wanted.map(|(id, _)| *id)).await.unwrap().outcome;
        if let Some((_, job)) = wanted {
            assert_eq!(claim.outcome, if self.standing.covers(job) { "held" } else { "applied" });
        } else if before.iter().filter(mine).any(|(_, job)| job.is_due && !self.standing.covers(job)) {
            assert_eq!(claim.outcome, "applied");
        }
        if let (Some(id), true) = (claim.job_id, claim.is_applied()) {
            let taken = before.iter().find(|(known, _)| *known == id).unwrap();
            assert!(!self.standing.covers(&taken.1), "{taken:?}");
            self.read.push((who, id, claim.lease_token.unwrap()));
        }
    }

    async fn work(&mut self, before: &[(JobId, Waiting)]) {
        let Some(job) = self.dice.pick_late(&self.leases).cloned() else { return };
        let exe = self.db.as_login("exe").await;
        if self.dice.roll(3) == 0 {
            exe.release(job.job_id, job.lease_token, command()).await.unwrap();
            return;
        }
        let started = exe.start_job(job.job_id, job.lease_token, command()).await.unwrap();
        let was = before.iter().find(|(id, _)| *id == job.job_id);
        match started.outcome.as_str() {
            "applied" => assert!(!self.standing.covers(&was.unwrap().1)),
            "held" => {
                assert!(self.standing.covers(&was.unwrap().1));
                let given_back = self.db.job(job.job_id).await;
                assert_eq!((given_back.status, given_back.attempt), (Status::Queued, job.attempt - 1));
            }
            other => assert!(["lease_lost", "wrong_status"].contains(&other), "{other}"),
        }
        if self.dice.roll(2) == 0 {
            exe.complete_job(job.job_id, job.lease_token, &Default::default(), command()).await.unwrap();
        } else {
            exe.fail_job(job.job_id, job.lease_token, "internal_error", command()).await.unwrap();
        }
    }

    async fn review(&mut self) {
        let Some((who, job, token)) = self.dice.pick_late(&self.read).copied() else { return };
        let store = self.db.as_login(who).await;
        match self.dice.roll(3) {
            0 => drop(store.skip(job, token, "not_my_language", command()).await.unwrap()),
            1 => drop(store.release(job, token, command()).await.unwrap()),
            _ => {
                let opened = store.open_body(job, Some(token)).await.unwrap();
                let countersign::store::review::Opened::Conversation(opened) = opened else { return };
                let Some(pin) = opened.pin else { return };
                if store.approve(job, &pin, Default::default(), command()).await.unwrap().is_applied() {
                    self.decided.push((who, job));
                }
            }
        }
    }

    /// The question comes back, but not into anybody's hands while a hold covers it.
    async fn undo(&mut self) {
        let Some((who, job)) = self.dice.pick_late(&self.decided).copied() else { return };
        let undone = self.db.as_login(who).await.undo(job, command()).await.unwrap();
        if !undone.is_applied() {
            return;
        }
        let fresh = undone.created_job_id.unwrap();
        let (_, row) = open_jobs(self.db).await.into_iter().find(|(id, _)| *id == fresh).unwrap();
        if row.status == Status::Leased {
            assert!(!self.standing.covers(&row), "{row:?}");
            self.read.push((who, fresh, undone.lease_token.unwrap()));
        }
    }

    async fn sweep(&mut self) {
        self.db.as_login("kim").await.sweep().await.unwrap();
        for (id, job) in open_jobs(self.db).await.iter().filter(|(_, job)| waits(job) || job.status == Status::Paused) {
            assert_eq!(job.status == Status::Paused, self.standing.covers(job), "{id:?} {job:?}");
        }
    }

    async fn arrive(&mut self) {
        let conversation = self.conversation().await;
        match self.dice.roll(3) {
            0 => drop(self.db.inbound(&conversation, "Hello?").await),
            1 => drop(self.db.ask(&conversation, &self.db.new_draft(&conversation, "It left.")).await),
            _ => {
                let at = Utc::now() + TimeDelta::seconds(self.dice.roll(60) as i64);
                let prod = self.db.as_login("prod").await;
                prod.schedule_followup(conversation.id, at, &Default::default(), None, command()).await.unwrap();
            }
        }
    }

    async fn step(&mut self) {
        let before = open_jobs(self.db).await;
        match self.dice.roll(16) {
            0..=3 => self.arrive().await,
            4 => self.place(&before).await,
            5 => self.resume(&before).await,
            6 | 7 => self.claim(&before).await,
            8 | 9 => self.work(&before).await,
            10 => self.claim_review(&before).await,
            11 | 12 => self.review().await,
            13 => self.undo().await,
            14 => self.sweep().await,
            _ => self.db.advance(["5 seconds", "40 seconds", "3 minutes"][self.dice.roll(3)]).await,
        }
    }
}

fn waits(job: &Waiting) -> bool {
    matches!(job.status, Status::Queued | Status::RetryWaiting)
}

/// Makes `kim` on-call of no agency, who may hold anything.
pub(super) async fn oncall_of_all(db: &Database) {
    db.execute(&format!("update queue.staff set agency = null where login = '{}'", db.login("kim"))).await;
}

#[tokio::test]
async fn whatever_happens_under_overlapping_holds_only_what_none_covers_is_worked_on() {
    let (histories, steps) = (scaled(1, 50), 120);
    let figure = Figure::begin("steps under overlapping holds");
    for history in 0..histories {
        let db = database().await;
        oncall_of_all(&db).await;
        let mut hands = Hands {
            db: &db,
            dice: Dice(history as u64 * 7919 + 1),
            standing: Standing::default(),
            leases: Vec::new(),
            read: Vec::new(),
            decided: Vec::new(),
        };
        println!("history {history}");
        for _ in 0..steps {
            hands.step().await;
        }
        while !hands.standing.0.is_empty() {
            let before = open_jobs(&db).await;
            hands.resume(&before).await;
        }
        hands.sweep().await;
    }
    figure.end(histories * steps);
}
