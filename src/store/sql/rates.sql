-- How many jobs of each kind came and how many went in the last whole minute?
select job_kind, sum(came)::bigint as arrived, sum(gone)::bigint as finished
from queue.history('3 minutes')
where minute = date_bin('1 minute', queue.clock() - interval '1 minute', 'epoch')
group by job_kind
