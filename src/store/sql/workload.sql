-- What does a forecast have to know of each kind?
select agency, job_kind, review_order, escalates, full_since, allowed_seconds, closes_at, remaining_seconds, minutes, jobs
from queue.workload()
