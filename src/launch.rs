//! From the command line to what was asked for: the task, the demo or the dashboard.
//!
//! Here and not in `main.rs`, because what runs asynchronously is compiled where it is first run, and a program's own file is
//! compiled alone, after everything else.

use std::process::ExitCode;
use std::time::Duration;

use crate::app::Settings;
use crate::cli::{self, Cli, Command};
use crate::commands::{self, Failure};
use crate::config::{Config, Surroundings};
use crate::domain::zone;
use crate::{dashboard, demo, log, runtime};

/// How long work that nobody waits for any more may hold up the end.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// Does what was asked for, to its end.
pub fn run(cli: &Cli) -> Result<ExitCode, Failure> {
    let around = Surroundings::of_this_process();
    let config = Config::resolve(&cli.connection, &around)?;
    // A log that cannot be written stops nobody from working; `doctor` says so.
    drop(log::to_file(&config.log_file));
    if !(cli.dashboard.utc || config.utc) {
        zone::tell_local();
    }
    let executor = tokio::runtime::Runtime::new()?;
    let finished = match &cli.command {
        Some(Command::Task(task)) => executor.block_on(commands::run(task, &config)),
        Some(Command::Demo(_)) if cli.connection.names_a_database() => Err(Failure::usage(
            "demo has a database and logins of its own in the private cluster; leave --database-url and --as out",
        )),
        Some(Command::Demo(asked)) if asked.scenario.is_some() => {
            executor.block_on(demo::outage::run(&config)).map_err(Failure::from)
        }
        Some(Command::Demo(asked)) if asked.headless => {
            executor.block_on(demo::headless::run(&config, asked.duration)).map_err(Failure::from)
        }
        Some(Command::Demo(asked)) if asked.practice => executor.block_on(practise(cli, &config, &around)),
        Some(Command::Demo(_)) => executor.block_on(play(cli, &config, &around)),
        None => executor.block_on(dashboard::run(&cli.dashboard, &config, &around)),
    };
    // What still waits for a server to start waits for nobody.
    executor.shutdown_timeout(LEFTOVERS);
    finished
}

/// The dashboard over the demo's traffic.
async fn play(cli: &Cli, config: &Config, around: &Surroundings) -> Result<ExitCode, Failure> {
    // Before anything is started: what cannot be drawn need not be connected.
    runtime::terminal::require()?;
    let waiting = dashboard::waiting("starting a private PostgreSQL and filling it with sample conversations");
    let demo = demo::prepare(config).await?;
    let traffic = demo.start_traffic().await?;
    let store = demo.dashboard().await?;
    waiting.finish_and_clear();
    let settings = dashboard::settings(&cli.dashboard, config, around);
    let ended = dashboard::over(
        store,
        Some(demo.keys()),
        Some(demo.cluster()),
        &cli.dashboard,
        settings,
        config.editor.clone(),
        None,
    )
    .await;
    traffic.stop().await;
    ended
}

/// The dashboard over a practice set, on Review.
async fn practise(cli: &Cli, config: &Config, around: &Surroundings) -> Result<ExitCode, Failure> {
    runtime::terminal::require()?;
    let waiting = dashboard::waiting("starting a private PostgreSQL and laying out the practice set");
    let demo = demo::prepare_practice(config).await?;
    let lessons = demo.start_practice().await?;
    let store = demo.dashboard().await?;
    waiting.finish_and_clear();
    let settings = Settings { lessons, ..dashboard::settings(&cli.dashboard, config, around) };
    let flags = cli::Dashboard { screen: Some(cli::Screen::Review), ..cli.dashboard.clone() };
    let ended =
        dashboard::over(store, Some(demo.keys()), Some(demo.cluster()), &flags, settings, config.editor.clone(), None)
            .await;
    demo.put_away().await?;
    ended
}
