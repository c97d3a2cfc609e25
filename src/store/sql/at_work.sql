-- How many people and programs worked on each kind in the last minutes, and how many of each on any?
with time as materialized (
    select queue.clock() as right_now, queue.clock() - make_interval(mins => $1) as since
), seen as (
    select 'customer_message_approve' as job_kind, me.login
    from queue.staff as me, time
    where (select max(decision.decided_at) from queue.review_decision as decision where decision.decided_by = me.login) > time.since
    union
    select 'customer_message_escalate', me.login
    from queue.staff as me, time
    where (select max(run.at) from queue.dot_iu_command_run as run
           where run.login = me.login and run.call = 'take_escalation') > time.since
    union
    select held.job_kind, held.lease_owner
    from queue.job_queue as held, time
    where held.status in ('leased', 'running') and held.lease_expires_at > time.right_now
)
select job_kind, count(*) as people,
       (select count(distinct login) from seen join queue.job_kind using (job_kind) where done_by = 'person') as reviewers,
       (select count(distinct login) from seen join queue.job_kind using (job_kind) where done_by = 'program') as programs
from seen
group by job_kind
