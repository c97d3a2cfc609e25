-- What server is this, and how full is it?
select current_setting('server_version_num')::integer as version_number,
       current_setting('server_version') as version,
       current_database()::text as database,
       current_setting('server_encoding') as encoding,
       pg_is_in_recovery() as in_recovery,
       clock_timestamp() as clock,
       (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
       current_setting('max_connections')::integer as max_connections
