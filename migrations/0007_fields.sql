-- Who may publish a stream from where, what people note, and the order of a stream's targets.

-- Networks with spaces between them; none is everybody.
alter table streams add column allow_from text not null default '';
alter table streams add column notes text not null default '';

alter table targets add column notes text not null default '';
-- The lower, the earlier among its stream's. There may be gaps.
alter table targets add column position integer not null default 0;

update targets set position = numbered.position
    from (select id, row_number() over (partition by stream_id order by id) as position from targets) as numbered
    where numbered.id = targets.id;
