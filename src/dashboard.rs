//! From the command line to the running dashboard: opens the session, chooses how to draw, says how it ended.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::app::call::Ways;
use crate::app::{self, Settings};
use crate::cli;
use crate::cluster::Cluster;
use crate::commands::Failure;
use crate::config::{Config, Surroundings};
use crate::outside::OutsideEditor;
use crate::runtime::{self, Farewell, Options};
use crate::session::{self, Session};
use crate::store::Store;
use crate::vault::Keyring;

/// Runs the dashboard over the configured database, as the person.
pub async fn run(flags: &cli::Dashboard, config: &Config, around: &Surroundings) -> Result<ExitCode, Failure> {
    // Before anything is started: what cannot be drawn need not be connected.
    runtime::terminal::require()?;
    let waiting = waiting("opening the database");
    let session = Session::open(config).await?;
    waiting.finish_and_clear();
    let keys = match session.keys() {
        Ok(keys) => Some(keys.clone()),
        // Who counts or answers for the queue opens no bodies.
        Err(session::Error::NoKeys { .. }) => None,
        Err(broken) => return Err(broken.into()),
    };
    let cluster = session.private().map(|private| private.cluster().clone());
    let settings = settings(flags, config, around);
    // Who only looks leaves nothing behind.
    let filters = Some(config.filters_file.clone()).filter(|_| !flags.read_only);
    let store = session.store.clone().over_one_connection().await;
    over(store, keys, cluster, flags, settings, config.editor.clone(), filters).await
}

/// Runs the dashboard over a database that is open already.
pub async fn over(
    store: Store,
    keys: Option<Arc<Keyring>>,
    cluster: Option<Arc<Cluster>>,
    flags: &cli::Dashboard,
    settings: Settings,
    editor: Option<OutsideEditor>,
    filters: Option<PathBuf>,
) -> Result<ExitCode, Failure> {
    let options = Options {
        store,
        keys,
        cluster,
        screen: flags.screen.map_or(app::Screen::Overview, screen),
        read_only: flags.read_only,
        settings,
        editor,
        filters,
    };
    let Farewell { unsettled, error } = runtime::run(options).await?;
    let unsettled: Vec<String> = unsettled.iter().map(ToString::to_string).collect();
    for line in &unsettled {
        // The terminal may be gone, and then the log is where it can be read.
        tracing::warn!(unsettled = line, "the dashboard ended before this was done");
    }
    if let Some(runtime::Error::Broken { place }) = &error {
        tracing::error!(place, "a fault in the program ended the dashboard");
    }
    let said: Vec<String> = error.iter().map(ToString::to_string).chain(unsettled).collect();
    if said.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Failure::refused(said.join("\n  "))) }
}

/// A sign of life on standard error while something takes its time; nothing where that is no terminal.
pub fn waiting(for_what: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(for_what);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// How to draw and read, as flags, configuration and surroundings say.
pub fn settings(flags: &cli::Dashboard, config: &Config, around: &Surroundings) -> Settings {
    Settings {
        ascii: flags.ascii || !around.draws_unicode(),
        reads: config.review.reads.clone(),
        lookup_url: config.review.lookup_url.clone(),
        external_editor: config.editor.is_some(),
        call_by: Ways { bell: config.notify.bell, desktop: config.notify.desktop },
        no_color: around.path("NO_COLOR").is_some(),
        ..Settings::default()
    }
}

fn screen(asked: cli::Screen) -> app::Screen {
    match asked {
        cli::Screen::Overview => app::Screen::Overview,
        cli::Screen::Review => app::Screen::Review,
        cli::Screen::DeadLetters => app::Screen::DeadLetters,
        cli::Screen::Activity => app::Screen::Activity,
        cli::Screen::Jobs => app::Screen::Jobs,
    }
}

impl From<runtime::Error> for Failure {
    fn from(error: runtime::Error) -> Self {
        match error {
            runtime::Error::NoTerminal | runtime::Error::DumbTerminal => Failure::usage(error),
            runtime::Error::Terminal(_) | runtime::Error::Broken { .. } => Failure::refused(error),
        }
    }
}
