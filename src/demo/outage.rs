//! The story of an outage, without a dashboard: the SMS provider breaks, somebody on call notices, holds, tries too early,
//! tries again when it is mended, and everything that was held goes or comes back to Review. Some of the customers write
//! again meanwhile, and what they no longer want does not leave. Each promise is checked.

use std::fmt;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::time::sleep;
use uuid::Uuid;

use super::headless::{REVIEWERS, UNDO};
use super::pace::Pace;
use super::promises::check;
use super::stage::{Demo, prepare};
use super::traffic::Traffic;
use super::traffic::channels::Outage;
use super::traffic::desk::Desk;
use super::traffic::producers::store_inbound;
use super::traffic::worker::StopSender;
use super::{cast, opening};
use crate::config::Config;
use crate::domain::{Filter, Job, JobId, JobKind, Scope, Status};
use crate::session::Result;
use crate::store::Store;
use crate::store::resuming::{Ended, Resuming};

const CHANNEL: &str = "sms";

/// Before the provider breaks.
const CALM: Duration = Duration::from_secs(4);
/// A suspected outage is named no later than that.
const NAMED_WITHIN: Duration = Duration::from_secs(30);
/// How long the hold stands before anybody tries.
const HELD: Duration = Duration::from_secs(4);
/// An attempt that failed waits half a minute and longer for the next; then everything has gone.
const DRAINED_WITHIN: Duration = Duration::from_secs(180);
/// How many of those who wait write again, and what.
const WRITE_AGAIN: usize = 3;
const NO_LONGER_WANTED: &str = "I have sorted it out with the shop myself, so please do not cancel anything.";
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// One thing that was promised, and whether it held.
struct Promise {
    what: &'static str,
    held: bool,
}

