-- What becomes of this job after it failed?
select queue.fail_job(job_id => $1, lease_token => $2, error_code => $3, command_id => $4)
