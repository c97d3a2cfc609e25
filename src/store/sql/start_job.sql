-- May I begin this job?
select queue.start_job(job_id => $1, lease_token => $2, command_id => $3)
