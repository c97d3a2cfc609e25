-- May somebody with more authority look at this?
select queue.review_escalate(job_id => $1, pin => $2, reason => $3, command_id => $4)
