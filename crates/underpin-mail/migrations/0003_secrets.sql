-- What opens something leaves with nobody who takes a tenant's rows along.
comment on column underpin.mail.sealed is 'secret: a mail may carry a link that signs somebody in';
