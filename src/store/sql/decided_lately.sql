-- What did I decide in the last quarter of an hour, and what came of it?
select decision.job_id, decision.decision, decision.reason, decision.decided_at, decision.created_job_id,
       created.status as created_status,
       case when created.job_kind = 'customer_message_send' then created.process_after end as leaves_at,
       decision.undone_at is not null as undone
from queue.review_decision as decision
left join queue.job_queue as created on created.job_id = decision.created_job_id
where decision.decided_by = session_user
  and decision.decided_at > queue.clock() - interval '15 minutes'
order by decision.decided_at desc, decision.decision_id desc