#[derive(Default)]
struct Story {
    /// What happened, each with its figure.
    lines: Vec<(&'static str, String)>,
    promises: Vec<Promise>,
}

/// Plays the story, prints the summary, and fails when a promise was broken.
pub async fn run(config: &Config) -> Result<ExitCode> {
    let demo = prepare(config).await?;
    let story = play(&demo).await?;
    // A closed pipe is no reason to change the verdict.
    let _ = write!(io::stdout(), "{story}");
    let broken = story.promises.iter().filter(|promise| !promise.held);
    let mut code = ExitCode::SUCCESS;
    for promise in broken {
        let _ = writeln!(io::stderr(), "broken: {}", promise.what);
        code = ExitCode::FAILURE;
    }
    Ok(code)
}

async fn play(demo: &Demo) -> Result<Story> {
    demo.set(&UNDO).await?;
    let superuser = demo.superuser().await?;
    let before = superuser.activity(&Filter::default(), 0, 1).await?.first().map_or(0, |latest| latest.run_id);
    let office = demo.office(Pace::HEADLESS);
    let (_sender, stop) = StopSender::new();
    opening::deal(demo, &office, &stop).await?;
    let outage = Outage::default();
    let traffic = Traffic::start_under(demo, &office, &REVIEWERS, Some(outage.clone())).await?;
    let oncall = demo.store(cast::REVIEWER).await?;
    let mut story = Story::default();
    sleep(CALM).await;
    let intake = demo.desk(cast::INTAKE, &office, &stop).await?;
    let told = tell(&mut story, &oncall, &intake, &outage).await;
    traffic.stop().await;
    told?;

    let departures = superuser.departures().await?;
    let acts = superuser.acts_since(before).await?;
    let broken: i64 = check(&superuser, office.catalogue.samples(), &office.tally, &acts)
        .await?
        .iter()
        .map(|promise| promise.broken)
        .sum();
    superuser.close().await;
    story.promise("no reply left twice", departures.doubled == 0 && office.deliveries.doubled() == 0);
    story.promise("no reply left that was no longer wanted", departures.unwanted == 0);
    story.promise("every invariant of the contract holds", broken == 0);
    Ok(story)
}

async fn tell(story: &mut Story, oncall: &Store, intake: &Desk, outage: &Outage) -> Result<()> {
    let office = &intake.office;
    outage.set(true);
    let broke = Instant::now();
    let named = named_after(oncall, broke).await?;
    story.line("named after", named.map_or_else(|| "never".to_owned(), |span| format!("{:.1} s", span.as_secs_f64())));
    story.promise("the outage is named within 30 s", named.is_some());

    let scope = Scope { job_kind: Some(JobKind::Send), channel_kind: Some(CHANNEL.to_owned()), agency: None };
    let placed = oncall.place_hold(&scope, "provider_outage", Some("INC-1"), Uuid::now_v7()).await?;
    let hold_id = placed.hold_id.unwrap_or_default();
    story.line("stopped by the hold", placed.paused.to_string());
    sleep(HELD).await;
    oncall.sweep().await?;
    let under_way = sends(oncall, Status::Running).await?;
    story.promise("nothing leaves while it is held", under_way.is_empty());

    let too_early = oncall.resume_with_care(Resuming::of(hold_id, None), |_| ControlFlow::Continue(())).await?;
    story.promise("a resume that comes too early stops", matches!(too_early, Ended::Failed(_)));
    let stands = oncall.holds().await?.iter().any(|hold| hold.hold_id == hold_id && hold.stands());
    story.promise("the hold stands after it", stands);

    oncall.sweep().await?;
    let unwanted = write_again(oncall, intake).await?;
    story.line("customers who wrote again", unwanted.len().to_string());

    outage.set(false);
    oncall.sweep().await?;
    let kept: Vec<JobId> = sends(oncall, Status::Paused).await?.iter().map(|job| job.job_id).collect();
    let forecast = oncall.resume_forecast(hold_id, None).await?;
    story.line("kept when it was mended", kept.len().to_string());
    story.line("forecast back to Review", forecast.back_to_review().to_string());
    let resumed = Instant::now();
    let ended = oncall.resume_with_care(Resuming::of(hold_id, None), |_| ControlFlow::Continue(())).await?;
    story.promise("the resume goes through when it is mended", ended == Ended::Resumed);

    let over = drained(oncall, &kept, resumed).await?;
    story.line("drained after", format!("{:.1} s", resumed.elapsed().as_secs_f64()));
    let ended_as = |wanted: Status| over.iter().filter(|job| job.status == wanted).count();
    let left = ended_as(Status::Succeeded);
    story.line("left", left.to_string());
    story.line("back to Review", ended_as(Status::Cancelled).to_string());
    story.line("dead letters", ended_as(Status::DeadLetter).to_string());
    story.promise("everything that was kept is drained", over.len() == kept.len());
    let lost = over.iter().filter(|job| job.status == Status::Succeeded && office.deliveries.of(job.job_id) != 1);
    story.promise("no reply is lost: what counts as sent was delivered, once", lost.count() == 0);
    let silent = over.iter().filter(|job| job.status == Status::Cancelled && office.deliveries.of(job.job_id) > 0);
    story.promise("what came back to Review did not leave", silent.count() == 0);
    let is_back =
        |job: &&Job| unwanted.contains(&job.job_id) && job.outcome_code.as_deref() == Some("conversation_moved");
    let back = over.iter().filter(is_back).count();
    story.promise("whoever wrote again is asked about anew", back == unwanted.len() && back > 0);
    Ok(())
}

/// Some of those whose reply is held write again. Returns these replies.
async fn write_again(oncall: &Store, intake: &Desk) -> Result<Vec<JobId>> {
    let now = intake.store.whoami().await?.server_time;
    let mut unwanted = Vec::new();
    for job in sends(oncall, Status::Paused).await?.iter().take(WRITE_AGAIN) {
        store_inbound(intake, job.correlation_id, NO_LONGER_WANTED, now, now + TimeDelta::hours(1)).await?;
        unwanted.push(job.job_id);
    }
    Ok(unwanted)
}

/// How long it took until the channel was suspected; none within the time.
async fn named_after(oncall: &Store, broke: Instant) -> Result<Option<Duration>> {
    while broke.elapsed() <= NAMED_WITHIN {
        let channels = oncall.channel_health().await?;
        if channels.iter().any(|channel| channel.channel_kind == CHANNEL && channel.suspected) {
            return Ok(Some(broke.elapsed()));
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(None)
}

async fn sends(oncall: &Store, status: Status) -> Result<Vec<Job>> {
    let channel = Some(CHANNEL.to_owned());
    let filter = Filter { kinds: vec![JobKind::Send], channel, statuses: vec![status], ..Filter::default() };
    Ok(oncall.jobs(&filter, None, 10_000).await?)
}

/// What became of these, those that have ended.
async fn drained(oncall: &Store, kept: &[JobId], since: Instant) -> Result<Vec<Job>> {
    loop {
        let mut over = Vec::new();
        for job in kept {
            over.extend(oncall.job(*job).await?.filter(|job| job.finished_at.is_some()));
        }
        if over.len() == kept.len() || since.elapsed() >= DRAINED_WITHIN {
            return Ok(over);
        }
        sleep(LOOK_EVERY).await;
    }
}

impl Story {
    fn line(&mut self, what: &'static str, figure: String) {
        self.lines.push((what, figure));
    }

    fn promise(&mut self, what: &'static str, held: bool) {
        self.promises.push(Promise { what, held });
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, figure) in &self.lines {
            writeln!(f, "{what:<26}{figure:>10}")?;
        }
        for promise in &self.promises {
            writeln!(f, "{:<8}{}", if promise.held { "held" } else { "BROKEN" }, promise.what)?;
        }
        Ok(())
    }
}
