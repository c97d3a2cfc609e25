-- Can this decision still be taken back?
select queue.review_undo(job_id => $1, command_id => $2)
