-- 1 for what a former life of this phone wrote and the server has not answered for.
alter table change add column former integer not null default 0;
-- 1 for what the server had and lost: given back with its own receipts.
alter table change add column given integer not null default 0;

-- The server's signatures under what it told, each with the list that it covers.
create table receipt (
    id        integer primary key,
    signature blob    not null,
    leaves    blob    not null,
    -- Documents that still need it; at 0 it is dropped.
    live      integer not null
) strict;

-- Which receipts vouch for what the server is known to hold of a document.
create table receipt_doc (
    doc     blob    not null,
    receipt integer not null,
    primary key (doc, receipt)
) strict, without rowid;
