-- What may this login do beyond the calls?
select session_user::text as login,
       role.rolsuper as superuser,
       exists (select from pg_roles as owner
               where owner.rolname = 'countersign_owner' and pg_has_role(session_user, owner.oid, 'member')) as owner,
       role.rolcreaterole as can_create_roles,
       array(select granted.rolname::text
             from pg_roles as granted
             where granted.rolname in ('countersign_staff', 'countersign_executor', 'countersign_producer',
                                       'countersign_monitor')
               and pg_has_role(session_user, granted.oid, 'member')
             order by granted.rolname) as groups,
       coalesce((select has_schema_privilege(session_user, namespace.oid, 'usage')
                 from pg_namespace as namespace
                 where namespace.nspname = 'queue'), false) as uses_queue
from pg_roles as role
where role.rolname = session_user
