-- May this draft be stored for the job I hold?
select queue.put_draft(
    job_id => $1, lease_token => $2, draft_id => $3, author_ref => $4, key_id => $5, sealed_body => $6, digest => $7,
    command_id => $8)
