//! Words that a column of `queue` does not take, for every column that could hold some.

use std::collections::HashMap;

use super::attack::Attack;
use super::rows::samples;
use super::scratch::Scratch;

const COLUMNS: &str = "
    select attrelid::regclass::text, attname::text, format_type(atttypid, null)
    from pg_attribute
    join pg_trigger on tgrelid = attrelid and tgname = 'code_wall'
    where attnum > 0 and not attisdropped and atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'bytea'::regtype)
    order by attrelid, attnum";

/// Words for each column of each table that has a wall. Not every one is judged by the wall.
pub async fn attacks(scratch: &Scratch) -> Vec<Attack> {
    let mut columns: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for [table, column, kind] in scratch.rows(COLUMNS).await {
        columns.entry(table).or_default().push((column, kind));
    }
    let samples = samples();
    let walled = samples.iter().filter_map(|sample| Some((sample, columns.get(&sample.table)?)));
    walled.flat_map(|(sample, columns)| sample.with_words(columns)).collect()
}
