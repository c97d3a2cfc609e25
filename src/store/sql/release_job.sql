-- May I give this job back?
select queue.release_job(job_id => $1, lease_token => $2, command_id => $3)
