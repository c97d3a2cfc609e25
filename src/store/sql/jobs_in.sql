-- Which are the newest jobs in these states that match this much of a filter?
select queue.jobs_in(
    states => $1, kinds => $2, channel => $3, language => $4, intent => $5, role => $6, below_confidence => $7,
    above_confidence => $8, due_before => $9, due_after => $10, before => $11, at_most => $12)
