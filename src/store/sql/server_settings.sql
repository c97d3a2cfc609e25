-- Can arguments or rows reach the server's log, is a commit kept, and is anything compiled that should just run?
select name, case when source = 'client' then coalesce(boot_val, setting) else setting end as value
from pg_settings
where name in (
    'log_error_verbosity', 'log_parameter_max_length', 'log_parameter_max_length_on_error', 'log_statement',
    'log_min_duration_statement', 'fsync', 'synchronous_commit', 'full_page_writes', 'autovacuum', 'jit')
order by name
