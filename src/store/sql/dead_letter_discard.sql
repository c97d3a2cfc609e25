-- May this dead letter be given up?
select queue.dead_letter_discard(job_id => $1, reason => $2, command_id => $3)
