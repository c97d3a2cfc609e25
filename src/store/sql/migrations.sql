-- Which migrations does this database have?
select version, installed_on as applied_at, checksum
from public._sqlx_migrations
where success
order by version
