//! The only place that names sqlx.
