-- 1 while documents of the scope arrive over several pages: what is not here may
-- still be on its way.
alter table scope add column open integer not null default 0;
-- When this file was last counted document by document, by this phone's clock.
alter table scope add column counted_at integer not null default 0;
-- When its list was last compared to the end, and what stayed wrong then.
alter table scope add column listed_at integer;
alter table scope add column fault text;

-- Lists that are being compared, and how far.
create table repair (
    scope text primary key,
    after blob,
    -- Documents that differed so far.
    found integer not null default 0
) strict, without rowid;

-- Documents that differ from the server's or cannot be read: wanted whole.
create table repair_doc (
    doc    blob primary key,
    reason text not null
) strict, without rowid;
