-- May this code be used?
select queue.register_code(list => $1, code => $2, effect => $3, final => $4, used_by => $5, command_id => $6)
