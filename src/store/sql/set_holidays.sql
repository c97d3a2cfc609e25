-- May this agency be closed, or open again, on these days?
select queue.set_holidays(agency => $1, days => $2, closed => $3, command_id => $4)
