//! What a private database begins with: an agency and its keys, people, programs, ratified words.
//!
//! Everything goes through the public calls; only the first administrator is put in by the superuser. Each step may be
//! repeated, so a founding that was interrupted is finished by the next one.

use uuid::Uuid;

use super::{AGENCY, Error, IMPORTER, PLATFORM, Private, Result};
use crate::domain::{JobKind, Outcome, Role};
use crate::store::Store;
use crate::vault::Keyring;

/// Who and what to register.
#[derive(Debug, Clone)]
pub struct Founding {
    /// The word in the header: `private`, `demo`.
    pub environment: &'static str,
    pub agencies: Vec<String>,
    pub producers: Vec<Producer>,
    pub executors: Vec<Executor>,
    /// Registered last: a database whose people are registered is complete.
    pub staff: Vec<Staff>,
}

/// A program that enqueues, for every agency and channel.
#[derive(Debug, Clone)]
pub struct Producer {
    pub login: String,
}

/// A program that does jobs, for every agency.
#[derive(Debug, Clone)]
pub struct Executor {
    pub login: String,
    pub kinds: Vec<JobKind>,
    pub channels: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Staff {
    pub login: String,
    /// None: all agencies, which is for oncall and operator only.
    pub agency: Option<String>,
    pub roles: Vec<Role>,
}

impl Founding {
    /// The database of everyday work on one machine: `user` has every role of staff but `platform_admin`.
    pub fn local(user: String) -> Founding {
        let roles = Role::ALL.into_iter().filter(|role| *role != Role::PlatformAdmin).collect();
        Founding {
            environment: "private",
            agencies: vec![AGENCY.to_owned()],
            producers: vec![Producer { login: IMPORTER.to_owned() }],
            executors: Vec::new(),
            staff: vec![Staff { login: user, agency: Some(AGENCY.to_owned()), roles }],
        }
    }
}

/// Creates, migrates and furnishes the database. Several processes may do so at once: one does, the others wait for it.
pub async fn found(private: &Private, keyring: &Keyring, founding: &Founding) -> Result<()> {
    let _alone = private.founding_lock().await?;
    let superuser = private.create_and_migrate().await?;
    let logins = [PLATFORM].into_iter().chain(founding.logins());
    for login in logins {
        superuser.create_login(login).await?;
    }
    superuser.appoint_platform_admin(PLATFORM).await?;
    superuser.close().await;

    let platform = Store::connect(&private.options(PLATFORM)).await?;
    expect_done(platform.set_config("queue.environment", &founding.environment.into(), None, Uuid::now_v7()).await?)?;
    for event_type in platform.event_types().await?.iter().filter(|event| event.ratified_at.is_none()) {
        expect_done(platform.ratify_event_type(&event_type.event_type, Uuid::now_v7()).await?)?;
    }
    for agency in &founding.agencies {
        register_agency(&platform, keyring, agency).await?;
    }
    founding.register_programs(&platform).await?;
    for person in &founding.staff {
        let agency = person.agency.as_deref();
        expect_done(platform.register_staff(&person.login, agency, &person.roles, Uuid::now_v7()).await?)?;
    }
    platform.close().await;
    Ok(())
}

/// Registers an agency, makes its keys and lets the database know the name of the one that seals. The older ones it knows
/// already, or they are retired.
pub async fn register_agency(platform: &Store, keyring: &Keyring, agency: &str) -> Result<()> {
    keyring.ensure_agency(agency)?;
    if !platform.agencies().await?.iter().any(|known| known.agency == agency) {
        expect_done(platform.register_agency(agency, "UTC", "deadline_first", Uuid::now_v7()).await?)?;
    }
    if let Some(key_id) = keyring.key_ids(agency)?.last() {
        expect_done(platform.register_key(key_id, agency, Uuid::now_v7()).await?)?;
    }
    Ok(())
}

impl Founding {
    fn logins(&self) -> impl Iterator<Item = &str> {
        let producers = self.producers.iter().map(|producer| producer.login.as_str());
        let executors = self.executors.iter().map(|executor| executor.login.as_str());
        producers.chain(executors).chain(self.staff.iter().map(|person| person.login.as_str()))
    }

    async fn register_programs(&self, platform: &Store) -> Result<()> {
        let agencies: Vec<&str> = self.agencies.iter().map(String::as_str).collect();
        for Producer { login } in &self.producers {
            register_producer(platform, login).await?;
        }
        for Executor { login, kinds, channels } in &self.executors {
            let channels: Vec<&str> = channels.iter().map(String::as_str).collect();
            expect_done(platform.register_executor(login, kinds, &channels, &agencies, Uuid::now_v7()).await?)?;
        }
        Ok(())
    }
}

/// Registers a producer for every agency and channel there is by now.
pub async fn register_producer(platform: &Store, login: &str) -> Result<()> {
    let agencies = platform.agencies().await?;
    let agencies: Vec<&str> = agencies.iter().map(|known| known.agency.as_str()).collect();
    let channels = platform.vocabulary(Some("channel")).await?;
    let channels: Vec<&str> = channels.iter().map(|known| known.code.as_str()).collect();
    expect_done(platform.register_producer(login, &agencies, &channels, Uuid::now_v7()).await?)
}

/// Registering what is registered is as good as registering it.
fn expect_done(outcome: Outcome) -> Result<()> {
    match outcome.outcome.as_str() {
        "applied" | "exists" => Ok(()),
        _ => Err(Error::Refused { reason: outcome.to_string() }),
    }
}
