-- Who am I to this database, and what time is it there?
select queue.whoami()
