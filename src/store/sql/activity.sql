-- What happened after the run that I know, newest first, as far as the filter lets it through?
select run_id, at, login, call, job_id, outcome, from_status, to_status, code
from queue.dot_iu_command_run
where run_id > $1
  and ($2::bigint is null or job_id = $2)
  -- One login or one state in which few end up, as a stretch of the index in which its runs stand in order: whoever did nothing
  -- lately would be looked for through all that others did. `session_user` compares under another collation than the column.
  and ($3::text is null
       or ((login, run_id) >= ($3, $1) and (login, run_id) <= ($3, 9223372036854775807)))
  and (not $6::boolean
       or ((login, run_id) >= (session_user::text collate "default", $1)
           and (login, run_id) <= (session_user::text collate "default", 9223372036854775807)))
  -- A code or an outcome, each in its own order.
  and ($4::text is null
       or ($4 = 'applied' and outcome = $4)
       or ($4 <> 'applied' and run_id = any (array(
           (select coded.run_id from queue.dot_iu_command_run as coded
            where coded.code is not null
              and (coded.code, coded.run_id) >= ($4, $1) and (coded.code, coded.run_id) <= ($4, 9223372036854775807)
              and coded.run_id > $1
              and ($2::bigint is null or coded.job_id = $2)
              and ($3::text is null or coded.login = $3)
              and (not $6::boolean or coded.login = session_user::text collate "default")
              and ($5::text[] is null or coded.to_status = any ($5))
            order by coded.code desc, coded.run_id desc
            limit $7)
           union all
           (select ended.run_id from queue.dot_iu_command_run as ended
            where ended.outcome <> 'applied'
              and (ended.outcome, ended.run_id) >= ($4, $1) and (ended.outcome, ended.run_id) <= ($4, 9223372036854775807)
              and ended.run_id > $1
              and ($2::bigint is null or ended.job_id = $2)
              and ($3::text is null or ended.login = $3)
              and (not $6::boolean or ended.login = session_user::text collate "default")
              and ($5::text[] is null or ended.to_status = any ($5))
            order by ended.outcome desc, ended.run_id desc
            limit $7)))))
  and ($5::text[] is null
       or (cardinality($5) > 1 and to_status = any ($5))
       or (cardinality($5) = 1 and not $5 <@ '{dead_letter,paused}' and to_status = $5[1])
       or (cardinality($5) = 1 and $5 <@ '{dead_letter,paused}' and to_status in ('dead_letter', 'paused')
           and (to_status, run_id) >= ($5[1], $1) and (to_status, run_id) <= ($5[1], 9223372036854775807)))
order by case when $4 is null and $5 <@ '{dead_letter,paused}' and cardinality($5) = 1 then to_status end desc,
         case when $4 is null and $5 is null and ($3 is not null or $6) then login end desc,
         run_id desc
limit $7
