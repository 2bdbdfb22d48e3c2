-- Who may not read a record any more: told to phones that come later, and what a rep's
-- cards of earlier months still look at.
create table former_record_scope (
    org blob not null,
    scope blob not null,
    rank integer not null,
    id blob not null,
    until_seq integer not null,
    primary key (org, scope, rank, id)
) strict, without rowid;

-- Placements that ended before this instant are with their former holders no longer.
alter table org add column kept_since integer not null default 0;
-- The same, once every placement was looked at.
alter table org add column let_go_until integer not null default 0;

-- What files may still call somebody or something that was erased: a keyed hash, which
-- nobody without the org's secret can turn back, so that an import asks before it
-- makes the same again.
create table erased_key (
    org blob not null,
    hash blob not null,
    primary key (org, hash)
) strict, without rowid;

-- The device that a copy of this one became, and when: it is the same phone, unless the
-- former one is heard again.
alter table device add column successor blob;
alter table device add column replaced_at integer;

-- Bytes of the history when it was saved as a whole last: what stands behind them is the
-- tail, and a tail of one and a half such histories is folded.
alter table doc add column folded integer not null default 0;
drop index doc_to_fold;
create index doc_to_fold on doc (org, doc)
    where unfolded >= 4 and 2 * length(snapshot) > 5 * folded;
