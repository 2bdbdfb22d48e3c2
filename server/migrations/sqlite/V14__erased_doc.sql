-- Of which documents something was erased, how, and which generation began by it: a phone
-- that gives one back to a server which lost it must not bring back what was erased.
create table erased_doc (
    org blob not null,
    doc blob not null,
    redaction text not null,
    generation integer not null,
    primary key (org, doc, redaction)
) strict, without rowid;
