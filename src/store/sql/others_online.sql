-- How many others could approve the draft of this job now?
select queue.others_online(job_id => $1)
