-- What goes when this hold ends at this pace, and what of it comes back to Review instead of leaving?
with ended as (
    select hold_id, job_kind, channel_kind, agency from queue.hold where hold_id = $1
), line as (
    select job.job_id, job.job_kind, job.agency, job.correlation_id, job.parent_job_id,
           greatest(job.process_after,
                    queue.clock() + coalesce(
                        make_interval(secs => 60.0 / $2::integer)
                        * (row_number() over (order by job.priority, job.deadline_at, job.job_id) - 1), interval '0')) as turn,
           exists (select from queue.hold as other
                   where other.resumed_at is null
                     and other.hold_id <> ended.hold_id
                     and (other.job_kind is null or other.job_kind = job.job_kind)
                     and (other.channel_kind is null or other.channel_kind = job.channel_kind)
                     and (other.agency is null or other.agency = job.agency)) as is_kept
    from ended
    join queue.job_queue as job
      on job.status = 'paused'
     and (ended.job_kind is null or job.job_kind = ended.job_kind)
     and (ended.channel_kind is null or job.channel_kind = ended.channel_kind)
     and (ended.agency is null or job.agency = ended.agency)
), rule as (
    select place.agency,
           make_interval(secs => coalesce(own_age.value, age.value, known_age.default_value)::bigint) as lasts,
           coalesce(own_way.value, way.value, known_way.default_value) = 'true' as goes_if_moved
    from (select distinct agency from line) as place
    join queue.config_key as known_age on known_age.key = 'queue.customer.max_approval_age'
    join queue.config_key as known_way on known_way.key = 'queue.customer.send_if_moved'
    left join queue.dot_config as age on age.key = known_age.key and age.agency is null
    left join queue.dot_config as way on way.key = known_way.key and way.agency is null
    left join queue.dot_config as own_age on own_age.key = known_age.key and own_age.agency = place.agency
    left join queue.dot_config as own_way on own_way.key = known_way.key and own_way.agency = place.agency
), judged as (
    select line.job_kind, line.is_kept,
           line.job_kind = 'customer_message_send' and not rule.goes_if_moved
           and exists (select from queue.job_queue as later
                       where later.correlation_id = line.correlation_id
                         and later.job_id > line.job_id
                         and later.job_kind = 'customer_message_inbound') as is_moved,
           coalesce(line.job_kind = 'customer_message_send' and decision.decided_at + rule.lasts < line.turn, false) as is_expired
    from line
    join rule using (agency)
    left join queue.review_decision as decision on decision.job_id = line.parent_job_id
)
select count(*) as paused,
       count(*) filter (where is_kept) as kept,
       count(*) filter (where not is_kept and job_kind = 'customer_message_send') as sends,
       count(*) filter (where not is_kept and is_moved) as moved,
       count(*) filter (where not is_kept and not is_moved and is_expired) as expired
from judged
