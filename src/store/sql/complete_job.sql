-- Is this job done?
select queue.complete_job(
    job_id => $1, lease_token => $2, result => $3, draft_id => $4, provider_ref => $5, command_id => $6)
