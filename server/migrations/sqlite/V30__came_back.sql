-- Histories that a former life of the data began and that came back: each took the place of
-- the one that stood, and holds whatever was written on an earlier one.
create table came_back (
    org blob not null,
    doc blob not null,
    generation integer not null,
    primary key (org, doc, generation)
) strict, without rowid;
