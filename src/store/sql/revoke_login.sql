-- May this login no longer do anything?
select queue.revoke_login(login => $1, command_id => $2)
