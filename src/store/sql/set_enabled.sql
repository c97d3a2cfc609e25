-- May this program work?
select queue.set_enabled(login => $1, enabled => $2, command_id => $3)
