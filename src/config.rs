//! Where the database is and what the user prefers.
