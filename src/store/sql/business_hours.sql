-- When does each agency work, on which days not at all, and can the server tell the time there?
select agency.agency, agency.time_zone, queue.knows_zone(agency.time_zone) as zone_is_known,
       array(select (array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[hours.weekday]
                    || to_char(hours.opens, ' hh24:mi') || to_char(hours.closes, '-hh24:mi')
             from queue.business_hours as hours
             where hours.agency = agency.agency
             order by hours.weekday, hours.opens) as hours,
       array(select holiday.day from queue.holiday where holiday.agency = agency.agency order by holiday.day) as holidays
from queue.agency
order by agency.agency
