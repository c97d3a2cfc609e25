-- Who may register everyone else, before anyone is registered?
with entered as materialized (
    select queue.enter_login(who => $1, as_class => 'staff')
)
insert into queue.staff (login, agency, roles)
select $1, null, array['platform_admin']
from entered
on conflict on constraint staff_key do nothing
