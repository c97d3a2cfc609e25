-- Who may be answered without an approval?
select queue.sign_offs()
