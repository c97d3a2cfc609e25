//! Answers the questions of the screens: of each kind one at a time, and then the latest.

use tokio::sync::watch;

use super::desk::{Desk, failure};
use crate::app::activity::ActivityList;
use crate::app::cursor::LIST_LIMIT;
use crate::app::dead_letters::DeadLetterList;
use crate::app::jobs::{JobDetail, JobList};
use crate::app::overview::{CHART_STEP, CHART_STEPS, OverviewData, TEAM_HOURS};
use crate::app::review::ReviewList;
use crate::app::{Failure, Generation, Msg, Query, Reply};
use crate::domain::review::ReviewOrder;
use crate::domain::{Filter, History, JobId, TeamHour};
use crate::store::dead_letters::Cell;
use crate::store::overview::{Overview, Told};
use crate::store::review::ListOrder;

/// A task for each kind of question. They end with this value.
pub struct Reader {
    lanes: [watch::Sender<Option<Question>>; Query::KINDS],
}

#[derive(Clone)]
struct Question {
    generation: Generation,
    query: Query,
}

impl Reader {
    pub fn start(desk: &Desk) -> Reader {
        Reader {
            lanes: std::array::from_fn(|_| {
                let (lane, questions) = watch::channel(None);
                tokio::spawn(answer(desk.clone(), questions));
                lane
            }),
        }
    }

    /// Asks the database as soon as the question before has its answer; what was asked in between is not asked.
    pub fn ask(&self, generation: Generation, query: Query) {
        let lane = query.kind();
        self.lanes[lane].send_replace(Some(Question { generation, query }));
    }
}

async fn answer(desk: Desk, mut questions: watch::Receiver<Option<Question>>) {
    let mut told = Told::default();
    while questions.changed().await.is_ok() {
        let question = questions.borrow_and_update().clone();
        let Some(Question { generation, query }) = question else { continue };
        let msg = match query {
            Query::Overview => Msg::OverviewLoaded(reply(&desk, generation, overview(&desk, &mut told).await)),
            Query::Day => Msg::DayLoaded(reply(&desk, generation, day(&desk).await)),
            Query::Teams => Msg::TeamsLoaded(reply(&desk, generation, teams(&desk).await)),
            Query::Review(order, at_most) => {
                Msg::ReviewLoaded(reply(&desk, generation, review(&desk, order, at_most).await))
            }
            Query::DeadLetters(filter) => {
                Msg::DeadLettersLoaded(reply(&desk, generation, dead_letters(&desk, &filter).await))
            }
            Query::Activity(filter, at_most) => {
                Msg::ActivityLoaded(reply(&desk, generation, activity(&desk, &filter, at_most).await))
            }
            Query::Jobs(filter, at_most) => {
                Msg::JobsLoaded(reply(&desk, generation, jobs(&desk, &filter, at_most).await))
            }
            Query::Job(job) => Msg::JobLoaded(reply(&desk, generation, job_detail(&desk, job).await)),
        };
        desk.tell(msg);
    }
}

fn reply<T>(desk: &Desk, generation: Generation, result: Result<T, Failure>) -> Reply<T> {
    Reply { generation, at: desk.clock.now(), result }
}

async fn overview(desk: &Desk, told: &mut Told) -> Result<OverviewData, Failure> {
    let Overview { backlog, pressure, alerts, situation, .. } =
        desk.store.shared_overview(desk.changes.seen(), told).await.map_err(failure)?;
    Ok(OverviewData { backlog, pressure, alerts, situation })
}

async fn day(desk: &Desk) -> Result<History, Failure> {
    let minutes = CHART_STEP * CHART_STEPS;
    desk.store.flow_history(desk.clock.now(), minutes, CHART_STEP).await.map_err(failure)
}

async fn teams(desk: &Desk) -> Result<Vec<TeamHour>, Failure> {
    desk.store.team_figures(TEAM_HOURS).await.map_err(failure)
}

async fn review(desk: &Desk, order: Option<ReviewOrder>, at_most: usize) -> Result<ReviewList, Failure> {
    let savable_first = order.map(|order| order == ReviewOrder::SavableFirst);
    let order = ListOrder { savable_first, ..ListOrder::default() };
    let (waiting, mine) = tokio::join!(desk.store.waiting(at_most as i32, &order), desk.store.decided_lately());
    Ok(ReviewList { waiting: waiting.map_err(failure)?, at_most, mine: mine.map_err(failure)? })
}

async fn dead_letters(desk: &Desk, filter: &Filter) -> Result<DeadLetterList, Failure> {
    let cell = Cell {
        error_code: filter.error.clone(),
        job_kind: filter.kinds.first().copied(),
        channel_kind: filter.channel.clone(),
    };
    let (cells, jobs) = tokio::join!(desk.store.dead_letter_grid(), desk.store.dead_letters(&cell, LIST_LIMIT as i64));
    Ok(DeadLetterList { cells: cells.map_err(failure)?, jobs: jobs.map_err(failure)? })
}

async fn activity(desk: &Desk, filter: &Filter, at_most: usize) -> Result<ActivityList, Failure> {
    Ok(ActivityList { rows: desk.store.activity(filter, 0, at_most as i64).await.map_err(failure)? })
}

async fn jobs(desk: &Desk, filter: &Filter, at_most: usize) -> Result<JobList, Failure> {
    Ok(JobList { jobs: desk.store.jobs(filter, None, at_most as i64).await.map_err(failure)? })
}

async fn job_detail(desk: &Desk, job: JobId) -> Result<Box<JobDetail>, Failure> {
    let found = desk.store.job(job).await.map_err(failure)?;
    let found = found.ok_or_else(|| Failure::Other(format!("there is no job {job} here")))?;
    let (history, tree, blocked_by) =
        tokio::join!(desk.store.history(job), desk.store.tree(job), desk.store.why_blocked(job));
    Ok(Box::new(JobDetail {
        job: found,
        history: history.map_err(failure)?,
        tree: tree.map_err(failure)?,
        blocked_by: blocked_by.map_err(failure)?,
    }))
}
