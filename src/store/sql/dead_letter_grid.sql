-- How many dead letters are there per error, kind and channel, and since when?
select coalesce(last_error_code, outcome_code, 'unknown') as error_code, job_kind, channel_kind,
       count(*) filter (where finished_at > queue.clock() - interval '5 minutes') as last_5m,
       count(*) filter (where finished_at > queue.clock() - interval '1 hour')    as last_1h,
       count(*) filter (where finished_at > queue.clock() - interval '24 hours')  as last_24h,
       count(*) filter (where finished_at > queue.clock() - interval '7 days')    as last_7d,
       count(*) as total
from queue.job_queue
where status = 'dead_letter'
group by 1, 2, 3
order by total desc, error_code, job_kind, channel_kind
