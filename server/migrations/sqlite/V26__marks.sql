-- What submitted visits are compared by over all kept history (R13): content hashes of
-- photos, and points to five decimals of a degree. Opening an older file fills it in.
create table visit_mark (
    org blob not null,
    -- 'p' and the photo's hash, or 'x' and the point.
    mark blob not null,
    doc blob not null,
    primary key (org, mark, doc)
) strict, without rowid;
create index visit_mark_by_doc on visit_mark (org, doc);
