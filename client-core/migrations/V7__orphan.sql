-- Changes that arrived before what they build on, or before their document: kept
-- beside the documents, never inside them, a few for each.
create table orphan (
    position integer primary key,
    doc      blob    not null,
    hash     blob    not null,
    bytes    blob    not null,
    unique (doc, hash)
) strict;
