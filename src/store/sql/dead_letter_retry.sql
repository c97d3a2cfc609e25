-- May this dead letter be tried again?
select queue.dead_letter_retry(job_id => $1, may_have_left => $2, command_id => $3)
