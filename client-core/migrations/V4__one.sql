-- Customers that are one, from the alias records in force: who stands for whom.
create table alias (
    doc  blob primary key,
    root blob not null
) strict, without rowid;
create index alias_by_root on alias (root, doc);

-- Values written at the same time. Computed from documents, like their rows.
create table conflict (
    doc   blob    not null,
    -- Where in the document, for example about/name.
    field text    not null,
    -- conflict or parallel_update.
    label text    not null,
    -- The latest of the times at which one of the values was written.
    at    integer not null,
    body  blob    not null,
    primary key (doc, field)
) strict, without rowid;
create index conflict_by_time on conflict (label, at, doc, field);
