-- May this draft leave, exactly as it was read?
select queue.review_approve(
    job_id => $1, pin => $2, seconds_on_screen => $3, warnings_accepted => $4, command_id => $5)
