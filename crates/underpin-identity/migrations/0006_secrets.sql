-- What opens something leaves with nobody who takes a tenant's rows along; what only sounds like it says so.
comment on column underpin.user_password.hash is 'secret: the digest of a password';
comment on column underpin.session.token_hash is 'secret: the digest of what a browser or a program presents';
comment on column underpin.invite.token_hash is 'secret: the digest of what an invitation''s link presents';
comment on column underpin.api_key.token_hash is 'secret: the digest of what a key presents';
comment on column underpin.second_factor.secret is 'secret: what an authenticator makes its codes of, sealed';
comment on column underpin.recovery_code.code_hash is 'secret: the digest of a code that stands for a second factor';
comment on column underpin.sign_in_challenge.token_hash is 'secret: the digest of what the second step of a sign-in presents';
comment on column underpin.password_reset.token_hash is 'secret: the digest of what a reset''s link presents';
comment on column underpin.trail_head.hash is 'not secret: the end of the chain that whoever checks the trail needs';
comment on column underpin.trail_entry.hash is 'not secret: a link of the chain that whoever checks the trail needs';
comment on column underpin.account_trail_head.hash is 'not secret: the end of the chain that whoever checks the trail needs';
comment on column underpin.account_trail_entry.hash is 'not secret: a link of the chain that whoever checks the trail needs';
