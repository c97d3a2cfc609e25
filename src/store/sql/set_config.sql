-- May this setting hold for everyone?
select queue.set_config(key => $1, value => $2, council_reference => $3, command_id => $4)
