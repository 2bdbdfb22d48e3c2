-- One file is one replica: what one person of one org holds on one phone.
-- Ids are 16-byte blobs, instants are UTC milliseconds, dates are YYYY-MM-DD.

-- Who this replica is and how far it has come; values are CBOR.
create table meta (
    key   text primary key,
    value blob not null
) strict, without rowid;

-- The documents. Only writing and history read `snapshot`; screens read projections.
create table doc (
    rowid_     integer primary key,
    id         blob    not null unique,
    kind       text    not null,
    generation integer not null,
    header     blob    not null,
    heads      blob    not null,
    -- What the server is known to hold; null until it holds anything.
    acked      blob,
    -- 1 after the last scope was left while edits still waited for an answer.
    leaving    integer not null default 0,
    snapshot   blob    not null
) strict;
create index doc_leaving on doc (leaving) where leaving = 1;
create index doc_kind on doc (kind, id);

-- The outbox: changes made here that the server has not confirmed.
create table change (
    position  integer primary key autoincrement,
    doc       blob    not null,
    hash      blob    not null unique,
    actor_seq integer not null,
    bytes     blob    not null,
    header    blob    not null,
    stamp     blob,
    state     text    not null check (state in ('saved', 'sent', 'rejected', 'quarantined', 'set_aside')),
    code      text,
    reason    text,
    saved_at  integer not null,
    sent_at   integer
) strict;
create index change_doc on change (doc, position);
create index change_waiting on change (position) where state in ('saved', 'sent');
create index change_state on change (state);

-- Projections: what screens, search and rules read. Rebuildable from doc.
create table customer (
    doc        blob    primary key,
    author     blob    not null,
    sort_key   text    not null,
    created_at integer not null,
    version    integer not null,
    heads      blob    not null,
    body       blob    not null
) strict, without rowid;
create index customer_by_name on customer (sort_key, doc);
create index customer_by_age on customer (created_at, doc);

-- One narrow row per customer: any substring search is a scan of this table,
-- about 150 bytes a customer, because a trigram index cannot find one character.
create table customer_search (
    doc    blob primary key,
    names  text not null,
    sounds text not null,
    phones text not null
) strict, without rowid;

create table customer_phone (
    doc  blob not null,
    e164 text not null,
    primary key (doc, e164)
) strict, without rowid;
create index customer_phone_by_number on customer_phone (e164);

create table visit (
    doc          blob    primary key,
    customer     blob,
    author       blob    not null,
    at           integer not null,
    ended_at     integer,
    submitted_at integer,
    -- 1 while a check-in waits for its check-out or quick log.
    open         integer not null,
    version      integer not null,
    heads        blob    not null,
    body         blob    not null
) strict, without rowid;
create index visit_by_time on visit (at, doc);
create index visit_by_customer on visit (customer, at, doc);
create index visit_by_author on visit (author, at, doc);
create index visit_open on visit (author, customer) where open = 1;

create table deal (
    doc            blob    primary key,
    customer       blob,
    author         blob    not null,
    stage          text,
    outcome        text,
    expected_close text,
    created_at     integer not null,
    version        integer not null,
    heads          blob    not null,
    body           blob    not null
) strict, without rowid;
create index deal_by_age on deal (created_at, doc);
create index deal_by_customer on deal (customer, created_at, doc);
create index deal_by_stage on deal (stage, created_at, doc);

create table plan (
    doc     blob    primary key,
    author  blob    not null,
    date    text,
    version integer not null,
    heads   blob    not null,
    body    blob    not null
) strict, without rowid;
create index plan_by_date on plan (author, date);

-- The server's records, read-only here.
create table record (
    kind    text    not null,
    id      blob    not null,
    version integer not null,
    body    blob    not null,
    primary key (kind, id)
) strict, without rowid;

-- Who holds a customer or deal now, from the placement records.
create table holding (
    subject blob primary key,
    owner   blob not null,
    tier    text
) strict, without rowid;
create index holding_by_owner on holding (owner, subject);

-- Which scopes make a document visible here.
create table membership (
    doc   blob not null,
    scope text not null,
    primary key (doc, scope)
) strict, without rowid;
create index membership_by_scope on membership (scope, doc);

-- Scopes that were sent completely, with what the server and this file count.
create table scope (
    scope        text    primary key,
    completed_at integer not null,
    server_count integer not null,
    server_sum   blob    not null,
    local_count  integer not null,
    local_sum    blob    not null
) strict, without rowid;

-- Requests to the server, answered by records.
create table command (
    id        blob    primary key,
    kind      text    not null,
    body      blob    not null,
    state     text    not null check (state in ('saved', 'sent', 'refused')),
    reason    text,
    queued_at integer not null
) strict, without rowid;

-- Documents dropped after a leave, until the server knows.
create table purged (
    doc blob primary key
) strict, without rowid;

-- What arrived and could not be used: kept, so that it can be looked at.
create table fault (
    position integer primary key,
    at       integer not null,
    subject  blob,
    what     text    not null,
    reason   text    not null,
    bytes    blob
) strict;
