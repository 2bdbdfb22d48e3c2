-- Where the things of a history that is over were, by the operations that made them: ids
-- and names of maps, nothing that anybody typed. Late work that was written into one of
-- them is written into the same thing of the new history.
alter table ended add column things blob;
