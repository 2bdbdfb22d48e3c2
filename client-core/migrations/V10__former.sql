-- After each answer it is asked whether anything waits that a former life wrote: nearly
-- always nothing does, and then a full outbox is not to be read for it.
create index change_former on change (former) where former = 1;
