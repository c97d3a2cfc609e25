-- May I read this job, or the next one?
select queue.claim_review(job_id => $1)
