-- Which of my sessions that have this name are broken off in what they wait for?
select pg_cancel_backend(pid)
from pg_stat_activity
where application_name = $1 and usename = session_user
