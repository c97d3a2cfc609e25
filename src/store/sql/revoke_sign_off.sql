-- Is this customer's sign-off taken back?
select queue.revoke_sign_off(customer_ref => $1, command_id => $2)
