-- Which settings exist, and which value holds for whom?
select config_key.key, config_key.value_type,
       config_key.lowest::double precision as lowest, config_key.highest::double precision as highest,
       config_key.default_value, config_key.per_agency,
       dot_config.agency, dot_config.value, dot_config.set_by, dot_config.set_at
from queue.config_key
left join queue.dot_config on dot_config.key = config_key.key
order by config_key.key, dot_config.agency nulls first
