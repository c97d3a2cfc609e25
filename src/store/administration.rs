//! What administrators set and register.

use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::statement::sql;
use super::{Error, Result, Store};
use crate::domain::{JobKind, Outcome, Role};

/// A code for one of the registered lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCode {
    /// `language`, `intent`, `routing_hint`, `channel`, `host`, `reason` or `error_code`.
    pub list: String,
    pub code: String,
    /// Of an error code: `none` or `unknown`.
    pub effect: Option<String>,
    /// Of an error code: trying again cannot help.
    pub is_final: bool,
    /// Of a reason: the acts it is for.
    pub used_by: Vec<String>,
}

impl Store {
    /// A setting for everyone. Some need the council's reference number.
    pub async fn set_config(
        &self,
        key: &str,
        value: &Value,
        council_reference: Option<&str>,
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("set_config"))
            .bind(key)
            .bind(value.to_string())
            .bind(council_reference)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// A setting for this login's agency.
    pub async fn set_agency_config(&self, key: &str, value: &Value, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("set_agency_config"))
            .bind(key)
            .bind(value.to_string())
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// Whether from now on no insert can contradict the switches; otherwise who is still under way.
    pub async fn switch_settled(&self) -> Result<Value> {
        self.statement(sql!("switch_settled")).answer().await
    }

    pub async fn register_agency(
        &self,
        agency: &str,
        time_zone: &str,
        review_order: &str,
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("register_agency"))
            .bind(agency)
            .bind(time_zone)
            .bind(review_order)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// The login must exist: [`Store::create_login`] over the administrator's connection makes it.
    pub async fn register_staff(
        &self,
        login: &str,
        agency: Option<&str>,
        roles: &[Role],
        command_id: Uuid,
    ) -> Result<Outcome> {
        let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        self.statement(sql!("register_staff"))
            .bind(login)
            .bind(agency)
            .bind(roles)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn register_executor(
        &self,
        login: &str,
        kinds: &[JobKind],
        channels: &[&str],
        agencies: &[&str],
        command_id: Uuid,
    ) -> Result<Outcome> {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        self.statement(sql!("register_executor"))
            .bind(login)
            .bind(kinds)
            .bind(channels)
            .bind(agencies)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn register_producer(
        &self,
        login: &str,
        agencies: &[&str],
        channels: &[&str],
        command_id: Uuid,
    ) -> Result<Outcome> {
        self.statement(sql!("register_producer"))
            .bind(login)
            .bind(agencies)
            .bind(channels)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    pub async fn register_monitor(&self, login: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("register_monitor")).bind(login).bind(command_id.to_string()).answer().await
    }

    pub async fn revoke_login(&self, login: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("revoke_login")).bind(login).bind(command_id.to_string()).answer().await
    }

    /// Switches a program off without taking its registration away, or on again.
    pub async fn set_enabled(&self, login: &str, enabled: bool, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("set_enabled")).bind(login).bind(enabled).bind(command_id.to_string()).answer().await
    }

    pub async fn register_code(&self, code: &NewCode, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("register_code"))
            .bind(&code.list)
            .bind(&code.code)
            .bind(&code.effect)
            .bind(code.is_final)
            .bind(&code.used_by)
            .bind(command_id.to_string())
            .answer()
            .await
    }

    /// Makes the readers of one's own agency trust a host.
    pub async fn register_agency_host(&self, host: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("register_agency_host")).bind(host).bind(command_id.to_string()).answer().await
    }

    pub async fn ratify_event_type(&self, event_type: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("ratify_event_type")).bind(event_type).bind(command_id.to_string()).answer().await
    }

    /// Makes the database accept bodies sealed under this key; it learns the key's name only.
    pub async fn register_key(&self, key_id: &str, agency: &str, command_id: Uuid) -> Result<Outcome> {
        self.statement(sql!("register_key")).bind(key_id).bind(agency).bind(command_id.to_string()).answer().await
    }

    /// Makes a login, over the administrator's connection. False when there was one of that name.
    pub async fn create_login(&self, login: &str) -> Result<bool> {
        match self.administer("create_login", login_sql(login)).await {
            Ok(()) => Ok(true),
            // Two at once may both find the name free; the second then meets the catalogue's own unique index.
            Err(error) if matches!(error.sqlstate(), Some("42710" | "23505")) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Ends a login's open sessions and drops it, over the administrator's connection. False when there was none. The
    /// server refuses as long as the login owns anything.
    pub async fn drop_login(&self, login: &str) -> Result<bool> {
        let what = "drop_login";
        self.answered(what, async |connection| {
            sqlx::query(sql!("end_sessions").text).bind(login).persistent(false).execute(connection).await
        })
        .await?;
        match self.administer(what, drop_login_sql(login)).await {
            Ok(()) => Ok(true),
            Err(error) if error.sqlstate() == Some("42704") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Appoints a platform_admin before anyone could register one, over the administrator's connection.
    pub async fn appoint_platform_admin(&self, login: &str) -> Result<()> {
        let what = "appoint_platform_admin";
        let failed = |error| Error::from_statement(what, error);
        let mut connection = self.connection(what).await?;
        let mut transaction = sqlx::Connection::begin(&mut *connection).await.map_err(failed)?;
        // A managed PostgreSQL has no superuser for us, but its administrator is a member of the owner role.
        sqlx::raw_sql("set local role countersign_owner").execute(&mut *transaction).await.map_err(failed)?;
        sqlx::query(sql!("appoint_platform_admin").text)
            .bind(login)
            .persistent(false)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    /// Runs one statement that cannot take parameters, composed by this module from quoted identifiers.
    pub(super) async fn administer(&self, what: &'static str, statement: String) -> Result<()> {
        let mut connection = self.connection(what).await?;
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut *connection)
            .await
            .map(|_| ())
            .map_err(|error| Error::from_statement(what, error))
    }
}

/// The statement that makes a login, for an administrator to run where this program may not.
pub fn login_sql(login: &str) -> String {
    format!("create role {} login", quoted(login))
}

/// The statement that drops a login, for an administrator to run where this program may not.
pub fn drop_login_sql(login: &str) -> String {
    format!("drop role {}", quoted(login))
}

/// An identifier as PostgreSQL quotes it.
pub(super) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_cannot_break_out_of_its_quotes() {
        assert_eq!(login_sql(r#"a" superuser; --"#), r#"create role "a"" superuser; --" login"#);
    }
}
