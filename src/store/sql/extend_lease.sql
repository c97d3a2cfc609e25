-- May I keep this job a little longer?
select queue.extend_lease(job_id => $1, lease_token => $2)
