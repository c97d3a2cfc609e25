-- How many came, went, were decided, and ended or died with each outcome, since the beginning?
select agency, job_kind, what, jobs
from queue.totals()
