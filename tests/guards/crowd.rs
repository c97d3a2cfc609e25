//! I8 in numbers: sixteen people at the same jobs.

use std::sync::Arc;

use countersign::domain::{Pin, Role};
use futures_util::future::join_all;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use tokio::sync::Barrier;

use crate::support::{Database, Figure, Question, command, database, scaled};

const PEOPLE: usize = 16;
/// Asked for before they race; more would only make the database larger while they wait.
const ROUND: usize = 1_000;

/// A job that some of the sixteen go for in the same moment.
struct Race {
    question: Question,
    pin: Pin,
    number: usize,
    start: Barrier,
}

impl Race {
    fn new(number: usize, question: Question, pin: Pin) -> Race {
        Race { question, pin, number, start: Barrier::new(racers(number)) }
    }

    /// Every one meets every other: the first racer moves on by five at each job.
    fn is_run_by(&self, person: usize) -> bool {
        (person + self.number * (PEOPLE - 5)) % PEOPLE < racers(self.number)
    }
}

/// All sixteen at every fiftieth job, two at the others.
fn racers(number: usize) -> usize {
    if number.is_multiple_of(50) { PEOPLE } else { 2 }
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_of_sixteen_people_at_the_same_jobs_exactly_one_decides_each() {
    let decisions = scaled(150, 100_000);
    let db = database().await;
    let people = sixteen(&db).await;
    let figure = Figure::begin("jobs that sixteen people raced for, each decided once");
    let mut by_hand = [0; PEOPLE];
    for first in (0..decisions).step_by(ROUND) {
        let questions = db.questions(ROUND.min(decisions - first)).await;
        let races: Arc<[Race]> = questions
            .into_iter()
            .enumerate()
            .map(|(number, (question, pin))| Race::new(first + number, question, pin))
            .collect();
        let hands = people
            .iter()
            .enumerate()
            .map(|(person, pool)| tokio::spawn(go_for_all(person, pool.clone(), Arc::clone(&races))));
        let won: Vec<Vec<usize>> = join_all(hands).await.into_iter().map(Result::unwrap).collect();
        let mut decided: Vec<usize> = won.iter().flatten().copied().collect();
        decided.sort_unstable();
        assert_eq!(decided, (first..first + races.len()).collect::<Vec<_>>(), "each job once");
        for (person, won) in won.iter().enumerate() {
            by_hand[person] += won.len();
        }
    }
    figure.end(decisions);
    assert_eq!(db.value::<i64>("select count(*) from queue.review_decision").await, decisions as i64);
    let recorded = "select count(*) from queue.review_decision group by decided_by order by 1";
    let recorded: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(recorded)).fetch_all(db.pool()).await.unwrap();
    by_hand.sort_unstable();
    let told: Vec<i64> = by_hand.iter().filter(|won| **won > 0).map(|won| *won as i64).collect();
    assert_eq!(recorded, told, "whoever was told so is on record");
    let children = "select count(*) from queue.job_queue where parent_job_id is not null";
    assert_eq!(db.value::<i64>(children).await, decisions as i64, "each decision led to one job");
}

/// Sixteen reviewers of `acme`, each at a connection of their own.
async fn sixteen(db: &Database) -> Vec<PgPool> {
    let pad = db.as_login("pad").await;
    let mut people = Vec::new();
    for person in 0..PEOPLE {
        let name = format!("reviewer{person}");
        db.admin().create_login(&db.login(&name)).await.unwrap();
        let entered = pad.register_staff(&db.login(&name), Some("acme"), &[Role::Reviewer], command()).await.unwrap();
        assert!(entered.is_applied(), "{entered:?}");
        people.push(db.raw(&name).await);
    }
    people
}

/// Claims and decides whatever this person is set to race for, whether the claim succeeded or not. The numbers of the jobs
/// that were decided.
async fn go_for_all(person: usize, pool: PgPool, races: Arc<[Race]>) -> Vec<usize> {
    const DECIDE: [&str; 3] = [
        "select queue.review_approve(job_id => $1, pin => $2, command_id => $3) ->> 'outcome'",
        "select queue.review_reject(job_id => $1, pin => $2, reason => 'policy', command_id => $3) ->> 'outcome'",
        "select queue.review_escalate(job_id => $1, pin => $2, reason => 'legal_threat', command_id => $3) ->> 'outcome'",
    ];
    let mut connection = pool.acquire().await.unwrap();
    let mut won = Vec::new();
    for race in races.iter().filter(|race| race.is_run_by(person)) {
        race.start.wait().await;
        let claimed: String = sqlx::query_scalar("select queue.claim_review($1) ->> 'outcome'")
            .bind(race.question.job.0)
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        let decided: String = sqlx::query_scalar(DECIDE[person % DECIDE.len()])
            .bind(race.question.job.0)
            .bind(race.pin.to_string())
            .bind(command().to_string())
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        match (claimed.as_str(), decided.as_str()) {
            ("applied", "applied") => won.push(race.number),
            ("leased" | "already_decided", "lease_lost" | "already_decided") => {}
            other => panic!("{other:?}"),
        }
    }
    won
}
