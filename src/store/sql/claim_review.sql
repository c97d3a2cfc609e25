-- May I read this job, or the next one in a language that I read?
select queue.claim_review(job_id => $1, reads => $2)
