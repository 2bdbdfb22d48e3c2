-- The audit log by who did it and by what was done.
create index audit_by_user on audit (org, user, at);
create index audit_by_what on audit (org, what, at);

-- What a phone said of itself with its last sync: how many of its changes and requests
-- still wait there, and by how many milliseconds its clock is ahead of the server's. Null
-- for one that never said so.
alter table device add column waiting integer;
alter table device add column clock_ahead_ms integer;
