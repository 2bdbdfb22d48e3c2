-- What a reader lets go of when a scope is lost is read scope by scope, in the
-- order of documents.
create index member_by_scope on member (org, scope, doc);

-- Late work, until somebody decided on it. The change it is, as phones name it; null
-- where the bytes could not be read.
alter table quarantine add column change blob;
-- The decision record it belongs to; null for what only an administrator can judge.
alter table quarantine add column decision blob;
-- What was decided; null while it waits.
alter table quarantine add column verdict text
    check (verdict in ('accepted', 'rejected', 'handed_over'));
create index quarantine_by_decision on quarantine (org, decision, id) where decision is not null;
create index quarantine_by_device on quarantine (org, device) where verdict is null;
