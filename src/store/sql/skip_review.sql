-- May somebody else read this instead of me?
select queue.skip_review(job_id => $1, lease_token => $2, reason => $3, command_id => $4)
