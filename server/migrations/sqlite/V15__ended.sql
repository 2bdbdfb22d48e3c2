-- What there was of a history that began anew: the names of its changes, eight bytes each.
-- A phone that did not hear that one of them was taken is told so, and does not write it
-- again on the new history.
create table ended (
    org blob not null,
    doc blob not null,
    generation integer not null,
    changes blob not null,
    primary key (org, doc, generation)
) strict, without rowid;
