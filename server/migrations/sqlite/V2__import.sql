-- What an imported thing is called where it came from. An import looks here first,
-- so that the same file again changes nothing.
create table external_key (
    org blob not null,
    -- Whose names they are: the source that the mapping file names.
    source text not null,
    -- user, unit, customer, placeholder, product or deal.
    kind text not null,
    key text not null,
    id blob not null,
    -- JSON: each field as the file said it last. What a person changed since is not
    -- put back, because only what the file changes is written.
    fields text not null,
    imported_at integer not null,
    primary key (org, source, kind, key)
) strict, without rowid;
create index external_key_by_id on external_key (org, id, source, kind);

-- Deals name their customer, and people know customers, by name.
create index customer_by_name on customer_row (org, name);
