-- What a tenant's requests were answered goes with it.
select underpin.purgeable('underpin.stored_answer');
