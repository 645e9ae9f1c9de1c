-- The person who took an invite may be deleted; nobody should have to look through all invites for it.
create index concurrently if not exists invite_accepted_by_idx on underpin.invite (accepted_by) where accepted_by is not null;
-- The same for their places and sessions, also those that ended: an index of the open ones alone finds not all.
create index concurrently if not exists member_person_idx on underpin.member (user_id);
create index concurrently if not exists session_person_idx on underpin.session (user_id);
