-- Lists with filters. Each list is answered from one covering index, so that
-- counting and paging never read the bodies of rows they do not show.

-- What a text search looks in: folded names, pinyin, phone digits. Null in rows
-- written by an older program; opening the file fills those in.
alter table customer_row add column find text;
create index customer_list on customer_row
    (org, name collate nocase, doc, industry, lifecycle, find);
create index customer_unfound on customer_row (org) where find is null;

-- What the last scorecard said of the visit, and why.
alter table visit_row add column verdict text;
alter table visit_row add column reasons text;
create index visit_list on visit_row
    (org, started_at, doc, author, customer, mode, outcome, verdict, reasons);

alter table deal_row add column find text;
alter table deal_row add column priority text;
-- One product a line, with a line end on both sides of each.
alter table deal_row add column products text;
-- The last entry into a stage.
alter table deal_row add column staged_at integer;
create index deal_list on deal_row
    (org, created_at, doc, author, customer, stage, outcome, amount_minor, currency, decided_at,
     staged_at, priority, products, find, received_at);
create index deal_unfound on deal_row (org) where find is null;

-- What the owner's last scorecard said of when the customer is due.
alter table holding add column due text;
-- The last visit that counts for it, YYYY-MM-DD.
alter table holding add column due_last text;
alter table holding add column due_period text;

-- Cards written before say nothing of this yet: every one is computed again.
update scorecard set inputs_digest = zeroblob(32);
insert into dirty (org, rep, period, since_seq)
    select org, rep, period, 0 from scorecard where true
    on conflict (org, rep, period) do nothing;
