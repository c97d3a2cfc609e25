//! What the database says of itself, of this login, and of what it keeps.

use chrono::Utc;

use super::Check;
use crate::commands::Failure;
use crate::config::Config;
use crate::domain::BusinessHours;
use crate::session::{self, Session};
use crate::store;
use crate::store::checks::{Rights, Server, ServerSetting, Withheld};
use crate::store::migrate::Migration;

const OLDEST_SERVER: i32 = 150_000;
/// Above this share of the connections the next user may find none.
const CROWDED: f64 = 0.9;
/// A clock that is further off makes every time on the screen wrong.
const CLOCK_TOLERANCE_SECONDS: i64 = 5;

pub async fn checks(config: &Config, session: &Session) -> Result<Vec<Check>, Failure> {
    let store = &session.store;
    let server = store.server().await?;
    let is_private = session.private().is_some();
    let mut checks = vec![version(&server), reached(config, &server), migrations(&store.migrations().await?)];
    checks.extend(connections(&server));
    checks.push(clock((server.clock - Utc::now()).num_seconds()));
    checks.extend(settings(&store.server_settings().await?));
    checks.push(login(session));
    checks.extend(rights(&store.rights().await?));
    checks.push(keys(session));
    let is_staff = session.identity.principal.class == "staff";
    let withheld = if is_staff { Some(store.withheld_events().await?) } else { None };
    checks.push(events(session.identity.events_withheld, withheld.as_ref()));
    if is_staff {
        checks.extend(time_zones(&store.business_hours().await?));
    }
    if is_staff && !is_private {
        checks.push(first_administrator(store.access().await?));
    }
    Ok(checks)
}

fn version(server: &Server) -> Check {
    if server.version_number >= OLDEST_SERVER {
        Check::fine("server", format!("PostgreSQL {}, encoding {}", server.version, server.encoding))
    } else {
        Check::broken("server", format!("PostgreSQL {} is too old", server.version), "upgrade it to 15 or newer")
    }
}

fn reached(config: &Config, server: &Server) -> Check {
    let kind = if config.is_private() { "the private cluster" } else { "named by URL" };
    let found = format!("{}, {kind}", server.database);
    if server.in_recovery {
        Check::broken("database", format!("{found}: a standby, which takes no writes"), "connect to the primary")
    } else if server.encoding != "UTF8" {
        Check::broken(
            "database",
            format!("{found}: encoding {}", server.encoding),
            "create the database with encoding UTF8",
        )
    } else {
        Check::fine("database", found)
    }
}

fn migrations(all: &[Migration]) -> Check {
    let pending = all.iter().filter(|migration| migration.applied_at.is_none()).count();
    let changed = all.iter().filter(|migration| migration.changed).count();
    if changed > 0 {
        let remedy = "use the program that this database was migrated with, or restore the migrations";
        Check::broken("migrations", format!("{changed} differ from what was applied"), remedy)
    } else if pending > 0 {
        let remedy = "an administrator runs `countersign migrate`";
        Check::broken("migrations", format!("{pending} of {} are not applied", all.len()), remedy)
    } else {
        Check::fine("migrations", format!("all {} applied", all.len()))
    }
}

fn connections(server: &Server) -> Option<Check> {
    #[expect(clippy::cast_precision_loss, reason = "a share is rounded anyway")]
    let share = server.connections as f64 / f64::from(server.max_connections.max(1));
    (share > CROWDED).then(|| {
        let found = format!("{} of {} in use", server.connections, server.max_connections);
        Check::attention("connections", found, "raise max_connections, or put a pooler before it")
    })
}

fn clock(ahead: i64) -> Check {
    if ahead.abs() <= CLOCK_TOLERANCE_SECONDS {
        Check::fine("clock", "this machine and the database agree")
    } else {
        let found =
            format!("the database is {ahead} s ahead of this machine (it decides; leases and deadlines are its)");
        Check::attention("clock", found, "synchronise both with NTP")
    }
}

/// One check for what is as it should be, one for each setting that is not.
fn settings(all: &[ServerSetting]) -> Vec<Check> {
    let mut checks: Vec<Check> = all.iter().filter_map(misset).collect();
    if checks.is_empty() {
        checks.push(Check::fine("settings", "no argument and no row reaches the server's log, commits are kept"));
    }
    checks
}

