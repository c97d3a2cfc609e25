//! `countersign access`: who may do what.
//!
//! Two rights are needed, and nobody has to have both: an administrator of the server makes the login, a platform_admin
//! of the queue registers it. The very first platform_admin is appointed by the administrator of the server.

use std::fmt::Write as _;

use uuid::Uuid;

use super::Failure;
use super::output::{self, Table};
use super::review::applied;
use crate::cli::{AccessAction, LoginClass, NewLogin};
use crate::domain::{Outcome, Role};
use crate::session::Session;
use crate::store::administration::{drop_login_sql, login_sql};
use crate::store::{self, ConnectOptions, Store};

pub async fn run(session: &Session, action: &AccessAction) -> Result<String, Failure> {
    match action {
        AccessAction::List { json } => list(session, *json).await,
        AccessAction::Agency { agency, time_zone, order } => {
            register_agency(&session.store, agency, time_zone.as_deref(), order.as_deref()).await
        }
        AccessAction::Add { who, admin_url } => {
            who.check()?;
            require_agencies(&session.store, who).await?;
            let administrator = administrator(session, admin_url.as_deref()).await?;
            let made = match &administrator {
                Some(administrator) => administrator.create_login(&who.login).await?,
                None => false,
            };
            match &administrator {
                Some(administrator) if who.is_platform_admin() => {
                    administrator.appoint_platform_admin(&who.login).await?;
                }
                _ => register(&session.store, who).await?,
            }
            let created = if made { "created and " } else { "" };
            Ok(format!("{} {created}registered as {}\n", output::safe_line(&who.login), who.class.name()))
        }
        AccessAction::Remove { login, admin_url } => remove(session, login, admin_url.as_deref()).await,
        AccessAction::Enable { login } => {
            registered(session.store.set_enabled(login, true, Uuid::now_v7()).await?, login)?;
            Ok(format!("{} may work again\n", output::safe_line(login)))
        }
        AccessAction::Disable { login } => {
            registered(session.store.set_enabled(login, false, Uuid::now_v7()).await?, login)?;
            Ok(format!("{} is stopped; what it holds runs out\n", output::safe_line(login)))
        }
        AccessAction::Sql { who } => sql(who),
    }
}

/// The rights go first, and at once; whether the login itself can go is the server's to say.
async fn remove(session: &Session, login: &str, admin_url: Option<&str>) -> Result<String, Failure> {
    let shown = output::safe_line(login);
    let administrator = administrator(session, admin_url).await?;
    registered(session.store.revoke_login(login, Uuid::now_v7()).await?, login)?;
    let Some(administrator) = administrator else {
        return Ok(format!(
            "{shown} has no rights here any more; to remove the login itself, as an administrator of the server:\n{};\n",
            drop_login_sql(login)
        ));
    };
    match administrator.drop_login(login).await {
        Ok(_) => Ok(format!("{shown} is removed\n")),
        Err(error) => Err(Failure::refused(format!(
            "{shown} has no rights here any more, but the server keeps the login ({error}); it may own something, or have \
             rights in another database"
        ))),
    }
}

/// An applied outcome about a login that is registered.
fn registered(outcome: Outcome, login: &str) -> Result<(), Failure> {
    if outcome.outcome == "not_found" {
        let shown = output::safe_line(login);
        return Err(Failure::refused(format!("{shown} has no rights here; `countersign access` lists who has")));
    }
    applied(outcome).map(|_| ())
}

/// Makes the first platform_admin of a database, when nobody is registered there who could open a session.
pub async fn appoint(who: &NewLogin, admin_url: &str) -> Result<String, Failure> {
    who.check()?;
    let administrator = Store::connect(&ConnectOptions::new(admin_url)).await?;
    administrator.create_login(&who.login).await?;
    administrator.appoint_platform_admin(&who.login).await?;
    Ok(format!("{} is a platform_admin\n", output::safe_line(&who.login)))
}

/// The statements that `add` would run. Needs no database.
pub fn sql(who: &NewLogin) -> Result<String, Failure> {
    who.check()?;
    let mut text = String::new();
    writeln!(text, "-- As an administrator of the server:\n{};", login_sql(&who.login)).map_err(Failure::refused)?;
    if who.is_platform_admin() {
        let login = quoted(&who.login);
        let appoint = format!(
            "begin;\nset local role countersign_owner;\n\
             select queue.enter_login(who => {login}, as_class => 'staff');\n\
             insert into queue.staff (login, agency, roles) values ({login}, null, array['platform_admin']);\ncommit;\n"
        );
        text.push_str(&appoint);
    } else {
        let call = who.registration();
        writeln!(text, "-- As a platform_admin of the queue:\nselect {call};").map_err(Failure::refused)?;
    }
    Ok(text)
}

