-- What became of the few that this hold let through the last time?
select count(*) filter (where job.status = 'succeeded') as done,
       count(*) filter (where job.status in ('retry_waiting', 'paused', 'dead_letter')) as failed,
       count(*) filter (where job.status = 'cancelled') as back_to_review,
       count(*) filter (where job.status in ('queued', 'leased', 'running')) as under_way
from queue.hold
join queue.job_queue as job on job.let_through = hold.hold_id and job.process_after >= hold.trial_at
where hold.hold_id = $1
