-- What the rules look at, beside the whole row; see client_core::projection::narrow.
-- Null in rows written by an older program: those are read from the whole row.
alter table visit_row add column fact blob;
alter table customer_row add column fact blob;
