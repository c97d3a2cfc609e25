-- May what this hold keeps go on?
select queue.resume(hold_id => $1, per_minute => $2, command_id => $3)
