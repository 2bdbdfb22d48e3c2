-- Customers with names that are alike, of which somebody said that they are two. The pair is
-- kept with the lesser id first; a pair that is suspected again keeps its row.
create table not_same (
    org blob not null,
    one blob not null,
    other blob not null,
    at integer not null,
    -- Null for the command line.
    by_user blob,
    undone_at integer,
    primary key (org, one, other)
) strict, without rowid;
