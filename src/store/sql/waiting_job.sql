-- What does the list of waiting jobs say of this one job, whether it still waits or not?
select job.job_id, job.job_kind, job.agency, job.channel_kind, job.safe_payload, job.priority,
       split_part(job.target_ref, '/role:', 2) as target_role,
       job.deadline_at, job.created_at, job.lease_owner, job.lease_expires_at,
       exists (select from queue.v_second_look as second where second.job_id = job.job_id) as second_look,
       exists (select from queue.hold
               where hold.resumed_at is null
                 and (hold.job_kind is null or hold.job_kind = 'customer_message_send')
                 and (hold.channel_kind is null or hold.channel_kind = job.channel_kind)
                 and (hold.agency is null or hold.agency = job.agency)) as held
from queue.job_queue as job
where job.job_id = $1
  and job.job_kind in ('customer_message_approve', 'customer_message_escalate')
