-- May bodies sealed under this key be stored?
select queue.register_key(key_id => $1, agency => $2, command_id => $3)
