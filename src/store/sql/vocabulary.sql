-- Which codes are registered, in all lists or in one?
select list, code, agency, used_by, effect, final
from (
    select 'language' as list, code, null::text as agency, '{}'::text[] as used_by, null::text as effect, null::boolean as final
    from queue.language
    union all
    select 'intent', code, null, '{}', null, null from queue.intent
    union all
    select 'routing_hint', code, null, '{}', null, null from queue.routing_hint
    union all
    select 'channel', code, null, '{}', null, null from queue.channel
    union all
    select 'host', code, agency, '{}', null, null from queue.host
    union all
    select 'reason', code, null, used_by, null, null from queue.reason
    union all
    select 'error_code', code, null, '{}', effect, final from queue.error_code
) as word
where $1::text is null or list = $1
order by list, code, agency nulls first
