-- Who owns what, and where things live.
--
-- Everything belongs to `countersign_owner`, a role that nobody can log in as. Logins get their rights through exactly
-- one of four group roles and hold nothing by themselves. Roles belong to the whole cluster while a database is one of
-- several, so their creation tolerates that somebody else was first.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'countersign_owner', 'countersign_staff', 'countersign_executor', 'countersign_producer', 'countersign_monitor'
    ] loop
        begin
            execute format('create role %I nologin', role_name);
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
end
$$;

-- Whoever migrates acts as the owner from here on; a superuser may do so without being a member.
do $$
begin
    if not pg_has_role(current_user, 'countersign_owner', 'member') then
        execute format('grant countersign_owner to %I', current_user);
    end if;
exception when unique_violation or internal_error then
    null;
end
$$;

-- The owner hands out the group roles when somebody is registered. No function of ours creates a role: on PostgreSQL 15
-- a role with CREATEROLE can make its way into the operating system.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'countersign_staff', 'countersign_executor', 'countersign_producer', 'countersign_monitor'
    ] loop
        begin
            execute format('grant %I to countersign_owner with admin option', role_name);
        exception when unique_violation or internal_error then
            null;
        end;
    end loop;
end
$$;

-- Compiling a plan takes the longer the more a statement reads, up to a second of processor time for one that then runs for
-- two milliseconds, and nothing here may read much. Whoever migrates without owning the database leaves it as it is, and
-- `countersign doctor` says so.
do $$
begin
    execute format('alter database %I set jit = off', current_database());
exception when insufficient_privilege then
    null;
end
$$;

-- `queue` carries signals only. `care` is the only place with customers' words, and they lie there sealed.
create schema queue authorization countersign_owner;
create schema care authorization countersign_owner;

-- What comes later is closed until it is opened on purpose.
alter default privileges for role countersign_owner revoke execute on functions from public;
alter default privileges for role countersign_owner revoke usage on types from public;

grant usage on schema queue to countersign_staff, countersign_executor, countersign_producer, countersign_monitor;
