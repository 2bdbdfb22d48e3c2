-- What the rules look at, beside each row: see projection::narrow. A scorecard reads
-- a year of visits and every customer from one index, without the rows.
alter table visit add column fact blob;
alter table customer add column fact blob;

drop index visit_by_time;
create index visit_by_time on visit (at, doc, author, customer, heads, fact);
drop index customer_by_age;
create index customer_by_age on customer (created_at, doc, author, heads, fact);
