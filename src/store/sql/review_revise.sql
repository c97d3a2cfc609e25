-- May this text take the draft's place, for somebody else to look at?
select queue.review_revise(
    job_id => $1, pin => $2, draft_id => $3, key_id => $4, sealed_body => $5, digest => $6, command_id => $7)
