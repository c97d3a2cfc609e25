-- Which drafts were pinned by the decisions in this conversation, and by which digest?
select decision.job_id, decision.draft_id, decision.draft_digest
from queue.job_queue as job
join queue.review_decision as decision on decision.job_id = job.job_id
where job.correlation_id = $1
order by decision.decision_id
