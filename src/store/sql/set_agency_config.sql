-- May this setting hold for my agency?
select queue.set_agency_config(key => $1, value => $2, command_id => $3)
