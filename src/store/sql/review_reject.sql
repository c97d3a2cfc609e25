-- May this draft be thrown away for this reason?
select queue.review_reject(
    job_id => $1, pin => $2, reason => $3, note_key_id => $4, note_sealed => $5, command_id => $6)
