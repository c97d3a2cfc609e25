-- May this dead letter be tried again?
select queue.dead_letter_retry(
    job_id => $1, may_have_left => $2, reason => $3, after_seconds => $4, command_id => $5)
