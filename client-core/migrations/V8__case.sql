-- Complaints, enquiries and surveys; "case" alone is a word of SQL's.
create table case_row (
    doc         blob    primary key,
    customer    blob,
    author      blob    not null,
    kind        text,
    -- When the customer brought it, or when it was made.
    opened_at   integer not null,
    resolved_at integer,
    version     integer not null,
    heads       blob    not null,
    body        blob    not null
) strict, without rowid;
create index case_by_age on case_row (opened_at, doc);
create index case_by_customer on case_row (customer, opened_at, doc);
create index case_open on case_row (opened_at, doc) where resolved_at is null;
