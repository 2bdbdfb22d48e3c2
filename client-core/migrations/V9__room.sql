-- Not sent again before this: the server has no room for it now, or it builds on work
-- that is on its way from somewhere else.
alter table change add column retry_at integer;
-- How often it was answered so.
alter table change add column tries integer not null default 0;
create index change_held on change (retry_at) where retry_at is not null;
-- What was shown as refused for want of room goes on by itself.
update change set state = 'saved', code = 'held' where state = 'rejected' and code = 'quarantine_full';
