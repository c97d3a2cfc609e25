-- What happened to this job, oldest first?
select run_id, at, login, call, job_id, outcome, from_status, to_status, code
from queue.dot_iu_command_run
where job_id = $1
order by run_id
