//! `countersign config`: the settings that lie in the database.

use serde_json::Value;
use uuid::Uuid;

use super::output::{self, Table};
use super::review::applied;
use super::{Failure, hours};
use crate::cli::{ConfigAction, HoursAction};
use crate::session::Session;
use crate::store::registry::Setting;

pub async fn run(session: &Session, action: &ConfigAction) -> Result<String, Failure> {
    match action {
        ConfigAction::Hours { action } => {
            hours::run(session, action.as_ref().unwrap_or(&HoursAction::Show { json: false })).await
        }
        ConfigAction::List { json } => list(&session.store.settings().await?, *json),
        ConfigAction::Get { key, agency } => get(&session.store.settings().await?, key, agency.as_deref()),
        ConfigAction::Set { key, value, agency, council_reference } => {
            let value = as_json(value);
            put(session, key, &value, agency.as_deref(), council_reference.as_deref()).await?;
            Ok(format!("{key} = {value}\n"))
        }
        ConfigAction::Unset { key, agency } => {
            put(session, key, &Value::Null, agency.as_deref(), None).await?;
            let holds_now = get(&session.store.settings().await?, key, agency.as_deref())?;
            Ok(format!("{key} = {holds_now}"))
        }
    }
}

/// Gives a setting a value, or with JSON's null takes its value away.
async fn put(
    session: &Session,
    key: &str,
    value: &Value,
    agency: Option<&str>,
    council_reference: Option<&str>,
) -> Result<(), Failure> {
    let command_id = Uuid::now_v7();
    let set = match agency {
        None => session.store.set_config(key, value, council_reference, command_id).await,
        Some(agency) if session.identity.principal.agency.as_deref() == Some(agency) => {
            session.store.set_agency_config(key, value, command_id).await
        }
        Some(agency) => {
            return Err(Failure::refused(format!("only a workflow_admin of {agency} sets this for {agency}")));
        }
    };
    let outcome = match set {
        Err(error) if error.sqlstate() == Some("CS002") => {
            return Err(unsettable(&session.store.settings().await?, key));
        }
        set => set?,
    };
    applied(outcome)?;
    Ok(())
}

fn list(settings: &[Setting], json: bool) -> Result<String, Failure> {
    if json {
        return output::json(&settings);
    }
    let mut table = Table::new(&["key", "agency", "value", "shipped", "takes", "set by"]);
    for setting in settings {
        table.row([
            setting.key.clone(),
            setting.agency.clone().unwrap_or_else(|| "all".to_owned()),
            output::or_dash(setting.value.as_ref()),
            output::or_dash(setting.default_value.as_ref()),
            takes(setting),
            output::or_dash(setting.set_by.as_ref()),
        ]);
    }
    Ok(table.to_string())
}

/// The value that holds: the agency's own, else the common one, else the shipped one.
fn get(settings: &[Setting], key: &str, agency: Option<&str>) -> Result<String, Failure> {
    let of = |agency: Option<&str>| settings.iter().find(|row| row.key == key && row.agency.as_deref() == agency);
    let common = of(None).or_else(|| settings.iter().find(|row| row.key == key));
    let common = common.ok_or_else(|| Failure::refused("no such setting; `countersign config list` shows them all"))?;
    let own = agency.and_then(|agency| of(Some(agency))).and_then(|row| row.value.as_ref());
    let value = own.or(common.value.as_ref().filter(|_| common.agency.is_none())).or(common.default_value.as_ref());
    Ok(format!("{}\n", value.unwrap_or(&Value::Null)))
}

/// Why the database did not take a value for this key.
fn unsettable(settings: &[Setting], key: &str) -> Failure {
    Failure::refused(match settings.iter().find(|setting| setting.key == key) {
        None => "no such setting; `countersign config list` shows them all".to_owned(),
        Some(setting) => format!(
            "{key} takes {}; where it lets anything be sent without approval, also a --council-reference such as COUNCIL-17",
            takes(setting)
        ),
    })
}

fn takes(setting: &Setting) -> String {
    match (setting.lowest, setting.highest) {
        (Some(lowest), Some(highest)) => format!("{} {lowest} to {highest}", setting.value_type),
        _ => setting.value_type.clone(),
    }
}

/// A bare word is text, so that nobody has to quote quotes in a shell.
fn as_json(value: &str) -> Value {
    serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(agency: Option<&str>, value: Option<Value>) -> Setting {
        Setting {
            key: "k".to_owned(),
            value_type: "integer".to_owned(),
            lowest: None,
            highest: None,
            default_value: Some(1.into()),
            per_agency: true,
            agency: agency.map(str::to_owned),
            value,
            set_by: None,
            set_at: None,
        }
    }

    #[test]
    fn the_nearest_value_holds() {
        let shipped = [setting(None, None)];
        let common = [setting(None, Some(2.into())), setting(Some("acme"), Some(3.into()))];
        let only_own = [setting(Some("acme"), Some(3.into()))];
        let cases = [
            (&shipped[..], None, "1"),
            (&shipped[..], Some("acme"), "1"),
            (&common[..], None, "2"),
            (&common[..], Some("acme"), "3"),
            (&common[..], Some("other"), "2"),
            (&only_own[..], Some("other"), "1"),
        ];
        for (settings, agency, expected) in cases {
            assert_eq!(get(settings, "k", agency).unwrap().trim(), expected, "{agency:?}");
        }
        assert!(get(&shipped, "unknown", None).is_err());
    }

    #[test]
    fn values_are_json_or_bare_words() {
        assert_eq!(as_json("true"), Value::Bool(true));
        assert_eq!(as_json("0.4"), serde_json::json!(0.4));
        assert_eq!(as_json("\"a\""), Value::String("a".to_owned()));
        assert_eq!(as_json("staging"), Value::String("staging".to_owned()));
    }
}
