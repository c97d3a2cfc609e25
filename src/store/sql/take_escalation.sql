-- May I take this escalation over?
select queue.take_escalation(job_id => $1, command_id => $2)
