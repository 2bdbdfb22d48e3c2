-- The org comes first in every key. Ids are 16-byte blobs, instants are
-- milliseconds, scopes are one letter and an id: 'o', 'n' + unit, 'u' + user.

create table org (
    org blob primary key,
    -- Last feed position given out.
    seq integer not null default 0,
    -- Changes when the file is restored from a backup.
    epoch blob not null,
    -- Signs cursors and access stamps.
    secret blob not null,
    created_at integer not null
) strict, without rowid;

-- What signing in needs. The public part of a person is a record of kind user.
create table user (
    org blob not null,
    user blob not null,
    login text not null unique,
    -- argon2id as a PHC string.
    password text not null,
    must_change integer not null default 0,
    created_at integer not null,
    primary key (org, user)
) strict, without rowid;

create table device (
    org blob not null,
    device blob not null,
    user blob not null,
    actor blob not null,
    name text not null,
    platform text not null,
    app_version text not null,
    enrolled_at integer not null,
    -- The last time the server heard from it: "known up to".
    seen_at integer not null,
    -- The last time it pushed something new.
    pushed_at integer,
    revoked_at integer,
    primary key (org, device),
    unique (org, actor)
) strict, without rowid;
create index device_by_user on device (org, user);

-- One sign-in: a device's, or a browser's (device null).
create table session (
    org blob not null,
    session blob not null,
    user blob not null,
    device blob,
    created_at integer not null,
    -- The newest token generation that was ever used; older refresh tokens are spent.
    confirmed integer not null default 0,
    latest integer not null default 0,
    revoked_at integer,
    revoked_why text,
    primary key (org, session)
) strict, without rowid;
create index session_by_user on session (org, user);
create index session_by_device on session (org, device);

create table token (
    -- SHA-256 of the token.
    hash blob primary key,
    org blob not null,
    session blob not null,
    kind text not null check (kind in ('access', 'refresh', 'web')),
    generation integer not null,
    expires_at integer not null
) strict, without rowid;
create index token_by_session on token (org, session);

-- What a user was allowed to read, version by version.
create table access (
    org blob not null,
    user blob not null,
    version integer not null,
    scopes blob not null,
    since_at integer not null,
    primary key (org, user, version)
) strict, without rowid;

create table record (
    org blob not null,
    kind text not null,
    id blob not null,
    -- The feed position at which it was written.
    version integer not null,
    body blob not null,
    written_at integer not null,
    primary key (org, kind, id)
) strict;

create table record_scope (
    org blob not null,
    scope blob not null,
    -- RecordKind::ALL's order.
    rank integer not null,
    id blob not null,
    primary key (org, scope, rank, id)
) strict, without rowid;
create index record_scope_by_id on record_scope (org, rank, id);

create table doc (
    org blob not null,
    doc blob not null,
    kind text not null,
    author blob not null,
    customer blob,
    generation integer not null,
    -- Counts commits; a writer that saw another revision starts over.
    revision integer not null,
    heads blob not null,
    -- Always current.
    snapshot blob not null,
    operations integer not null,
    first_seq integer not null,
    last_seq integer not null,
    received_at integer not null,
    changed_at integer not null,
    primary key (org, doc)
) strict;
create index doc_by_customer on doc (org, customer, kind) where customer is not null;
-- What the boards of a day ask for: documents of a kind written to since.
create index doc_by_change on doc (org, kind, changed_at);

-- The truth: everything else about documents can be rebuilt from it.
create table change (
    org blob not null,
    doc blob not null,
    -- Changes of one commit share a feed position and are ordered within it.
    seq integer not null,
    place integer not null,
    hash blob not null,
    generation integer not null,
    actor blob not null,
    actor_seq integer not null,
    bytes blob not null,
    user blob not null,
    device blob not null,
    replica blob not null,
    received_at integer not null,
    unique (org, doc, seq, place)
) strict;
create unique index change_by_actor on change (org, doc, generation, actor, actor_seq);

create table feed (
    org blob not null,
    seq integer not null,
    op text not null check (op in ('change', 'enter', 'leave', 'record', 'reset')),
    doc blob,
    -- A record's rank and id.
    rank integer,
    id blob,
    -- The scope that was left.
    scope blob,
    reason text,
    -- The replica that pushed it.
    origin blob,
    -- Tells this row from a row of the same number in a restored copy.
    mark blob not null,
    primary key (org, seq)
) strict, without rowid;

create table feed_scope (
    org blob not null,
    scope blob not null,
    seq integer not null,
    primary key (org, scope, seq)
) strict, without rowid;

