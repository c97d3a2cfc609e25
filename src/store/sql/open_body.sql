-- What does this job's reference point at, sealed as it lies?
select queue.open_body(job_id => $1, lease_token => $2)
