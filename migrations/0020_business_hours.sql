-- When an agency works, and what that does to deadlines. All of it is reckoned here, by PostgreSQL's own time zones: programs
-- only show what came out.
set local role countersign_owner;

-- By the clock on the agency's wall. An agency without a row works day and night.
create table queue.business_hours (
    agency  text     not null constraint business_hours_agency_known references queue.agency (agency),
    -- Monday is 1, Sunday is 7.
    weekday smallint not null constraint business_hours_weekday_is_one_of_seven check (weekday between 1 and 7),
    opens   time     not null,
    -- 24:00 is the midnight that ends the day.
    closes  time     not null,
    constraint business_hours_key primary key (agency, weekday, opens),
    constraint business_hours_open_before_they_close check (opens < closes)
);

-- Whole days, by the same clock, on which nobody works.
create table queue.holiday (
    agency text not null constraint holiday_agency_known references queue.agency (agency),
    day    date not null,
    constraint holiday_key primary key (agency, day)
);

-- Whether the server can tell the time in this zone: the data of a later server may know it under another name.
create function queue.knows_zone(zone text) returns boolean
language plpgsql stable security definer set search_path = queue, care, pg_temp as $$
begin
    perform now() at time zone zone;
    return true;
exception when invalid_parameter_value then
    return false;
end
$$;

-- Until when the clock on the wall runs evenly from `start_at` on: to the end of its day, or to where it jumps before that.
create function queue.runs_evenly_until(start_at timestamptz, zone text) returns timestamptz
language plpgsql immutable set timezone = 'UTC' as $$
declare
    wall     timestamp   := start_at at time zone zone;
    ahead    interval    := wall - start_at at time zone 'UTC';
    midnight timestamptz := start_at + (wall::date + 1 - wall);
    before   bigint      := floor(extract(epoch from start_at));
    behind   bigint      := extract(epoch from midnight);
    between  bigint;
begin
    if midnight at time zone zone - midnight at time zone 'UTC' = ahead then
        return midnight;
    end if;
    -- The jump lies between the two; it is on a whole second.
    while behind - before > 1 loop
        between := (before + behind) / 2;
        if to_timestamp(between) at time zone zone - to_timestamp(between) at time zone 'UTC' = ahead then
            before := between;
        else
            behind := between;
        end if;
    end loop;
    return to_timestamp(behind);
end
$$;

-- When work that begins now must be done: the time allowed runs while the clock on the agency's wall shows one of its hours, so
-- a skipped hour does not count and a doubled one counts twice. Without hours it runs through the night, and where the server
-- no longer knows the zone too: a deadline that comes too early is better than work that cannot begin. Looks at one day after
-- the other: at most 168 weeks a week that is allowed, because nobody opens for less than an hour a week.
create function queue.deadline_after(of_agency text, start_at timestamptz, allowed interval) returns timestamptz
language plpgsql stable set timezone = 'UTC' as $$
declare
    zone      text        := (select agency.time_zone from queue.agency where agency.agency = of_agency);
    holidays  date[];
    remaining interval    := allowed;
    since     timestamptz := start_at;
    wall      timestamp;
    until     timestamptz;
    span      queue.business_hours;
    opens_at  timestamptz;
    closes_at timestamptz;
begin
    if not exists (select from queue.business_hours as hours where hours.agency = of_agency) or not queue.knows_zone(zone) then
        return start_at + allowed;
    end if;
    holidays := array(select holiday.day from queue.holiday where holiday.agency = of_agency);
    loop
        wall := since at time zone zone;
        until := queue.runs_evenly_until(since, zone);
        for span in
            select hours.*
            from queue.business_hours as hours
            where hours.agency = of_agency
              and hours.weekday = extract(isodow from wall)
              and wall::date <> all (holidays)
            order by hours.opens
        loop
            opens_at := greatest(since, since + (wall::date + span.opens - wall));
            closes_at := least(until, since + (wall::date + span.closes - wall));
            if closes_at - opens_at >= remaining then
                return opens_at + remaining;
            end if;
            remaining := remaining - greatest(closes_at - opens_at, '0');
        end loop;
        since := until;
    end loop;
end
$$;

-- When the agency's day ends, and how much of its hours is left until then; nothing where it has none, or none left today.
create function queue.works_today(of_agency text, start_at timestamptz, out closes_at timestamptz, out remaining interval)
language plpgsql stable as $$
declare
    zone  text := (select agency.time_zone from queue.agency where agency.agency = of_agency);
    today date;
begin
    if not exists (select from queue.business_hours as hours where hours.agency = of_agency) or not queue.knows_zone(zone) then
        return;
    end if;
    today := (start_at at time zone zone)::date;
    if exists (select from queue.holiday as closed where (closed.agency, closed.day) = (of_agency, today)) then
        return;
    end if;
    select max(span.closes), sum(span.closes - greatest(span.opens, start_at))
    into closes_at, remaining
    from (select (today + hours.opens) at time zone zone as opens, (today + hours.closes) at time zone zone as closes
          from queue.business_hours as hours
          where (hours.agency, hours.weekday) = (of_agency, extract(isodow from today))) as span
    where span.closes > start_at;
end
$$;

