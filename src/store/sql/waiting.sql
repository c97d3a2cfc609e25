-- What waits for my roles, in the agency's order of review?
select job.job_id, job.job_kind, job.agency, job.channel_kind, job.safe_payload, job.priority,
       split_part(job.target_ref, '/role:', 2) as target_role,
       job.deadline_at, job.created_at, job.lease_owner, job.lease_expires_at,
       job.job_id in (select second.job_id from queue.v_second_look as second) as second_look,
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
