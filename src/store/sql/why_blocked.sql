-- What keeps this job from being claimed?
select queue.why_blocked(job_id => $1)
