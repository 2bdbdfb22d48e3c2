-- A code that brings a person onto a phone without a password.
create table enrolment_code (
    -- SHA-256 of the code.
    hash blob primary key,
    org blob not null,
    user blob not null,
    -- Who made it; null for the command line.
    made_by blob,
    made_at integer not null,
    expires_at integer not null,
    -- A newer one was made before this one was used.
    replaced_at integer,
    used_at integer,
    -- The device it enrolled, and the hash of what that phone alone knows.
    device blob,
    proof blob
) strict, without rowid;
create index enrolment_code_by_user on enrolment_code (org, user, made_at);

-- Until when a password that was given out is good; null for ever.
alter table user add column password_until integer;

-- What exactly was done, for people: a role before and after, a device's name.
alter table audit add column detail text;
create index audit_by_subject on audit (org, subject, at);