create table member (
    org blob not null,
    scope blob not null,
    -- DocKind::ALL's order.
    rank integer not null,
    -- The document's first feed position: never changes, so paging by it misses nothing.
    first_seq integer not null,
    doc blob not null,
    since_seq integer not null,
    since_at integer not null,
    primary key (org, scope, rank, first_seq)
) strict, without rowid;
create index member_by_doc on member (org, doc);

-- Memberships that ended: what decides whether late work was allowed when it was done.
create table former_member (
    org blob not null,
    doc blob not null,
    scope blob not null,
    since_seq integer not null,
    since_at integer not null,
    until_seq integer not null,
    until_at integer not null,
    primary key (org, doc, scope, since_seq)
) strict, without rowid;
create index former_member_by_scope on former_member (org, scope, doc);

create table scope_digest (
    org blob not null,
    scope blob not null,
    count integer not null,
    digest blob not null,
    primary key (org, scope)
) strict, without rowid;

create table customer_row (
    org blob not null,
    doc blob not null,
    name text,
    region text,
    industry text,
    channel text,
    lifecycle text,
    created_at integer,
    heads blob not null,
    body blob not null,
    received_at integer not null,
    primary key (org, doc)
) strict;

-- Who holds a customer or deal now, from its placement record.
create table holding (
    org blob not null,
    doc blob not null,
    kind text not null,
    owner blob not null,
    unit blob not null,
    tier text,
    primary key (org, doc)
) strict, without rowid;
create index holding_by_owner on holding (org, owner, kind);
create index holding_by_unit on holding (org, unit, kind);

create table visit_row (
    org blob not null,
    doc blob not null,
    author blob not null,
    customer blob,
    customer_name text,
    mode text,
    outcome text,
    -- The start by the phone's clock; check-in if there is no start.
    started_at integer,
    ended_at integer,
    submitted_at integer,
    heads blob not null,
    body blob not null,
    received_at integer not null,
    primary key (org, doc)
) strict;
create index visit_by_author on visit_row (org, author, started_at);
create index visit_by_time on visit_row (org, started_at);
create index visit_by_customer on visit_row (org, customer, started_at);

create table deal_row (
    org blob not null,
    doc blob not null,
    author blob not null,
    customer blob,
    name text,
    stage text,
    outcome text,
    amount_minor integer,
    currency text,
    created_at integer,
    decided_at integer,
    heads blob not null,
    body blob not null,
    received_at integer not null,
    primary key (org, doc)
) strict;
create index deal_by_author on deal_row (org, author);
create index deal_by_customer on deal_row (org, customer);
create index deal_by_created on deal_row (org, created_at);
create index deal_by_decided on deal_row (org, decided_at);

create table plan_row (
    org blob not null,
    doc blob not null,
    rep blob not null,
    -- YYYY-MM-DD.
    date text,
    submitted_at integer,
    heads blob not null,
    body blob not null,
    received_at integer not null,
    primary key (org, doc)
) strict;
create index plan_by_rep on plan_row (org, rep, date);
create index plan_by_date on plan_row (org, date);

create table dirty (
    org blob not null,
    rep blob not null,
    period text not null,
    -- The feed position at the time: a mark set again meanwhile is not cleared.
    since_seq integer not null,
    primary key (org, rep, period)
) strict, without rowid;

create table scorecard (
    org blob not null,
    rep blob not null,
    period text not null,
    as_of integer not null,
    rules_version integer not null,
    policy_hash blob not null,
    inputs_digest blob not null,
    outcome_digest blob not null,
    -- The whole outcome in its canonical bytes.
    outcome blob not null,
    total_centipoints integer,
    primary key (org, rep, period)
) strict;
create index scorecard_by_period on scorecard (org, period);

create table command (
    org blob not null,
    id blob not null,
    user blob not null,
    device blob not null,
    kind text not null,
    body blob not null,
    refused text,
    received_at integer not null,
    primary key (org, id)
) strict;

create table quarantine (
    id integer primary key,
    org blob not null,
    doc blob not null,
    -- SHA-256 of the bytes, so that a repeated push is kept once.
    hash blob not null,
    user blob not null,
    device blob not null,
    reason text not null,
    header blob not null,
    bytes blob not null,
    received_at integer not null,
    unique (org, doc, hash)
) strict;

create table audit (
    id integer primary key,
    org blob not null,
    at integer not null,
    user blob,
    device blob,
    what text not null,
    subject blob
) strict;
create index audit_by_org on audit (org, at);
