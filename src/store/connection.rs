//! How the store connects, and who the database takes it for.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{sleep, timeout};

use super::link::Link;
use super::statement::sql;
use super::{Error, Result, Store};
use crate::domain::Principal;

/// How long to wait for a connection before the database counts as away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection that was idle for longer is tried before it is used.
const RESTED: Duration = Duration::from_secs(5);

/// How long a refused connection is hoped for: a server that is just starting refuses too.
const HOPE: Duration = Duration::from_millis(300);

/// Longer than any statement may take on the server, so that only a connection that no longer answers takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// The connection of who runs one statement after the other, between two of them.
#[derive(Debug)]
pub(super) struct Kept {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Kept {
    /// None: it no longer answers.
    async fn ready(mut self) -> Option<PoolConnection<Postgres>> {
        if self.since.elapsed() > RESTED
            && !matches!(timeout(ACQUIRE_TIMEOUT, self.connection.ping()).await, Ok(Ok(())))
        {
            drop(self.connection.detach());
            return None;
        }
        Some(self.connection)
    }
}

/// Where to connect and as whom.
#[derive(Clone)]
pub struct ConnectOptions {
    /// `postgres://login@host/database`, or with `?host=/socket/directory`.
    pub url: String,
    /// Overrides the login in the address.
    pub login: Option<String>,
    /// Overrides the database in the address.
    pub database: Option<String>,
    /// What `pg_stat_activity` shows.
    pub application_name: String,
    pub max_connections: u32,
}

impl ConnectOptions {
    pub fn new(url: impl Into<String>) -> Self {
        ConnectOptions {
            url: url.into(),
            login: None,
            database: None,
            application_name: "countersign".to_owned(),
            max_connections: 2,
        }
    }

    pub fn login(mut self, login: impl Into<String>) -> Self {
        self.login = Some(login.into());
        self
    }

    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = name.into();
        self
    }

    pub fn max_connections(mut self, count: u32) -> Self {
        self.max_connections = count;
        self
    }

    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into());
        self
    }

    pub(super) fn parse(&self, link: Link) -> Result<PgConnectOptions> {
        // The driver takes any scheme for its own.
        if !["postgres://", "postgresql://"].iter().any(|scheme| self.url.starts_with(scheme)) {
            return Err(Error::Address);
        }
        let options = link.options(&self.url).map_err(|_| Error::Address)?;
        let options = match &self.login {
            Some(login) => options.username(login),
            None => options,
        };
        let options = match &self.database {
            Some(database) => options.database(database),
            None => options,
        };
        // Statement logging of the driver stays off: the log file gets what this program chose to say.
        Ok(options.application_name(&self.application_name).disable_statement_logging())
    }
}

impl std::fmt::Debug for ConnectOptions {
    /// Without the address, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("login", &self.login)
            .field("database", &self.database)
            .field("application_name", &self.application_name)
            .finish_non_exhaustive()
    }
}

/// Who is connected, to what, and what time it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    #[serde(flatten)]
    pub principal: Principal,
    pub database: String,
    /// The database's clock: everything that expires is measured against it.
    pub server_time: DateTime<Utc>,
    /// `private`, `demo`, `staging`, `production` …
    pub environment: String,
    /// Event types that nobody ratified yet, so that their events are withheld.
    #[serde(default)]
    pub events_withheld: i64,
}

/// What became of a command whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fate {
    /// False: it did not take effect, and the same command id may be sent again.
    pub found: bool,
    /// What it answered, when it took effect.
    #[serde(default)]
    pub answer: Option<serde_json::Value>,
}

impl Store {
    /// Connects once, so that a wrong address or login is known at once; further connections open on demand.
    pub async fn connect(options: &ConnectOptions) -> Result<Store> {
        let what = "the connection";
        let store = Store::connect_lazily(options)?;
        let holds = match store.acquire().await {
            Ok(mut connection) => match timeout(PATIENCE, Link::holds(&mut connection)).await {
                Ok(holds) => holds.map_err(|error| Error::from_statement(what, error))?,
                Err(_) => return Err(Error::Interrupted),
            },
            Err(error) if Link::is_refused(&error) => false,
            Err(error) => return Err(Error::from_connecting(error, what)),
        };
        if holds {
            return Ok(store);
        }
        store.close().await;
        let store = Store::over(Link::Pooled, options)?;
        drop(store.connection(what).await?);
        Ok(store)
    }

    /// Server, database and login in one word: another one for another of them. Tells no password.
    pub fn place(&self) -> String {
        let to = self.pool.connect_options();
        let server = to.get_socket().map_or_else(|| to.get_host().to_owned(), |socket| socket.display().to_string());
        let login = to.get_username();
        format!("{login}@{server}:{}/{}", to.get_port(), to.get_database().unwrap_or(login))
    }

    /// Connects when first asked, for a screen that opens while the database is away.
    pub fn connect_lazily(options: &ConnectOptions) -> Result<Store> {
        Store::over(Link::Direct, options)
    }

    fn over(link: Link, options: &ConnectOptions) -> Result<Store> {
        Ok(Store { pool: pool(options.parse(link)?, options.max_connections), link, patience: PATIENCE, turn: None })
    }

