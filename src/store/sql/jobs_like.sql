-- Among which jobs, the newest first, are all that match this much of a filter?
select queue.jobs_like(
    kinds => $1, channel => $2, language => $3, intent => $4, role => $5, below_confidence => $6, above_confidence => $7,
    before => $8, at_most => $9)
