-- Customers that are one, from the alias records in force.
create table alias (
    org blob not null,
    -- The customer that is shown no more.
    doc blob not null,
    -- The customer it is, by its record.
    target blob not null,
    -- The end of the chain: the customer that stands for it.
    root blob not null,
    primary key (org, doc)
) strict, without rowid;
create index alias_by_root on alias (org, root);

-- Values written at the same time. Computed from documents, like their rows.
create table conflict (
    org blob not null,
    doc blob not null,
    -- Where in the document, for example about/name.
    field text not null,
    -- conflict or parallel_update.
    label text not null,
    -- The latest of the times at which one of the values was written.
    at integer not null,
    -- The values as CBOR: value, actor, change and time of each, the shown one first.
    body blob not null,
    primary key (org, doc, field)
) strict, without rowid;
create index conflict_by_time on conflict (org, label, at, doc, field);
