-- Reports as they were issued: what was told, and the facts it was computed from, so that
-- the same bytes can be computed again whatever arrived since. Both are gone (null) once
-- something that they name was erased; that there was a report, and its digests, stay.
create table issued_report (
    org blob not null,
    id blob not null,
    kind text not null,
    period text not null,
    -- The unit, or null for the whole org.
    unit blob,
    as_of integer not null,
    feed_position integer not null,
    rules_version integer not null,
    policy_version integer,
    issued_at integer not null,
    issued_by blob,
    facts_digest blob not null,
    report_digest blob not null,
    -- CBOR inside zstd.
    facts blob,
    -- The JSON inside zstd.
    report blob,
    primary key (org, id)
) strict;
create index issued_report_by_time on issued_report (org, issued_at);

-- Whom and what an issued report names.
create table issued_report_names (
    org blob not null,
    subject blob not null,
    report blob not null,
    primary key (org, subject, report)
) strict, without rowid;

-- Meetings of a team: what was decided, and who does what by when.
create table meeting (
    org blob not null,
    id blob not null,
    -- Whose: a unit and those below it, or null for the whole org.
    unit blob,
    -- The week, month or quarter it looked at.
    period text not null,
    held_on text not null,
    made_at integer not null,
    made_by blob,
    primary key (org, id)
) strict;
create index meeting_by_day on meeting (org, held_on);

create table meeting_item (
    org blob not null,
    id blob not null,
    meeting blob not null,
    -- decision or action.
    kind text not null,
    text text not null,
    owner blob,
    -- YYYY-MM-DD.
    due text,
    made_at integer not null,
    made_by blob,
    done_at integer,
    done_by blob,
    primary key (org, id)
) strict;
create index meeting_item_by_meeting on meeting_item (org, meeting, made_at);
create index meeting_item_open on meeting_item (org, due) where kind = 'action' and done_at is null;
