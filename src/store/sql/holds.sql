-- Which holds stand or still give back what they kept, how many jobs does each keep, and whose customers wrote since?
select hold.hold_id, hold.job_kind, hold.channel_kind, hold.agency, hold.reason, hold.ticket, hold.placed_by, hold.placed_at,
       hold.resumed_at, hold.per_minute, hold.trial_at,
       (select count(*)
        from queue.job_queue as job
        where job.status = 'paused'
          and (hold.job_kind is null or job.job_kind = hold.job_kind)
          and (hold.channel_kind is null or job.channel_kind = hold.channel_kind)
          and (hold.agency is null or job.agency = hold.agency)) as paused,
       (select count(*)
        from (select job.job_id, job.correlation_id
              from queue.job_queue as job
              where job.status = 'paused'
                and job.job_kind = 'customer_message_send'
                and (hold.job_kind is null or job.job_kind = hold.job_kind)
                and (hold.channel_kind is null or job.channel_kind = hold.channel_kind)
                and (hold.agency is null or job.agency = hold.agency)
              limit 1000) as send
        where exists (select from queue.job_queue as later
                      where later.correlation_id = send.correlation_id
                        and later.job_id > send.job_id
                        and later.job_kind = 'customer_message_inbound')) as moved
from queue.hold
where hold.drained_at is null
order by hold.placed_at desc, hold.hold_id desc
