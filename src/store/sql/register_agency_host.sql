-- May the readers of my agency trust this host?
select queue.register_agency_host(host => $1, command_id => $2)
