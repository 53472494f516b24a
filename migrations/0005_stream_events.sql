-- The table of events holds what happens to streams, too: those rows have no target. Numbers stay as they are, and
-- go on from there.

create table all_events (
    id integer primary key autoincrement,
    stream_id integer not null references streams (id) on delete cascade,
    target_id integer references targets (id) on delete cascade,
    at_ms integer not null,
    -- What a target does since, or what happened to a stream.
    state text not null,
    -- Of targets.
    endpoint text check (endpoint in ('primary', 'backup')),
    from_state text,
    step text,
    kind text,
    reason text,
    attempt integer check (attempt >= 0),
    lasted_ms integer check (lasted_ms >= 0),
    next_try_at_ms integer,
    -- Of streams.
    peer text,
    replaced text,
    until_ms integer,
    -- 0: a step of a try; 1: a try that failed; 2: what ended a state that lasted, or began one;
    -- 3: an encoder that was refused; 4: anything else that happened to a stream.
    class integer not null generated always as (
        case
            when target_id is null and state = 'refused' then 3
            when target_id is null then 4
            when from_state in ('live', 'holding') then 2
            when state in ('resolving', 'connecting', 'tls', 'publishing') then 0
            when state in ('backing_off', 'blocked') then 1
            else 2
        end
    ) virtual,
    check (target_id is null or (endpoint is not null and from_state is not null and reason is not null
        and attempt is not null and lasted_ms is not null))
) strict;

insert into all_events (id, stream_id, target_id, at_ms, state, endpoint, from_state, step, kind, reason,
    attempt, lasted_ms, next_try_at_ms)
    select events.id, targets.stream_id, target_id, at_ms, state, endpoint, from_state, step, kind, reason,
    attempt, lasted_ms, next_try_at_ms
    from events join targets on targets.id = events.target_id order by events.id;

delete from sqlite_sequence where name = 'all_events';
insert into sqlite_sequence (name, seq) select 'all_events', seq from sqlite_sequence where name = 'events';

drop table events;
alter table all_events rename to events;

-- An index ends with the row's number, so these have each subject's events in their order, too.
create index events_of_target on events (target_id) where target_id is not null;
create index events_of_target_class on events (target_id, class) where target_id is not null;
create index events_of_stream on events (stream_id);
create index events_of_stream_class on events (stream_id, class) where target_id is null;
create index events_by_age on events (at_ms);
