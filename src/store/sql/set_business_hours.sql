-- May this agency work by these hours from now on?
select queue.set_business_hours(agency => $1, hours => $2, time_zone => $3, command_id => $4)
