-- Who may see how far this database is? Everyone who can connect.
grant select on public._sqlx_migrations to public
