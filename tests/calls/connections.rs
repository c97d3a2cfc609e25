//! How many connections somebody needs, and what becomes of one that breaks.

use countersign::store::Store;

use crate::support::{Database, database};

const NAME: &str = "over one connection";

async fn over_one_connection(db: &Database) -> Store {
    Store::connect(&db.options_of("ada").application_name(NAME)).await.unwrap().over_one_connection().await
}

async fn connections(db: &Database) -> i64 {
    let named = "from pg_stat_activity where datname = current_database() and application_name";
    db.value(&format!("select count(*) {named} = '{NAME}'")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_one_thing_after_the_other_needs_one_connection() {
    let db = database().await;
    let ada = over_one_connection(&db).await;
    let asking: Vec<_> = (0..4)
        .map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    ada.whoami().await.unwrap();
                }
            })
        })
        .collect();
    for asks in asking {
        asks.await.unwrap();
    }
    assert_eq!(connections(&db).await, 1);
    ada.close().await;
    while connections(&db).await > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_kept_connection_that_was_cut_costs_one_answer() {
    let db = database().await;
    let ada = over_one_connection(&db).await;
    ada.whoami().await.unwrap();
    let cut = "select bool_and(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()";
    assert!(db.value::<bool>(&format!("{cut} and application_name = '{NAME}'")).await);
    while connections(&db).await > 0 {
        tokio::task::yield_now().await;
    }
    let error = ada.whoami().await.unwrap_err();
    assert!(error.is_away(), "{error:?}");
    ada.whoami().await.unwrap();
    assert_eq!(connections(&db).await, 1);
}
