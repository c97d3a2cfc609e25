-- Which kinds have ready work that nobody takes?
select agency, job_kind, ready, oldest_ready_at, after_seconds
from queue.unattended()
