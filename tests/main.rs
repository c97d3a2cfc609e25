//! Everything that needs a database, a terminal or the sources, in one binary: linking is the slow part.

mod cluster;
