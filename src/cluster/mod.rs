//! The private PostgreSQL: find, initialise, start, stop.
