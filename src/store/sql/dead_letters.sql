-- Which jobs does nobody try again, newest first, how often did people put them back, and who worked on them in vain?
select job.job_id, job.job_kind, job.agency, job.channel_kind,
       coalesce(job.last_error_code, job.outcome_code, 'unknown') as error_code,
       job.outcome_code, job.attempt, job.max_attempts,
       (select count(*)
        from queue.dot_iu_command_run as run
        where run.job_id = job.job_id and run.call = 'dead_letter_retry' and run.outcome = 'applied')
           as retried_by_people,
       array(select run.login
             from queue.dot_iu_command_run as run
             where run.job_id = job.job_id and run.call = 'claim_jobs' and run.outcome = 'applied'
             group by run.login
             order by max(run.run_id) desc) as workers,
       not exists (select from queue.job_queue as other
                   where other.correlation_id = job.correlation_id
                     and other.job_id <> job.job_id
                     and other.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused')) as nothing_else_open,
       job.deadline_at, job.finished_at
from queue.job_queue as job
where job.status = 'dead_letter'
  and ($1::text is null or coalesce(job.last_error_code, job.outcome_code, 'unknown') = $1)
  and ($2::text is null or job.job_kind = $2)
  and ($3::text is null or job.channel_kind = $3)
order by job.finished_at desc, job.job_id
limit $4
