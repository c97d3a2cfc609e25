-- May this customer be answered without approval until then?
select queue.sign_off_customer(customer_ref => $1, expires_at => $2, command_id => $3)