async fn list(session: &Session, json: bool) -> Result<String, Failure> {
    let everyone = session.store.access().await?;
    if json {
        return output::json(&everyone);
    }
    let mut table = Table::new(&["login", "class", "agencies", "roles or kinds", "channels", "enabled"]);
    for who in everyone {
        let agencies = who.agency.unwrap_or_else(|| who.agencies.join(", "));
        let all = |text: String| if text.is_empty() { "all".to_owned() } else { text };
        let does = if who.roles.is_empty() { who.kinds } else { who.roles };
        let enabled = if who.enabled { "yes" } else { "no" };
        table.row([
            who.login,
            who.class,
            all(agencies),
            output::or_dash(Some(does.join(", ")).filter(|text| !text.is_empty())),
            output::or_dash(Some(who.channels.join(", ")).filter(|text| !text.is_empty())),
            enabled.to_owned(),
        ]);
    }
    Ok(table.to_string())
}

/// The connection that makes logins, where there is one.
pub(super) async fn administrator(session: &Session, url: Option<&str>) -> Result<Option<Store>, Failure> {
    match (url, session.private()) {
        (Some(url), _) => Ok(Some(Store::connect(&ConnectOptions::new(url)).await?)),
        (None, Some(private)) => Ok(Some(private.superuser().await?)),
        (None, None) => Ok(None),
    }
}

/// Before a login is made for an agency that is not there.
async fn require_agencies(store: &Store, who: &NewLogin) -> Result<(), Failure> {
    let known = store.agencies().await?;
    let Some(missing) = who.agencies.iter().find(|agency| !known.iter().any(|known| known.agency == **agency)) else {
        return Ok(());
    };
    let name = output::safe_line(missing);
    Err(Failure::refused(format!(
        "agency {name} is not registered here; a platform_admin does that with `countersign access agency {name}`"
    )))
}

/// Registers an agency, or changes what is given of one that is there.
async fn register_agency(
    store: &Store,
    agency: &str,
    time_zone: Option<&str>,
    order: Option<&str>,
) -> Result<String, Failure> {
    let known = store.agencies().await?.into_iter().find(|known| known.agency == agency);
    let (old_zone, old_order) = match &known {
        Some(known) => (known.time_zone.as_str(), known.review_order.as_str()),
        None => ("UTC", "deadline_first"),
    };
    let (time_zone, order) = (time_zone.unwrap_or(old_zone), order.unwrap_or(old_order));
    let answer = store.register_agency(agency, time_zone, order, Uuid::now_v7()).await;
    let outcome = answer.map_err(|error| match error.sqlstate() {
        Some("CS002") => Failure::refused(
            "not registered: an agency's name is lowercase letters, digits, - and _, and its time zone one that \
             PostgreSQL knows, such as Europe/Berlin",
        ),
        _ => error.into(),
    })?;
    applied(outcome)?;
    let first = if known.is_none() { "; its keys are made by the first `countersign vault grant`" } else { "" };
    Ok(format!("{} registered: {time_zone}, {order}{first}\n", output::safe_line(agency)))
}

async fn register(store: &Store, who: &NewLogin) -> Result<(), Failure> {
    let command_id = Uuid::now_v7();
    let agencies: Vec<&str> = who.agencies.iter().map(String::as_str).collect();
    let channels: Vec<&str> = who.channels.iter().map(String::as_str).collect();
    let registered = match who.class {
        LoginClass::Staff => store.register_staff(&who.login, agencies.first().copied(), &who.roles, command_id).await,
        LoginClass::Executor => store.register_executor(&who.login, &who.kinds, &channels, &agencies, command_id).await,
        LoginClass::Producer => store.register_producer(&who.login, &agencies, &channels, command_id).await,
        LoginClass::Monitor => store.register_monitor(&who.login, command_id).await,
    };
    let outcome = registered.map_err(|error| not_registered(error, who))?;
    applied(outcome).map(|_| ())
}

/// Why the database did not register a login, in the words of `access add`.
fn not_registered(error: store::Error, who: &NewLogin) -> Failure {
    let login = output::safe_line(&who.login);
    match error.sqlstate() {
        Some("CS002") => Failure::refused(format!(
            "{login} is not registered: the login must exist (--admin-url creates it), every --agency and --channel must be \
             registered (`countersign access agency` registers agencies), reviewers and workflow_admins need an \
             --agency, executors a --kind that programs do"
        )),
        Some("CS004") => Failure::refused(format!(
            "{login} is not registered: a login is exactly one of staff, executor, producer and monitor, for good, and \
             nobody changes what they are themselves; take another login, or another administrator"
        )),
        _ => error.into(),
    }
}

impl NewLogin {
    pub(super) fn is_platform_admin(&self) -> bool {
        self.roles == [Role::PlatformAdmin]
    }

