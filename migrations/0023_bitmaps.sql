-- Lists of jobs by what few of them have: bitmaps of the queue, drawn behind it.
--
-- A job's kind, channel, language, intent, role and confidence never change, so that whoever writes a job need not keep an index of
-- each: every later change of the row would write all of them anew, and five made it 1.1 to 1.4 times as slow. The sweep draws
-- instead, for every value, one bit a job: 4 microseconds a job behind the writers' backs and 4 bytes, where five indexes took
-- 200. Any filter over such values is an AND of a few short strings, however rare or common each of them is; at 1.2 million
-- jobs a value that none has is known after 0.7 ms, where a walk through all took 430. A bit only promises that a job may match:
-- the list looks at the job, which may have gone since. What is too young to be drawn is looked at job by job.
set local role countersign_owner;

-- A value that jobs of one agency can share, as a number, because a number carries no words. If two should ever meet in one,
-- their lists are longer to look through and no less true.
create function queue.trait(of_agency text, what text, value text) returns bigint
language sql immutable parallel safe as $$
    select hashtextextended(of_agency || ' ' || what || ' ' || value, 0)
$$;

create table queue.job_bitmap (
    trait bigint    not null,
    -- Of 8192 job ids each.
    block bigint    not null,
    jobs  bit(8192) not null,
    constraint job_bitmap_key primary key (trait, block)
) with (fillfactor = 70);
create index ix_job_bitmap_block on queue.job_bitmap using brin (block) with (pages_per_range = 16, autosummarize = on);

-- Up to where it is drawn, by a lock on its one row; no login can take that lock. All jobs up to `seen_job` have been
-- numbered, by transactions that are over as soon as none below `seen_in` is under way.
create table queue.bitmap_turn (
    drawn_to bigint not null,
    seen_job bigint not null,
    seen_in  xid8   not null
);
insert into queue.bitmap_turn values (0, 0, '0');

create function queue.traits_of(job queue.job_queue) returns setof bigint
language sql immutable parallel safe as $$
    select queue.trait(job.agency, had.what, had.value)
    from (values ('kind', job.job_kind),
                 ('channel', job.channel_kind),
                 ('language', job.safe_payload ->> 'language'),
                 ('intent', job.safe_payload ->> 'intent_code'),
                 ('role', queue.role_of(job.target_ref)),
                 ('tenth', floor((job.safe_payload ->> 'confidence')::numeric * 10)::text)) as had (what, value)
    where had.value is not null
$$;

-- Draws what has been numbered by transactions that are over, at most so many jobs; how many it went on by. Where somebody
-- else is at it, none. Whoever numbers a job has written or locked something before, so that its transaction counts.
create function queue.draw_bitmaps(at_most integer default 16384) returns bigint
language plpgsql volatile as $$
declare
    turn   queue.bitmap_turn;
    up_to  bigint;
    newest bigint;
begin
    select * into turn from queue.bitmap_turn for update skip locked;
    if not found then
        return 0;
    end if;
    up_to := turn.drawn_to;
    if turn.seen_job > turn.drawn_to and pg_snapshot_xmin(pg_current_snapshot()) >= turn.seen_in then
        up_to := least(turn.seen_job, turn.drawn_to + at_most);
        insert into queue.job_bitmap as drawn (trait, block, jobs)
        with word as (
            select trait, job.job_id / 64 as number, bit_or(1::bigint << (63 - job.job_id % 64)::integer) as bits
            from queue.job_queue as job
            cross join lateral queue.traits_of(job) as trait
            where job.job_id > turn.drawn_to and job.job_id <= up_to
            group by 1, 2
        )
        select line.trait, line.block, string_agg(coalesce(word.bits, 0)::bit(64)::text, '' order by place)::bit(8192)
        from (select distinct trait, number / 128 as block from word) as line
        cross join generate_series(0, 127) as place
        left join word on word.trait = line.trait and word.number = 128 * line.block + place
        group by line.trait, line.block
        on conflict (trait, block) do update set jobs = drawn.jobs | excluded.jobs;
    end if;
    if up_to = turn.seen_job then
        newest := pg_sequence_last_value(pg_get_serial_sequence('queue.job_queue', 'job_id'));
        turn.seen_in := pg_snapshot_xmax(pg_current_snapshot());
    end if;
    if up_to > turn.drawn_to or newest > turn.seen_job then
        update queue.bitmap_turn
        set drawn_to = up_to, seen_job = coalesce(newest, turn.seen_job), seen_in = turn.seen_in;
    end if;
    return up_to - turn.drawn_to;
end
$$;

