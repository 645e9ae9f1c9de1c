-- The person who took an invite may be deleted; nobody should have to look through all invites for it.
create index concurrently if not exists invite_accepted_by_idx on underpin.invite (accepted_by) where accepted_by is not null;
