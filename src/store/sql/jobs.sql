-- Which jobs match the filter, newest first, below the last one that was seen? Of those among which they are known to be.
select job_id, job_kind, status, priority, agency, target_ref, channel_kind, correlation_id, parent_job_id, payload_ref,
       safe_payload, attempt, max_attempts, created_at, process_after, deadline_at, lease_owner, lease_expires_at,
       started_at, finished_at, outcome_code, last_error_code
from queue.job_queue as job
where ($1::bigint is null or job_id < $1)
  and ($2::bigint is null or job_id = $2)
  and ($3::text[] is null or job_kind = any ($3))
  and ($4::text[] is null or status = any ($4))
  and ($5::text is null or channel_kind = $5)
  and ($6::text is null or safe_payload ->> 'language' = $6)
  and ($7::text is null or safe_payload ->> 'intent_code' = $7)
  and ($8::double precision is null or (safe_payload ->> 'confidence')::double precision < $8)
  and ($9::double precision is null or (safe_payload ->> 'confidence')::double precision > $9)
  and ($10::timestamptz is null or deadline_at < $10)
  and ($11::timestamptz is null or deadline_at > $11)
  and ($12::text is null or (lease_owner = $12 and status in ('leased', 'running')))
  and ($13::text is null or last_error_code = $13)
  and ($14::uuid is null or correlation_id = $14)
  and ($15::uuid[] is null or correlation_id = any ($15))
  and ($16::text is null or split_part(target_ref, '/role:', 2) = $16)
  -- Of what somebody did, the last thousand count and lead to their jobs: to ask each job who did it would walk them all.
  and (not $17::boolean
       or job_id = any (array(
           (select held.job_id from queue.job_queue as held
            where held.status in ('leased', 'running') and held.lease_owner = session_user)
           union all
           (select decision.job_id from queue.review_decision as decision
            where decision.decided_by = session_user::text collate "default"
            order by decision.decided_at desc
            limit 1000))))
  and ($18::text is null
       or job_id = any (array(
           select run.job_id from queue.dot_iu_command_run as run
           where run.call = 'review_revise' and run.outcome = 'applied'
             and run.login = case $18 when 'me' then session_user::text collate "default" else $18 end
           order by run.at desc
           limit 1000)))
  and ($19::text is null
       or job_id = any (array(
           select run.job_id from queue.dot_iu_command_run as run
           where run.call = 'skip_review' and run.outcome = 'applied'
             and run.login = case $19 when 'me' then session_user::text collate "default" else $19 end
           order by run.at desc
           limit 1000)))
  and ($20::bigint[] is null or job_id = any ($20))
order by job_id desc
limit $21