fn misset(setting: &ServerSetting) -> Option<Check> {
    let ServerSetting { name, value } = setting;
    let (wanted, why, is_wrong): (&str, &str, bool) = match name.as_str() {
        "log_error_verbosity" => ("terse", "refused rows are printed into the log", value != "terse"),
        "log_parameter_max_length" | "log_parameter_max_length_on_error" => {
            ("0", "arguments are printed into the log", value != "0")
        }
        "log_statement" => ("none", "statements are printed into the log", value == "all" || value == "mod"),
        "fsync" | "full_page_writes" => ("on", "a crash can lose decisions that were confirmed", value == "off"),
        "synchronous_commit" => ("on", "a crash can lose decisions that were confirmed", value == "off"),
        "jit" => ("off", "statements of milliseconds are compiled first, which takes a second", value == "on"),
        "autovacuum" => ("on", "the queue grows slower by the hour", value == "off"),
        _ => return None,
    };
    is_wrong.then(|| {
        let remedy = format!("alter system set {name} = '{wanted}'; select pg_reload_conf();");
        Check::attention("settings", format!("{name} is {value}: {why}"), remedy)
    })
}

fn login(session: &Session) -> Check {
    let who = &session.identity.principal;
    let roles: Vec<&str> = who.roles.iter().map(|role| role.as_str()).collect();
    match who.class.as_str() {
        "none" => Check::broken(
            "login",
            format!("{} is not registered here", who.login),
            format!("an administrator runs `countersign access add {} staff --agency A --role reviewer`", who.login),
        ),
        class => {
            let of = who.agency.as_deref().map(|agency| format!(" of {agency}")).unwrap_or_default();
            Check::fine("login", format!("{}: {class}{of} {}", who.login, roles.join(", ")).trim_end().to_owned())
        }
    }
}

fn rights(rights: &Rights) -> Vec<Check> {
    let too_many = [
        (rights.superuser, "is a superuser: nothing binds it"),
        (rights.owner && !rights.superuser, "is a member of countersign_owner: nothing binds it"),
        (rights.can_create_roles && !rights.superuser, "may create roles, and so give itself any right"),
        (rights.groups.len() > 1 && !rights.superuser, "belongs to several groups: a login is exactly one of them"),
    ];
    let mut checks: Vec<Check> = (too_many.into_iter().filter(|(has_it, _)| *has_it))
        .map(|(_, what)| {
            let remedy = "work under a login of its own that `countersign access add` made";
            Check::attention("rights", format!("{} {what}", rights.login), remedy)
        })
        .collect();
    if checks.is_empty() {
        checks.push(Check::fine("rights", "this login may call what it is registered for, and write to no table"));
    }
    checks
}

fn keys(session: &Session) -> Check {
    let keyring = match session.keys() {
        Ok(keyring) => keyring,
        // Whoever reads no bodies needs no keys.
        Err(_) if !session.identity.principal.reviews() && session.identity.principal.class == "staff" => {
            return Check::fine("keys", "none, and this login opens no bodies");
        }
        Err(error @ session::Error::BrokenKeys { .. }) => {
            return Check::broken("keys", error.to_string(), "until then no body opens here");
        }
        Err(error) => return Check::attention("keys", "none", error.to_string()),
    };
    let agencies = keyring.agencies();
    match &session.identity.principal.agency {
        Some(agency) if !agencies.contains(agency) => Check::broken(
            "keys",
            format!("none for agency {agency}"),
            format!(
                "ask the administrator for `countersign vault grant {} --agency {agency}`",
                session.identity.principal.login
            ),
        ),
        _ => Check::fine("keys", format!("for {}", agencies.join(", "))),
    }
}

/// What was withheld is never made up for; ratifying lets flow what comes from then on.
fn events(unratified: i64, withheld: Option<&Withheld>) -> Check {
    let so_far = match withheld {
        Some(Withheld { events, since: Some(since) }) => {
            format!("; {events} withheld since {}", since.format("%Y-%m-%d %H:%M UTC"))
        }
        _ => String::new(),
    };
    if unratified == 0 {
        Check::fine("events", format!("every event type is ratified{so_far}"))
    } else {
        let remedy = "a platform_admin calls queue.ratify_event_type for each, once the vocabulary was agreed on";
        let found = format!("{unratified} event types are not ratified: their events are withheld{so_far}");
        Check::attention("events", found, remedy)
    }
}

