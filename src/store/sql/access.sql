-- Who is registered, as what, for whom?
select login, 'staff' as class, agency, roles, '{}'::text[] as kinds, '{}'::text[] as channels,
       '{}'::text[] as agencies, true as enabled
from queue.staff
union all
select login, 'executor', null, '{}', kinds, channels, agencies, enabled
from queue.executor
union all
select login, 'producer', null, '{}', '{}', channels, agencies, enabled
from queue.producer
union all
select login, 'monitor', null, '{}', '{}', '{}', '{}', true
from queue.monitor
order by class, login
