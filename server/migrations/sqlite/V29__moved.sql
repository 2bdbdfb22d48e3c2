-- The customer that the header of a visit names, where a record says that the visit was at
-- another one: `customer` is that other one then, and everything that asks at whom a visit
-- was finds it there.
alter table doc add column moved_from blob;
