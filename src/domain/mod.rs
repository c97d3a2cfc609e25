//! The words and rules of review: jobs, statuses, deadlines, decisions.
