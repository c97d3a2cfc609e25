-- What happened after the run that I know, newest first, as far as the filter lets it through?
select run_id, at, login, call, job_id, outcome, from_status, to_status, code
from queue.dot_iu_command_run
where run_id > $1
  and ($2::bigint is null or job_id = $2)
  and ($3::text is null or login = $3)
  and ($4::text is null or code = $4 or outcome = $4)
  and ($5::text[] is null or to_status = any ($5))
  -- `session_user` compares under another collation than the column; as it stands, no index would do.
  and (not $6::boolean or login = session_user::text collate "default")
order by run_id desc
limit $7