/// One check for each agency whose clock nobody can read any more, one where there is none.
fn time_zones(agencies: &[BusinessHours]) -> Vec<Check> {
    let unknown = agencies.iter().filter(|agency| !agency.zone_is_known);
    let checks: Vec<Check> = unknown
        .map(|BusinessHours { agency, time_zone, .. }| {
            let found = format!(
                "{agency} goes by {time_zone}, which the server does not know: its deadlines run through the night"
            );
            let remedy = format!(
                "update the server's time zone data, or name another: \
                 `countersign access agency {agency} --time-zone ZONE` by a platform_admin"
            );
            Check::attention("time zones", found, remedy)
        })
        .collect();
    if checks.is_empty() { vec![Check::fine("time zones", "the server knows that of every agency")] } else { checks }
}

/// Without a platform_admin nobody can register anybody.
fn first_administrator(everyone: Vec<store::registry::Access>) -> Check {
    let is_admin = |who: &store::registry::Access| who.roles.iter().any(|role| role == "platform_admin");
    // Staff of an agency do not see who belongs to none.
    let sees_all = everyone.iter().any(|who| who.class == "staff" && who.agency.is_none());
    if everyone.iter().any(is_admin) || !sees_all {
        Check::fine("people", format!("{} logins registered that this one may see", everyone.len()))
    } else {
        let remedy = "countersign access add LOGIN staff --role platform_admin --admin-url URL";
        Check::attention("people", "there is no platform_admin", remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_setting_that_prints_rows_or_loses_commits_is_named_with_its_remedy() {
        let setting = |name: &str, value: &str| ServerSetting { name: name.to_owned(), value: value.to_owned() };
        let wrong = [
            ("log_error_verbosity", "default"),
            ("log_parameter_max_length", "-1"),
            ("log_statement", "all"),
            ("fsync", "off"),
            ("synchronous_commit", "off"),
            ("autovacuum", "off"),
            ("jit", "on"),
        ];
        for (name, value) in wrong {
            let check = misset(&setting(name, value)).unwrap();
            assert!(check.remedy.is_some_and(|remedy| remedy.contains(name)), "{name}");
        }
        let right = [
            ("log_error_verbosity", "terse"),
            ("log_statement", "ddl"),
            ("fsync", "on"),
            ("jit", "off"),
            ("synchronous_commit", "local"),
        ];
        let found = settings(&right.map(|(name, value)| setting(name, value)));
        assert_eq!(found.iter().map(|check| check.state).collect::<Vec<_>>(), [State::Fine]);
    }

    #[test]
    fn i13_events_that_are_withheld_are_counted_before_and_after_their_type_was_ratified() {
        let since = "2026-11-20T09:12:00Z".parse().ok();
        let withheld = Withheld { events: 12, since };
        let before = events(7, Some(&withheld));
        assert_eq!(before.state, State::Attention);
        assert!(
            before.found.starts_with("7 event types")
                && before.found.ends_with("12 withheld since 2026-11-20 09:12 UTC")
        );
        let after = events(0, Some(&withheld));
        assert_eq!((after.state, after.found.contains("12 withheld")), (State::Fine, true));
        assert_eq!(events(0, Some(&Withheld { events: 0, since: None })).found, "every event type is ratified");
    }

    #[test]
    fn a_login_with_more_rights_than_it_needs_is_pointed_out() {
        let rights_of = |superuser, owner, can_create_roles| Rights {
            login: "ada".to_owned(),
            superuser,
            owner,
            can_create_roles,
            groups: vec!["countersign_staff".to_owned()],
            uses_queue: true,
        };
        assert_eq!(rights(&rights_of(false, false, false))[0].state, State::Fine);
        assert_eq!(rights(&rights_of(true, true, true)).len(), 1);
        assert_eq!(rights(&rights_of(false, true, true)).len(), 2);
    }
}
