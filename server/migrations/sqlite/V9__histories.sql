-- Changes put behind the history since it was saved as a whole last. `snapshot` is
-- Automerge's save format, or raw changes one after another, or the one followed by
-- the other; both parts come from the log and can be made again from it.
alter table doc add column unfolded integer not null default 0;
create index doc_to_fold on doc (org, doc) where unfolded >= 4;
