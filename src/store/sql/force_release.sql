-- May this job be taken from whoever holds it?
select queue.force_release(job_id => $1, command_id => $2)