-- The jobs whose bits are set for one of the traits of every term, newest first: `traits` and the numbers of their `terms`
-- stand side by side. Looked for in steps, each longer than the one before, and no further than `at_most` go; a block in the
-- middle of which they are full is read to its end.
create function queue.in_bitmaps(traits bigint[], terms integer[], below bigint, at_most integer) returns bigint[]
language plpgsql stable set enable_seqscan = off as $$
declare
    needed integer  := (select count(distinct term) from unnest(terms) as term);
    top    constant bigint := (below - 1) / 8192;
    -- Of the topmost block, the bits below.
    under  constant bit(8192) := ~ 0::bit(8192) << (8191 - (below - 1) % 8192)::integer;
    last   bigint   := top;
    step   integer  := 4;
    found  bigint[] := '{}';
begin
    while last >= 0 and cardinality(found) < at_most loop
        found := found || array(
            with term as (
                select drawn.block, wanted.term, bit_or(drawn.jobs) as jobs
                from unnest(traits, terms) as wanted (trait, term)
                cross join lateral (
                    select part.block, part.jobs
                    from queue.job_bitmap as part
                    where part.trait = wanted.trait and part.block > last - step and part.block <= last
                    offset 0) as drawn
                group by drawn.block, wanted.term
            ), hit as (
                select block, bit_and(case block when top then jobs & under else jobs end) as jobs
                from term
                group by block
                having count(*) = needed
            ), enough as (
                select block, jobs,
                       coalesce(sum(bit_count(jobs)) over (order by block desc rows between unbounded preceding and 1 preceding), 0) as before
                from hit
            )
            select id
            from (
                -- Between one bit that is set and the next lie those that are not.
                select 8192 * block - 1 + sum(length(gap) + 1) over (partition by block order by place) as id,
                       place <= bit_count(jobs) as is_set
                from enough
                cross join lateral string_to_table(jobs::text, '1') with ordinality as part (gap, place)
                where before < at_most) as job
            where is_set
            order by id desc);
        last := last - step;
        step := step * 4;
    end loop;
    return found[1:at_most];
end
$$;

-- Whether a job has what a filter names besides its kind and its state. Without settings of its own, so that the server writes it
-- into the walks.
create function queue.is_like(
    job queue.job_queue, channel text, language text, intent text, role text, below_confidence double precision,
    above_confidence double precision, due_before timestamptz default null, due_after timestamptz default null) returns boolean
language sql immutable parallel safe as $$
    select (channel is null or job.channel_kind = channel)
       and (language is null or job.safe_payload ->> 'language' = language)
       and (intent is null or job.safe_payload ->> 'intent_code' = intent)
       and (role is null or queue.role_of(job.target_ref) = role)
       and (below_confidence is null or (job.safe_payload ->> 'confidence')::double precision < below_confidence)
       and (above_confidence is null or (job.safe_payload ->> 'confidence')::double precision > above_confidence)
       and (due_before is null or job.deadline_at < due_before)
       and (due_after is null or job.deadline_at > due_after)
$$;

-- The newest jobs below one that may match a filter, at most so many: fewer than that are all there are. Null: nothing that the
-- filter names leads to few.
create function queue.jobs_like(
    kinds text[] default null, channel text default null, language text default null, intent text default null,
    role text default null, below_confidence double precision default null, above_confidence double precision default null,
    before bigint default null, at_most integer default 500) returns bigint[]
language plpgsql stable security definer set search_path = queue, care, pg_temp as $$
declare
    below    bigint := coalesce(before, 9223372036854775807);
    agencies text[] := array(select queue.visible_agencies());
    drawn_to bigint := (select turn.drawn_to from queue.bitmap_turn as turn);
    traits   bigint[];
    terms    integer[];
    young    bigint[];
begin
    -- Whoever sees no agency sees what it holds.
    if cardinality(agencies) = 0
       or num_nonnulls(kinds, channel, jobs_like.language, jobs_like.intent, role, below_confidence, above_confidence) = 0 then
        return null;
    end if;
    select array_agg(queue.trait(place, wanted.what, wanted.value)), array_agg(wanted.term)
    into traits, terms
    from unnest(agencies) as place
    cross join (
        select 1, 'kind', kind from unnest(kinds) as kind
        union all select 2, 'channel', channel
        union all select 3, 'language', jobs_like.language
        union all select 4, 'intent', jobs_like.intent
        union all select 5, 'role', role
        union all select 6, 'tenth', tenth::text from generate_series(0, 10) as tenth where tenth <= below_confidence * 10
        union all select 7, 'tenth', tenth::text from generate_series(0, 10) as tenth where tenth >= floor(above_confidence * 10)
    ) as wanted (term, what, value)
    where wanted.value is not null;
    young := array(
        select job.job_id
        from queue.job_queue as job
        where job.job_id > drawn_to and job.job_id < below
          and job.agency = any (agencies)
          and (kinds is null or job.job_kind = any (kinds))
          and queue.is_like(job, channel, jobs_like.language, jobs_like.intent, role, below_confidence, above_confidence)
        order by job.job_id desc
        limit at_most);
    return young || queue.in_bitmaps(
        coalesce(traits, '{}'), coalesce(terms, '{}'), least(below, drawn_to + 1), at_most - cardinality(young));
end
$$;

reset role;
