//! One statement on its way: text from `sql/`, arguments, answer.

use serde::de::DeserializeOwned;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::types::Json;
use sqlx::{Arguments, Encode, FromRow, PgConnection, Postgres, Type};

use super::{Error, Result, Store};

/// The text of `sql/<name>.sql` with its name, which is all that an error says about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql {
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! sql {
    ($name:literal) => {
        $crate::store::statement::Sql { name: $name, text: include_str!(concat!("sql/", $name, ".sql")) }
    };
}
pub(super) use sql;

/// A statement that gathers its arguments in the order `$1`, `$2`, ….
pub(super) struct Statement<'s> {
    store: &'s Store,
    sql: Sql,
    arguments: Result<PgArguments>,
}

impl Store {
    pub(super) fn statement(&self, sql: Sql) -> Statement<'_> {
        Statement { store: self, sql, arguments: Ok(PgArguments::default()) }
    }
}

impl Statement<'_> {
    pub fn bind<'q, T>(mut self, value: T) -> Self
    where
        T: Encode<'q, Postgres> + Type<Postgres>,
    {
        if let Ok(arguments) = &mut self.arguments
            && arguments.add(value).is_err()
        {
            self.arguments = Err(Error::Unreadable { what: self.sql.name });
        }
        self
    }

    /// The one jsonb value that a call returns. When a twin of the same command is under way, asks once more: by then
    /// the twin has answered, and its answer is replayed.
    pub async fn answer<T>(self) -> Result<T>
    where
        T: DeserializeOwned + Send + Unpin + 'static,
    {
        let arguments = self.arguments?;
        match value(self.store, self.sql, arguments.clone()).await {
            Err(error) if error.is_twin_under_way() => value(self.store, self.sql, arguments).await,
            answer => answer,
        }
    }

    /// One jsonb value per row.
    pub async fn answers<T>(self) -> Result<Vec<T>>
    where
        T: DeserializeOwned + Send + Unpin + 'static,
    {
        let rows: Vec<(Json<T>,)> = self.rows().await?;
        Ok(rows.into_iter().map(|(Json(answer),)| answer).collect())
    }

    pub async fn rows<T>(self) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let arguments = self.arguments?;
        let Sql { name, text } = self.sql;
        let names = self.store.link.keeps_names();
        let ask = async |connection: &mut PgConnection| {
            sqlx::query_as_with(text, arguments).persistent(names).fetch_all(connection).await
        };
        self.store.answered(name, ask).await
    }

    pub async fn row<T>(self) -> Result<Option<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        Ok(self.rows().await?.into_iter().next())
    }

    /// The row of a statement that always gives one.
    pub async fn only_row<T>(self) -> Result<T>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let what = self.sql.name;
        self.row().await?.ok_or(Error::Unreadable { what })
    }
}

async fn value<T>(store: &Store, sql: Sql, arguments: PgArguments) -> Result<T>
where
    T: DeserializeOwned + Send + Unpin + 'static,
{
    let names = store.link.keeps_names();
    let ask = async |connection: &mut PgConnection| -> sqlx::Result<(Json<T>,)> {
        sqlx::query_as_with(sql.text, arguments).persistent(names).fetch_one(connection).await
    };
    let (Json(value),) = store.answered(sql.name, ask).await?;
    Ok(value)
}
