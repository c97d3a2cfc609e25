//! `countersign vault`: the keys that bodies are sealed with.
//!
//! The ring lies where the administrator keeps it; the database knows the names of the keys. Granting and rotating take a
//! platform_admin, who sees no bodies. What looks at sealed bodies takes whoever administers the database.

mod reseal;

use std::path::PathBuf;

use uuid::Uuid;

use super::output::{self, Table};
use super::review::applied;
use super::{Failure, access};
use crate::cli::VaultAction;
use crate::config::Config;
use crate::session::{self, Session};
use crate::store::Store;
use crate::vault::{Keyring, NewKey};

/// How much of a key id tells it from the others.
const SHORT: usize = 8;

pub async fn run(session: &Session, config: &Config, action: &VaultAction) -> Result<String, Failure> {
    let directory = config.keys.clone().unwrap_or_else(|| config.data_dir.join("keyring"));
    let keyring = Keyring::administrator(&directory)?;
    match action {
        VaultAction::Grant { login, agency, out } => grant(session, &keyring, login, agency, out.clone()).await,
        VaultAction::Rotate { agency } => rotate(session, &keyring, agency).await,
        VaultAction::Keys { agency, admin_url, json } => {
            let administrator = administrator(session, admin_url.as_deref()).await?;
            keys(&administrator, &keyring, agency, *json).await
        }
        VaultAction::Reseal { agency, admin_url } => {
            let administrator = administrator(session, admin_url.as_deref()).await?;
            reseal::run(&administrator, &keyring, agency).await
        }
        VaultAction::Retire { key, agency, admin_url } => {
            let administrator = administrator(session, admin_url.as_deref()).await?;
            retire(&administrator, key, agency).await
        }
    }
}

async fn grant(
    session: &Session,
    keyring: &Keyring,
    login: &str,
    agency: &str,
    out: Option<PathBuf>,
) -> Result<String, Failure> {
    let platform = platform_of(session, agency).await?;
    // Makes the agency's first keys where it has none, and lets the database know their names.
    session::register_agency(&platform, keyring, agency).await?;
    let file_name = format!("{login}-{agency}.key").replace(['/', '\0'], "_");
    let path = out.unwrap_or_else(|| PathBuf::from(file_name));
    keyring.grant(login, agency, &path)?;
    Ok(format!(
        "{} holds the keys of {agency} for {}; hand it over outside the database\n",
        output::safe_line(&path.display().to_string()),
        output::safe_line(login)
    ))
}

async fn rotate(session: &Session, keyring: &Keyring, agency: &str) -> Result<String, Failure> {
    let platform = platform_of(session, agency).await?;
    session::register_agency(&platform, keyring, agency).await?;
    let key = NewKey::generate()?;
    let key_id = key.id();
    // The database first: from the moment the ring has the key, everything is sealed under it.
    applied(platform.register_key(&key_id, agency, Uuid::now_v7()).await?)?;
    keyring.rotate(agency, key)?;
    Ok(format!(
        "{} seals the bodies of {agency} from now on; the older keys still open theirs\n\
         key files granted before do not have it: countersign vault grant LOGIN --agency {agency}\n\
         then what lies under the older keys: countersign vault reseal --agency {agency}\n",
        short(&key_id)
    ))
}

async fn keys(administrator: &Store, keyring: &Keyring, agency: &str, json: bool) -> Result<String, Failure> {
    let keys = administrator.sealing_keys(agency).await?;
    if json {
        return output::json(&keys);
    }
    let held = keyring.key_ids(agency)?;
    let mut table = Table::new(&["key", "registered", "messages", "notes", ""]);
    for key in keys {
        let what = match held.iter().position(|id| *id == key.key_id) {
            None => "not in this ring",
            Some(place) if place + 1 == held.len() => "seals",
            Some(_) if key.messages + key.notes == 0 => "can be retired",
            Some(_) => "opens",
        };
        table.row([
            short(&key.key_id).to_owned(),
            output::time(key.registered_at),
            key.messages.to_string(),
            key.notes.to_string(),
            what.to_owned(),
        ]);
    }
    Ok(table.to_string())
}

async fn retire(administrator: &Store, prefix: &str, agency: &str) -> Result<String, Failure> {
    let keys = administrator.sealing_keys(agency).await?;
    let mut meant = keys.iter().filter(|key| key.key_id.starts_with(prefix));
    let (Some(key), None) = (meant.next(), meant.next()) else {
        let reason = format!("this does not name one key; `countersign vault keys --agency {agency}` lists them");
        return Err(Failure::refused(reason));
    };
    let outcome = administrator.retire_key(&key.key_id).await?;
    if outcome.outcome == "in_use" {
        return Err(Failure::refused(format!(
            "{} is the newest key, or something is sealed under it: countersign vault reseal --agency {agency}",
            short(&key.key_id)
        )));
    }
    applied(outcome)?;
    Ok(format!(
        "{} is retired: nothing is stored under it any more; the ring keeps it for what lies in backups\n",
        short(&key.key_id)
    ))
}

/// A connection with the right to register keys, to a database that has this agency.
async fn platform_of(session: &Session, agency: &str) -> Result<Store, Failure> {
    let platform = session.platform().await?;
    if platform.agencies().await?.iter().any(|known| known.agency == *agency) {
        return Ok(platform);
    }
    Err(Failure::refused("this agency is not registered here; check the name, or who you are"))
}

async fn administrator(session: &Session, url: Option<&str>) -> Result<Store, Failure> {
    access::administrator(session, url).await?.ok_or_else(|| {
        Failure::refused(
            "this looks at sealed bodies, which no login of the queue may: name whoever administers the database \
             with --admin-url",
        )
    })
}

fn short(key_id: &str) -> &str {
    key_id.get(..SHORT).unwrap_or(key_id)
}