    /// What does not fit together, before anything is made.
    fn check(&self) -> Result<(), Failure> {
        let needs = |what: &str| Err(Failure::usage(format!("{} needs at least one {what}", self.class.name())));
        let takes_no = |what: &str| Err(Failure::usage(format!("{} takes no {what}", self.class.name())));
        match self.class {
            LoginClass::Staff if self.roles.is_empty() => needs("--role"),
            LoginClass::Staff if self.agencies.len() > 1 => {
                Err(Failure::usage("staff belongs to one --agency, or to none"))
            }
            LoginClass::Executor if self.kinds.is_empty() => needs("--kind"),
            LoginClass::Executor | LoginClass::Producer if self.channels.is_empty() => needs("--channel"),
            LoginClass::Executor | LoginClass::Producer if self.agencies.is_empty() => needs("--agency"),
            LoginClass::Monitor if !self.agencies.is_empty() => takes_no("--agency"),
            class if class != LoginClass::Staff && !self.roles.is_empty() => takes_no("--role"),
            class if class != LoginClass::Executor && !self.kinds.is_empty() => takes_no("--kind"),
            LoginClass::Staff | LoginClass::Monitor if !self.channels.is_empty() => takes_no("--channel"),
            _ => Ok(()),
        }
    }

    /// The call that registers it, as SQL.
    fn registration(&self) -> String {
        let login = quoted(&self.login);
        let command = "command_id => gen_random_uuid()::text";
        match self.class {
            LoginClass::Staff => {
                let agency = self.agencies.first().map_or_else(|| "null".to_owned(), |agency| quoted(agency));
                let roles = array(self.roles.iter().map(|role| role.as_str()));
                format!("queue.register_staff(login => {login}, agency => {agency}, roles => {roles}, {command})")
            }
            LoginClass::Executor => format!(
                "queue.register_executor(login => {login}, kinds => {}, channels => {}, agencies => {}, {command})",
                array(self.kinds.iter().map(|kind| kind.as_str())),
                array(self.channels.iter().map(String::as_str)),
                array(self.agencies.iter().map(String::as_str)),
            ),
            LoginClass::Producer => format!(
                "queue.register_producer(login => {login}, agencies => {}, channels => {}, {command})",
                array(self.agencies.iter().map(String::as_str)),
                array(self.channels.iter().map(String::as_str)),
            ),
            LoginClass::Monitor => format!("queue.register_monitor(login => {login}, {command})"),
        }
    }
}

impl LoginClass {
    fn name(self) -> &'static str {
        match self {
            LoginClass::Staff => "staff",
            LoginClass::Executor => "an executor",
            LoginClass::Producer => "a producer",
            LoginClass::Monitor => "a monitor",
        }
    }
}

/// A text as an SQL literal that means the same whatever the server's settings are.
fn quoted(text: &str) -> String {
    let quoted = text.replace('\\', "\\\\").replace('\'', "''");
    if text.contains('\\') { format!("E'{quoted}'") } else { format!("'{quoted}'") }
}

fn array<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let quoted: Vec<String> = texts.map(quoted).collect();
    format!("array[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::JobKind;

    fn who(class: LoginClass) -> NewLogin {
        NewLogin { login: "ada".into(), class, agencies: vec![], roles: vec![], kinds: vec![], channels: vec![] }
    }

    #[test]
    fn the_sql_registers_what_was_asked_for() {
        let ada = NewLogin {
            agencies: vec!["acme".into()],
            roles: vec![Role::Reviewer, Role::Oncall],
            ..who(LoginClass::Staff)
        };
        let text = sql(&ada).unwrap();
        assert!(text.contains(r#"create role "ada" login;"#), "{text}");
        let call = "queue.register_staff(login => 'ada', agency => 'acme', roles => array['reviewer', 'oncall'], command_id => gen_random_uuid()::text)";
        assert!(text.contains(call), "{text}");
    }

    #[test]
    fn a_name_cannot_break_out_of_its_quotes() {
        assert_eq!(quoted("o'hara"), "'o''hara'");
        assert_eq!(quoted(r"a\' or 1=1"), r"E'a\\'' or 1=1'");
    }

    #[test]
    fn what_does_not_fit_a_class_is_wrong_usage() {
        let one = || vec!["x".to_owned()];
        let cases = [
            who(LoginClass::Staff),
            NewLogin { roles: vec![Role::Oncall], agencies: vec!["a".into(), "b".into()], ..who(LoginClass::Staff) },
            NewLogin { roles: vec![Role::Oncall], kinds: vec![JobKind::Send], ..who(LoginClass::Staff) },
            NewLogin { agencies: one(), channels: one(), ..who(LoginClass::Executor) },
            NewLogin { agencies: one(), ..who(LoginClass::Producer) },
            NewLogin { channels: one(), ..who(LoginClass::Producer) },
            NewLogin { agencies: one(), ..who(LoginClass::Monitor) },
            NewLogin { roles: vec![Role::Oncall], ..who(LoginClass::Monitor) },
        ];
        for who in cases {
            assert!(matches!(who.check(), Err(Failure::Usage(_))), "{who:?}");
        }
        assert!(NewLogin { roles: vec![Role::Oncall], ..who(LoginClass::Staff) }.check().is_ok());
        assert!(who(LoginClass::Monitor).check().is_ok());
    }
}
