-- Which codes may come in with a conversation?
select 'language' as list, code, null::text as agency, '{}'::text[] as used_by, null::text as effect, null::boolean as final
from queue.language
union all
select 'intent', code, null, '{}', null, null from queue.intent
union all
select 'channel', code, null, '{}', null, null from queue.channel
order by list, code
