-- What waits for my roles, in the agency's order of review?
select job.job_id, job.job_kind, job.agency, job.channel_kind, job.safe_payload, job.priority,
       split_part(job.target_ref, '/role:', 2) as target_role,
       job.deadline_at, job.created_at, job.lease_owner, job.lease_expires_at,
       case when job.status = 'leased' then
           (select run.at from queue.dot_iu_command_run as run
            where run.job_id = job.job_id and run.to_status = 'leased' and run.from_status <> 'leased'
            order by run.run_id desc limit 1)
       end as held_since,
       (select run.code from queue.dot_iu_command_run as run
        where run.job_id = job.job_id and run.call = 'skip_review' and run.outcome = 'applied' and run.login = session_user
        order by run.run_id desc limit 1) as skipped_because,
       queue.is_second_look(job.job_id) as second_look,
       exists (select from queue.hold
               where hold.resumed_at is null
                 and (hold.job_kind is null or hold.job_kind = 'customer_message_send')
                 and (hold.channel_kind is null or hold.channel_kind = job.channel_kind)
                 and (hold.agency is null or hold.agency = job.agency)) as held
from queue.job_queue as job
join queue.agency using (agency)
where job.job_kind in ('customer_message_approve', 'customer_message_escalate')
  and job.status in ('queued', 'leased')
  and split_part(job.target_ref, '/role:', 2) = any (
      (select staff.roles from queue.staff where staff.login = session_user)::text[])
order by (agency.review_order = 'savable_first' and job.deadline_at <= queue.clock()),
         job.deadline_at nulls last, job.priority, job.created_at, job.job_id
limit $1
