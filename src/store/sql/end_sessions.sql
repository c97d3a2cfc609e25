-- Which sessions of this login end now?
select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 and pid <> pg_backend_pid()
