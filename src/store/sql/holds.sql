-- Which holds stand, and how many jobs does each keep?
select hold_id, job_kind, channel_kind, agency, reason, ticket, placed_by, placed_at,
       (select count(*)
        from queue.job_queue as job
        where job.status = 'paused'
          and (hold.job_kind is null or job.job_kind = hold.job_kind)
          and (hold.channel_kind is null or job.channel_kind = hold.channel_kind)
          and (hold.agency is null or job.agency = hold.agency)) as paused
from queue.hold
where resumed_at is null
order by placed_at desc, hold_id desc
