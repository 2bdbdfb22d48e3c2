-- Complaints, enquiries and surveys; "case" alone is a word of SQL's.
create table case_row (
    org blob not null,
    doc blob not null,
    author blob not null,
    customer blob,
    kind text,
    category text,
    opened_at integer,
    first_reply_at integer,
    resolved_at integer,
    heads blob not null,
    body blob not null,
    received_at integer not null,
    primary key (org, doc)
) strict;
create index case_by_customer on case_row (org, customer, opened_at);
create index case_by_opened on case_row (org, opened_at);

-- Which records are about which document: they go where it goes.
create table about (
    org blob not null,
    doc blob not null,
    -- RecordKind::ALL's order.
    rank integer not null,
    id blob not null,
    primary key (org, doc, rank, id)
) strict, without rowid;
create index about_by_record on about (org, rank, id);
