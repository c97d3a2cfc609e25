-- What does the audit trail hold of the time from here to before there, in the order in which it was written?
select run_id, at, login, call, agency, job_id, outcome, from_status, to_status, code, command_id, event_withheld
from queue.dot_iu_command_run
where at >= $1 and at < $2
order by run_id
