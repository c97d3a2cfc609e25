-- What came, went, was decided and was late, per kind and step of time?
select job_kind, minute,
       sum(came)::bigint     as came,
       sum(gone)::bigint     as gone,
       sum(decided)::bigint  as decided,
       sum(breached)::bigint as breached
from queue.history(make_interval(mins => $1), make_interval(mins => $2))
group by job_kind, minute
order by minute, job_kind
