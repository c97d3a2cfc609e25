//! `countersign config hours`: when an agency works, so that deadlines wait for the morning.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use chrono::NaiveDate;
use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use super::review::applied;
use crate::cli::{Holidays, HoursAction};
use crate::domain::BusinessHours;
use crate::domain::hours;
use crate::session::Session;

pub async fn run(session: &Session, action: &HoursAction) -> Result<String, Failure> {
    let command_id = Uuid::now_v7();
    match action {
        HoursAction::Show { json } => return show(&session.store.business_hours().await?, *json),
        HoursAction::Set { hours, time_zone, agency } => {
            let agency = of(session, agency.as_deref())?;
            let spans = hours::parse(&hours.join(" ")).map_err(Failure::usage)?;
            let set = session.store.set_business_hours(agency, Some(&spans), time_zone.as_deref(), command_id).await;
            let set = set.map_err(|error| Failure::malformed(error, unsettable));
            applied(set?)?;
        }
        HoursAction::Unset { agency } => {
            let agency = of(session, agency.as_deref())?;
            applied(session.store.set_business_hours(agency, None, None, command_id).await?)?;
        }
        HoursAction::Close(days) => set_holidays(session, days, true).await?,
        HoursAction::Reopen(days) => set_holidays(session, days, false).await?,
    }
    show(&session.store.business_hours().await?, false)
}

fn unsettable() -> String {
    "an agency opens for an hour a week at least, by the clock of a time zone such as Europe/Berlin".to_owned()
}

async fn set_holidays(session: &Session, given: &Holidays, closed: bool) -> Result<(), Failure> {
    let agency = of(session, given.agency.as_deref())?;
    let mut days = given.days.clone();
    if let Some(path) = &given.from {
        days.extend(listed(path)?);
    }
    let set = session.store.set_holidays(agency, &days, closed, Uuid::now_v7()).await;
    let too_many = || "an agency has 1000 holidays at most; `reopen` those that are over".to_owned();
    applied(set.map_err(|error| Failure::malformed(error, too_many))?)?;
    Ok(())
}

/// One date a line; what stands behind it, and lines that are empty or begin with `#`, are for people.
fn listed(path: &Path) -> Result<Vec<NaiveDate>, Failure> {
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().read_to_string(&mut text).map(|_| ()),
        _ => fs::read_to_string(path).map(|read| text = read),
    };
    read.map_err(|error| Failure::refused(format!("cannot read {}: {error}", path.display())))?;
    dates(&text)
}

fn dates(text: &str) -> Result<Vec<NaiveDate>, Failure> {
    let mut days = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some(word) = line.split_whitespace().next().filter(|word| !word.starts_with('#')) else { continue };
        let day = word.parse().map_err(|_| {
            Failure::refused(format!(
                "line {number} does not begin with a date such as 2026-12-25; nothing was changed"
            ))
        })?;
        days.push(day);
    }
    if days.is_empty() { Err(Failure::refused("no date is in the list")) } else { Ok(days) }
}

/// The agency that is meant: the one named, else the login's own.
fn of<'s>(session: &'s Session, named: Option<&'s str>) -> Result<&'s str, Failure> {
    let own = session.identity.principal.agency.as_deref();
    named.or(own).ok_or_else(|| Failure::usage("this login has no agency of its own; name one with --agency"))
}

fn show(agencies: &[BusinessHours], json: bool) -> Result<String, Failure> {
    if json {
        return output::json(&agencies);
    }
    let mut table = Table::new(&["agency", "time zone", "hours", "closed on"]);
    for agency in agencies {
        let hours = match agency.hours.is_empty() {
            true => "none: deadlines run through the night".to_owned(),
            false => hours::in_words(&agency.hours),
        };
        let zone = match agency.zone_is_known {
            true => agency.time_zone.clone(),
            false => format!("{}: unknown to the server", agency.time_zone),
        };
        let days: Vec<String> = agency.holidays.iter().map(NaiveDate::to_string).collect();
        table.row([agency.agency.clone(), zone, hours, output::or_dash(joined(&days))]);
    }
    Ok(table.to_string())
}

fn joined(days: &[String]) -> Option<String> {
    (!days.is_empty()).then(|| days.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_dates_may_say_what_they_are() {
        let days = dates("# 2026\n2026-12-25 Christmas\n\n  2027-01-01\tNew Year\n").unwrap();
        assert_eq!(days.iter().map(NaiveDate::to_string).collect::<Vec<_>>(), ["2026-12-25", "2027-01-01"]);
        assert!(dates("2026-12-25\n25.12.2027\n").unwrap_err().to_string().contains("line 2"));
        assert!(dates("2026-02-30").is_err());
        assert!(dates("# none\n").is_err());
    }
}
