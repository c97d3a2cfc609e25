-- What would a hold over this stop, and what not?
select count(*) filter (where job.status = 'queued' and job.process_after <= time.right_now) as ready,
       count(*) filter (where job.status = 'queued' and job.process_after > time.right_now) as scheduled,
       count(*) filter (where job.status = 'retry_waiting') as retry_waiting,
       count(*) filter (where job.status in ('leased', 'running')) as under_way,
       count(*) filter (where job.status = 'paused') as paused,
       (select coalesce(
            (select value from queue.dot_config where key = known.key and agency = $3),
            (select value from queue.dot_config where key = known.key and agency is null),
            known.default_value)::bigint
        from queue.config_key as known
        where known.key = 'queue.customer.max_approval_age') as max_approval_age
from (select queue.clock() as right_now) as time
left join queue.job_queue as job
  on ($1::text is null or job.job_kind = $1)
 and ($2::text is null or job.channel_kind = $2)
 and ($3::text is null or job.agency = $3)
 and job.status in ('queued', 'leased', 'running', 'retry_waiting', 'paused')