    /// The same, but one statement after the other, over one connection that is kept. The pool would ask the server after every
    /// statement whether it is still there, and open another connection for whoever comes meanwhile.
    pub fn one_at_a_time(self) -> Store {
        Store { turn: Some(Arc::default()), ..self }
    }

    /// The same login over one connection, instead of those that there were.
    pub async fn over_one_connection(self) -> Store {
        self.close().await;
        let options = self.pool.connect_options();
        Store { pool: pool((*options).clone(), 1), ..self }.one_at_a_time()
    }

    /// The same login on one connection of its own, under a name of its own, for what waits and for what may take long.
    pub fn apart(&self) -> Store {
        let options = self.pool.connect_options();
        let name = format!("{} apart, {}", options.get_application_name().unwrap_or_default(), std::process::id());
        let pool = pool((*options).clone().application_name(&name), 1);
        Store { pool, turn: None, ..self.clone() }.one_at_a_time()
    }

    /// Breaks off what such a store is at.
    pub async fn break_off(&self, apart: &Store) -> Result<()> {
        let options = apart.pool.connect_options();
        let name = options.get_application_name().unwrap_or_default();
        self.statement(sql!("break_off")).bind(name).rows::<(bool,)>().await.map(drop)
    }

    /// The same connections, but a statement that is not answered within `patience` counts as interrupted.
    pub fn with_patience(self, patience: Duration) -> Store {
        Store { patience, ..self }
    }

    pub async fn whoami(&self) -> Result<Identity> {
        self.statement(sql!("whoami")).answer().await
    }

    /// What became of a command: asked after [`Error::Interrupted`], never a second try under a new id.
    pub async fn command_fate(&self, command_id: uuid::Uuid) -> Result<Fate> {
        self.statement(sql!("command_fate")).bind(command_id.to_string()).answer().await
    }

    /// Waits until every connection is given back and closed.
    pub async fn close(&self) {
        if let Some(turn) = &self.turn {
            drop(turn.lock().await.take());
        }
        self.pool.close().await;
    }

    /// Lets a statement run. A network that swallows everything would keep it, and its connection, for as long as TCP
    /// hopes; after the store's patience the connection is given up, because what comes over it later answers nobody. Whoever
    /// would wait as long for their turn is not answered either.
    pub(super) async fn answered<T>(
        &self,
        what: &'static str,
        ask: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T> {
        let mut turn = match &self.turn {
            Some(turn) => Some(timeout(self.patience, turn.lock()).await.map_err(|_| Error::Interrupted)?),
            None => None,
        };
        let kept = match turn.as_mut().and_then(|turn| turn.take()) {
            Some(kept) => kept.ready().await,
            None => None,
        };
        let mut connection = match kept {
            Some(connection) => connection,
            None => self.connection(what).await?,
        };
        match timeout(self.patience, self.link.run(&mut connection, ask)).await {
            Ok(Ok(answer)) => {
                if let Some(turn) = &mut turn {
                    **turn = Some(Kept { connection, since: Instant::now() });
                }
                Ok(answer)
            }
            Ok(Err(error)) => Err(Error::from_statement(what, error)),
            Err(_) => {
                drop(connection.detach());
                Err(Error::Interrupted)
            }
        }
    }

    pub(super) async fn connection(&self, what: &'static str) -> Result<PoolConnection<Postgres>> {
        self.acquire().await.map_err(|error| Error::from_connecting(error, what))
    }

    async fn acquire(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        let options = self.pool.connect_options();
        tokio::select! {
            biased;
            connected = self.pool.acquire() => connected,
            refused = refused(&options) => Err(sqlx::Error::Io(refused)),
        }
    }
}

/// Connections that were idle for a while are tried before they are used again: the server may have been restarted. Trying
/// them every time would double the way to the server and back.
fn pool(options: PgConnectOptions, at_most: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(at_most)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// Knocks once after a moment, and comes back only where nobody listens. The pool would go on hoping for as long as a
/// connection may take.
async fn refused(options: &PgConnectOptions) -> io::Error {
    sleep(HOPE).await;
    match knock(options).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => error,
        _ => std::future::pending().await,
    }
}

async fn knock(options: &PgConnectOptions) -> io::Result<()> {
    let (host, port) = (options.get_host(), options.get_port());
    let directory = options.get_socket().map(|path| path.as_path());
    match directory.or_else(|| host.starts_with('/').then(|| host.as_ref())) {
        Some(directory) => UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).await.map(drop),
        None => TcpStream::connect((host, port)).await.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_of_another_kind_of_database_is_not_understood() {
        for url in ["mysql://ada@db/countersign", "http://db/countersign", "countersign", ""] {
            assert_eq!(ConnectOptions::new(url).parse(Link::Direct).err(), Some(Error::Address), "{url}");
        }
        for url in ["postgres://ada@db/countersign", "postgresql:///countersign?host=/run/postgresql"] {
            assert!(ConnectOptions::new(url).parse(Link::Direct).is_ok(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_refused_connection_is_said_before_the_pool_gives_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let began = Instant::now();
        let error = Store::connect(&ConnectOptions::new(format!("postgres://ada@{address}/countersign"))).await.err();
        // The pool's own answer after its three seconds is another one: that there was no connection within the time.
        assert_eq!(error, Some(Error::Unreachable { reason: "nothing listens there".to_owned() }));
        assert!(began.elapsed() < ACQUIRE_TIMEOUT);
    }
}