-- Who may say when an agency works: its own workflow_admin, or the platform's. An agency that is not there looks like a foreign one.
create function queue.refuse_unless_administers(me queue.staff, of_agency text, call text, command uuid, asked bytea) returns jsonb
language plpgsql volatile as $$
begin
    if me.agency = of_agency and queue.has_role(me, 'workflow_admin') then
        return null;
    end if;
    return queue.refuse_unless(me, 'platform_admin', call, command, asked);
end
$$;

-- Spans such as `mon 09:00-17:00`, several a day, the last until 24:00.
create function queue.as_business_hours(of_agency text, hours text[]) returns setof queue.business_hours
language plpgsql stable as $$
declare
    weekdays constant text[] := '{mon,tue,wed,thu,fri,sat,sun}';
    spans    queue.business_hours[];
begin
    if exists (select from unnest(hours) as span
               where span is null
                  or span !~ '^(mon|tue|wed|thu|fri|sat|sun) ([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' collate "C") then
        raise exception using errcode = 'CS002', message = 'hours are spans such as mon 09:00-17:00, the last until 24:00';
    end if;
    spans := array(
        select row(of_agency, array_position(weekdays, left(span, 3)), substring(span from 5 for 5)::time, right(span, 5)::time)::queue.business_hours
        from unnest(hours) as span);
    if exists (select from unnest(spans) as span where span.opens >= span.closes)
       or exists (select from (select lag(span.closes) over (partition by span.weekday order by span.opens, span.closes) > span.opens as overlaps
                               from unnest(spans) as span) as pair
                  where pair.overlaps) then
        raise exception using errcode = 'CS002', message = 'a span ends after it begins, and before the next one of its day; what goes past midnight is two';
    end if;
    if (select coalesce(sum(span.closes - span.opens), '0') < interval '1 hour' from unnest(spans) as span) then
        raise exception using errcode = 'CS002', message = 'an agency that has hours opens for an hour a week at least; take them away where it works day and night';
    end if;
    return query select * from unnest(spans);
end
$$;

create function queue.as_days(days text[]) returns date[]
language plpgsql immutable as $$
begin
    if coalesce(cardinality(days), 0) not between 1 and 1000
       or exists (select from unnest(days) as day where day is null or day !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' collate "C") then
        raise exception using errcode = 'CS002', message = 'days are 1 to 1000 dates such as 2026-12-25';
    end if;
    return array(select make_date(left(day, 4)::integer, substring(day from 6 for 2)::integer, right(day, 2)::integer) from unnest(days) as day);
exception when datetime_field_overflow then
    raise exception using errcode = 'CS002', message = 'one of the days does not exist';
end
$$;

-- When an agency works from now on, and by whose clock; without `time_zone` by the same as before. No hours at all (null): day
-- and night. Deadlines that stand already stay.
create function queue.set_business_hours(agency text, hours text[], time_zone text default null, command_id text default null)
returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    command uuid  := queue.as_uuid(command_id, 'command_id');
    asked   bytea := queue.fingerprint('set_business_hours', jsonb_build_array(agency, hours, time_zone));
    answer  jsonb := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless_administers(me, agency, 'set_business_hours', command, asked);
    if answer is not null then
        return answer;
    end if;
    if time_zone is not null and not queue.is_zone_name(time_zone) then
        raise exception using errcode = 'CS002', message = 'there is no such time zone; names are like Europe/Berlin';
    end if;
    -- Also keeps a second setter waiting, whose hours would otherwise mix with these.
    update queue.agency as known
    set time_zone = coalesce(set_business_hours.time_zone, known.time_zone)
    where known.agency = set_business_hours.agency;
    if not found then
        perform queue.audit_not_found('set_business_hours', command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    delete from queue.business_hours as earlier where earlier.agency = set_business_hours.agency;
    if hours is not null then
        insert into queue.business_hours select * from queue.as_business_hours(agency, hours);
    end if;
    return queue.applied('set_business_hours', agency, command, asked);
end
$$;

-- Days on which an agency is closed, or with `closed` false open again as on any other.
create function queue.set_holidays(agency text, days text[], closed boolean default true, command_id text default null) returns jsonb
language plpgsql security definer set search_path = queue, care, pg_temp as $$
declare
    me      queue.staff := queue.require_staff();
    given   date[] := queue.as_days(days);
    command uuid   := queue.as_uuid(command_id, 'command_id');
    asked   bytea  := queue.fingerprint('set_holidays', jsonb_build_array(agency, given, closed));
    answer  jsonb  := queue.first_answer(command, asked);
begin
    if answer is not null then
        return answer;
    end if;
    answer := queue.refuse_unless_administers(me, agency, 'set_holidays', command, asked);
    if answer is not null then
        return answer;
    end if;
    if not exists (select from queue.agency as known where known.agency = set_holidays.agency) then
        perform queue.audit_not_found('set_holidays', command);
        return queue.remember_answer(command, asked, '{"outcome": "not_found"}');
    end if;
    if closed is distinct from false then
        insert into queue.holiday select set_holidays.agency, day from unnest(given) as day on conflict do nothing;
    else
        delete from queue.holiday where holiday.agency = set_holidays.agency and holiday.day = any (given);
    end if;
    -- Deadlines look at them day by day.
    if (select count(*) > 1000 from queue.holiday where holiday.agency = set_holidays.agency) then
        raise exception using errcode = 'CS002', message = 'an agency has 1000 holidays at most; take those away that are over';
    end if;
    return queue.applied('set_holidays', agency, command, asked);
end
$$;

reset role;
