-- May this login do jobs of these kinds, channels and agencies?
select queue.register_executor(login => $1, kinds => $2, channels => $3, agencies => $4, command_id => $5)
