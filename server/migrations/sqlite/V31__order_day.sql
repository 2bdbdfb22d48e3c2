-- The days of an order: on which it was made, and on which it was called off. A report
-- reads the orders of its days alone.
create table order_day (
    org blob not null,
    -- As it is written: 2026-10-08.
    on_day text not null,
    id blob not null,
    primary key (org, on_day, id)
) strict, without rowid;
create index order_day_by_record on order_day (org, id);
