-- The feed position of the last thing a device stored. A copy of its data that knows
-- of less was restored or cloned.
alter table device add column stored_seq integer;
