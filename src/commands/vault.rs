//! `countersign vault`: the keys that bodies are sealed with.

use std::path::PathBuf;

use super::{Failure, output};
use crate::cli::VaultAction;
use crate::config::Config;
use crate::session::{self, Session};
use crate::vault::Keyring;

pub async fn run(session: &Session, config: &Config, action: &VaultAction) -> Result<String, Failure> {
    let VaultAction::Grant { login, agency, out } = action;
    let directory = config.keys.clone().unwrap_or_else(|| config.data_dir.join("keyring"));
    let keyring = Keyring::administrator(&directory)?;
    let platform = session.platform().await?;
    if !platform.agencies().await?.iter().any(|known| known.agency == *agency) {
        return Err(Failure::refused(
            "this agency is not registered here; a platform_admin does that with `countersign access agency`",
        ));
    }
    // Makes the agency's first keys where it has none, and lets the database know their names.
    session::register_agency(&platform, &keyring, agency).await?;
    let file_name = format!("{login}-{agency}.key").replace(['/', '\0'], "_");
    let path = out.clone().unwrap_or_else(|| PathBuf::from(file_name));
    keyring.grant(login, agency, &path)?;
    Ok(format!(
        "{} holds the keys of {agency} for {}; hand it over outside the database\n",
        output::safe_line(&path.display().to_string()),
        output::safe_line(login)
    ))
}
