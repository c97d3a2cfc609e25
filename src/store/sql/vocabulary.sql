-- Which codes are registered, in all lists or in one?
select list, code, used_by, effect, final
from (
    select 'language' as list, code, '{}'::text[] as used_by, null::text as effect, null::boolean as final
    from queue.language
    union all
    select 'intent', code, '{}', null, null from queue.intent
    union all
    select 'routing_hint', code, '{}', null, null from queue.routing_hint
    union all
    select 'channel', code, '{}', null, null from queue.channel
    union all
    select 'host', code, '{}', null, null from queue.host
    union all
    select 'reason', code, used_by, null, null from queue.reason
    union all
    select 'error_code', code, '{}', effect, final from queue.error_code
) as word
where $1::text is null or list = $1
order by list, code
