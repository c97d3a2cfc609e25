-- May a few of the sends that this hold keeps go ahead of the rest?
select queue.try_resume(hold_id => $1, sends => $2, command_id => $3)
