-- What did I decide or edit in the last quarter of an hour, and what came of it?
select decision.job_id, decision.decision, decision.reason, decision.decided_at, decision.created_job_id,
       created.status as created_status, created.finished_at as created_finished_at, created.outcome_code as created_outcome,
       case when created.job_kind = 'customer_message_send' then created.process_after end as leaves_at,
       decision.undone_at is not null as undone
from queue.review_decision as decision
left join queue.job_queue as created on created.job_id = decision.created_job_id
-- `session_user` compares under another collation than the column; as it stands, no index would do.
where decision.decided_by = session_user::text collate "default"
  and decision.decided_at > queue.clock() - interval '15 minutes'
union all
-- An edit creates no job: what came of it is what came of its own. What I decided myself later stands above.
select edit.job_id, 'revise', null, edit.at, null,
       edited.status, edited.finished_at, edited.outcome_code,
       null, false
from (select run.job_id, max(run.at) as at
      from queue.dot_iu_command_run as run
      where run.login = session_user::text collate "default"
        and run.call = 'review_revise'
        and run.outcome = 'applied'
        and run.at > queue.clock() - interval '15 minutes'
      group by run.job_id) as edit
join queue.job_queue as edited on edited.job_id = edit.job_id
where not exists (select from queue.review_decision as decision
                  where decision.job_id = edit.job_id and decision.decided_by = session_user::text collate "default")
order by decided_at desc, job_id desc
