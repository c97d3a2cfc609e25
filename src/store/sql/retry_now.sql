-- May this job be tried again without waiting?
select queue.retry_now(job_id => $1, command_id => $2)
