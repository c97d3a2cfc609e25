-- Is this customer forgotten?
select queue.erase_customer(customer_ref => $1, command_id => $2)
