//! `countersign erase`: a customer who is to be forgotten.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use uuid::Uuid;

use super::Failure;
use super::output;
use super::review::applied;
use crate::cli;
use crate::session::Session;

pub async fn run(session: &Session, arguments: &cli::Erase) -> Result<String, Failure> {
    if !arguments.yes {
        confirm(&arguments.customer_ref)?;
    }
    let erased = session.store.erase_customer(&arguments.customer_ref, Uuid::now_v7()).await?;
    applied(erased.outcome.clone())?;
    if arguments.json {
        return output::json(&erased);
    }
    Ok(format!(
        "erased: {} messages in {} conversations, {} waiting jobs cancelled; backups still hold what they held\n",
        erased.messages, erased.conversations, erased.cancelled
    ))
}

/// What cannot be taken back is asked for twice, the second time in full.
fn confirm(customer_ref: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::refused("this cannot be taken back; say --yes to do it without being asked"));
    }
    eprint!(
        "Every body, reference, note and attachment address of this customer goes, in all conversations, for good.\n\
         Type the customer's reference again to do it: "
    );
    io::stderr().flush()?;
    let mut typed = String::new();
    io::stdin().lock().read_line(&mut typed)?;
    if typed.trim_end_matches(['\r', '\n']) == customer_ref {
        Ok(())
    } else {
        Err(Failure::refused("that is another reference; nothing was erased"))
    }
}
