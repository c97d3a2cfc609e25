-- May this job be given up before anyone begins it?
select queue.cancel_job(job_id => $1, reason => $2, command_id => $3)
