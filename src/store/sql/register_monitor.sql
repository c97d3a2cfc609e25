-- May this login count?
select queue.register_monitor(login => $1, command_id => $2)
