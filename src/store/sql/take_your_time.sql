-- May the statements of this transaction take longer than a screen would wait?
set local statement_timeout = 0
