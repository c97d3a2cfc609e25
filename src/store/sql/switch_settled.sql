-- Can no insert contradict the switches any more?
select queue.switch_settled()
