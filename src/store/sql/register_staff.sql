-- May this login act in these roles?
select queue.register_staff(login => $1, agency => $2, roles => $3, command_id => $4)
