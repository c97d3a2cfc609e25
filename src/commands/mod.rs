//! One file per subcommand without a screen: store + domain → text or JSON.
//!
//! A command returns what it prints. What fails says which of the exit codes it ends with.

mod access;
mod bodies;
mod db;
mod dead_letters;
mod doctor;
mod erase;
mod executor;
mod export;
mod failure;
mod handover;
mod holds;
mod hours;
mod import;
mod interrupt;
mod jobs;
mod migrate;
mod output;
mod retention;
mod review;
mod settings;
mod show;
mod sign_off;
mod status;
mod sweep;
mod trace;
mod vault;
mod vocabulary;

use std::process::ExitCode;

use crate::cli::{AccessAction, ConfigAction, DeadLetterAction, RetentionAction, Task, VocabularyAction};
use crate::config::Config;
use crate::session::Session;
pub use failure::Failure;

/// Runs a command to its end and prints what it has to say. What is asked for without saying what, is listed.
pub async fn run(task: &Task, config: &Config) -> Result<ExitCode, Failure> {
    let open = || Session::open(config);
    let text = match task {
        Task::Status(arguments) => {
            let (text, state) = status::run(&open().await?, arguments, &config.thresholds).await?;
            output::print(&text)?;
            return Ok(ExitCode::from(state as u8));
        }
        Task::Doctor { json } => {
            let (text, exit_code) = doctor::run(config, *json).await?;
            output::print(&text)?;
            return Ok(exit_code);
        }
        Task::Import(arguments) => import::run(config, arguments).await?,
        Task::Jobs(arguments) => jobs::run(&open().await?, arguments).await?,
        Task::Show(arguments) => show::run(&open().await?, arguments).await?,
        Task::Trace(arguments) => trace::run(&open().await?, arguments).await?,
        Task::Review(action) => review::run(&open().await?, config, action).await?,
        Task::DeadLetters { action, json } => {
            let list = DeadLetterAction::List { json: *json };
            dead_letters::run(&open().await?, action.as_ref().unwrap_or(&list)).await?
        }
        Task::Hold(arguments) => holds::place(&open().await?, arguments).await?,
        Task::Holds { json } => holds::list(&open().await?, *json).await?,
        Task::Resume(arguments) => holds::resume(&open().await?, arguments).await?,
        Task::PutDraft(arguments) => executor::put_draft(&open().await?, arguments).await?,
        Task::OpenJob(arguments) => executor::open_job(&open().await?, arguments).await?,
        Task::OpenForSend(arguments) => executor::open_for_send(&open().await?, arguments).await?,
        Task::Sweep(arguments) => sweep::run(&open().await?, arguments).await?,
        Task::Export(arguments) => export::run(&open().await?, arguments).await?,
        Task::Handover(arguments) => handover::run(&open().await?, arguments).await?,
        Task::Migrate => migrate::run(config).await?,
        Task::Db(action) => db::run(config, action).await?,
        Task::Config { action } => {
            let list = ConfigAction::List { json: false };
            settings::run(&open().await?, action.as_ref().unwrap_or(&list)).await?
        }
        Task::Vocabulary { action } => {
            let list = VocabularyAction::List { list: None, json: false };
            vocabulary::run(&open().await?, action.as_ref().unwrap_or(&list)).await?
        }
        Task::Access { action: Some(AccessAction::Sql { who }) } => access::sql(who)?,
        Task::Access { action: Some(AccessAction::Add { who, admin_url: Some(url) }) } if who.is_platform_admin() => {
            access::appoint(who, url).await?
        }
        Task::Access { action: Some(action) } => access::run(&open().await?, action).await?,
        Task::Access { action: None } => access::run(&open().await?, &AccessAction::List { json: false }).await?,
        Task::SignOff(arguments) => sign_off::run(&open().await?, arguments).await?,
        Task::Erase(arguments) => erase::run(&open().await?, arguments).await?,
        Task::Retention { action } => {
            let show = RetentionAction::Show { json: false };
            retention::run(&open().await?, action.as_ref().unwrap_or(&show)).await?
        }
        Task::Vault(action) => vault::run(&open().await?, config, action).await?,
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
