-- May this agency work here?
select queue.register_agency(agency => $1, time_zone => $2, review_order => $3, command_id => $4)
