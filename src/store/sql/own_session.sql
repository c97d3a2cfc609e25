-- Do the settings hold that this session began with, or does a pooler stand between?
select current_setting('countersign.session', true) is not distinct from 'own' as own_session
