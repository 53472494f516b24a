-- How long a frame may wait for those that follow. Null is for splitcast to choose where it is a
-- stream's, and as the stream has it where it is a target's.

alter table streams add column coalesce_ms integer check (coalesce_ms between 0 and 100);
alter table targets add column coalesce_ms integer check (coalesce_ms between 0 and 100);
