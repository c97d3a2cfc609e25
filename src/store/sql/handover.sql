-- What does the next shift have to know of the last hours: edited, skipped, kept, held, still undoable, escalated?
with time as materialized (
    select queue.clock() - make_interval(secs => $1) as since
), act as (
    select run.run_id, run.job_id, run.login, run.at, run.call, run.code
    from time
    join queue.dot_iu_command_run as run
      on run.at > time.since and run.outcome = 'applied'
     and run.call in ('review_revise', 'skip_review', 'review_escalate', 'sweep', 'submit_draft', 'complete_job')
), latest as (
    select distinct on (act.job_id, act.call) act.job_id, act.login, act.at, act.call, act.code
    from act
    order by act.job_id, act.call, act.run_id desc
)
select 'edited' as what, job.job_id, job.job_kind, job.agency, job.channel_kind, latest.login, latest.at, null as code,
       job.deadline_at, null::bigint as jobs
from latest
join queue.job_queue as job on job.job_id = latest.job_id and job.status in ('queued', 'leased', 'paused')
where latest.call = 'review_revise'
union all
select 'skipped', job.job_id, job.job_kind, job.agency, job.channel_kind, latest.login, latest.at, latest.code,
       job.deadline_at, null
from latest
join queue.job_queue as job on job.job_id = latest.job_id and job.status in ('queued', 'leased', 'paused')
where latest.call = 'skip_review'
union all
select 'kept', kept.job_id, null, null, null, kept.kept_by, kept.kept_at, null, null, null
from time
join queue.kept_revisions() as kept on kept.kept_at > time.since
union all
select 'hold', null, placed.job_kind, placed.agency, placed.channel_kind, placed.placed_by, placed.placed_at, placed.reason, null,
       (select count(*)
        from queue.job_queue as job
        where job.status = 'paused'
          and (placed.job_kind is null or job.job_kind = placed.job_kind)
          and (placed.channel_kind is null or job.channel_kind = placed.channel_kind)
          and (placed.agency is null or job.agency = placed.agency))
from queue.hold as placed
where placed.resumed_at is null
union all
-- It can be taken back until somebody takes what it created.
select 'undoable', decided.job_id, decided.job_kind, decided.agency, decided.channel_kind, decision.decided_by,
       decision.decided_at, decision.decision, null, null
from time
join queue.review_decision as decision on decision.decided_at > time.since and decision.undone_at is null
join queue.job_queue as decided on decided.job_id = decision.job_id
join queue.job_queue as created
  on created.job_id = decision.created_job_id and created.lease_token = 0 and created.status in ('queued', 'paused')
union all
select 'escalated', open.job_id, open.job_kind, open.agency, open.channel_kind, latest.login, latest.at, latest.code,
       open.deadline_at, null
from latest
join queue.job_queue as open
  on open.parent_job_id = latest.job_id and open.job_kind = 'customer_message_escalate'
 and open.status in ('queued', 'leased', 'paused')
where latest.code is not null
order by what, at desc, job_id
