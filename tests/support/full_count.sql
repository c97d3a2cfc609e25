-- Both views, and what waits to be sent by each channel, by a full count as of `queue.clock()`.
with time as materialized (select queue.clock() as right_now),
open as (
    select * from queue.job_queue where status not in ('succeeded', 'failed', 'cancelled')
), lane as (
    select agency, job_kind from queue.agency cross join queue.job_kind
), health as (
    select lane.agency, lane.job_kind,
           count(*) filter (where open.status = 'queued' and open.process_after <= right_now) as ready,
           count(*) filter (where open.status = 'queued' and open.process_after > right_now) as scheduled,
           count(*) filter (where open.status = 'leased') as leased,
           count(*) filter (where open.status = 'running') as running,
           count(*) filter (where open.status = 'retry_waiting') as retry_waiting,
           count(*) filter (where open.status = 'paused') as paused,
           count(*) filter (where open.status = 'dead_letter') as dead_letter,
           min(open.process_after) filter (where open.status = 'queued' and open.process_after <= right_now) as oldest_ready_at
    from time cross join lane left join open using (agency, job_kind)
    group by lane.agency, lane.job_kind
), pressure as (
    select lane.agency, lane.job_kind,
           count(open.job_id) filter (where open.deadline_at <= right_now) as breached,
           count(open.job_id) filter (where open.deadline_at > right_now
                                        and open.deadline_at < right_now + interval '5 minutes') as lt_5m,
           count(open.job_id) filter (where open.deadline_at >= right_now + interval '5 minutes'
                                        and open.deadline_at < right_now + interval '15 minutes') as lt_15m,
           count(open.job_id) filter (where open.deadline_at >= right_now + interval '15 minutes'
                                        and open.deadline_at < right_now + interval '1 hour') as lt_1h,
           count(open.job_id) filter (where open.deadline_at >= right_now + interval '1 hour') as later,
           count(open.job_id) filter (where open.deadline_at is null) as "none",
           min(open.deadline_at) filter (where open.deadline_at > right_now) as next_deadline_at,
           (array_agg(open.job_id order by open.deadline_at, open.job_id)
               filter (where open.deadline_at > right_now))[1] as next_job_id
    from time cross join lane left join open using (agency, job_kind)
    group by lane.agency, lane.job_kind
), send as (
    select place.agency, channel.code as channel_kind,
           count(*) filter (where open.status = 'queued' and open.process_after <= right_now) as ready,
           count(*) filter (where open.status = 'retry_waiting') as retry_waiting,
           count(*) filter (where open.status in ('leased', 'running')) as under_way,
           count(*) filter (where open.status = 'paused') as held,
           min(open.created_at) filter (
               where open.status in ('retry_waiting', 'paused') or (open.status = 'queued' and open.process_after <= right_now)
           ) as oldest_at
    from time
    cross join queue.agency as place
    cross join queue.channel
    left join open on (open.agency, open.channel_kind, open.job_kind) = (place.agency, channel.code, 'customer_message_send')
    group by place.agency, channel.code
)
select jsonb_build_array((select jsonb_agg(to_jsonb(health) order by agency, job_kind) from health),
                         (select jsonb_agg(to_jsonb(pressure) order by agency, job_kind) from pressure),
                         (select jsonb_agg(to_jsonb(send) order by agency, channel_kind) from send))
