-- What targets need to look after themselves. Words are those of src/model; columns called backup_url
-- and backup_key hold sealed text like url and key.

alter table streams add column hold_seconds integer not null default 60
    check (hold_seconds between 0 and 600);
alter table streams add column takeover text not null default 'newest_if_silent'
    check (takeover in ('newest_if_silent', 'newest_wins', 'refuse'));
alter table streams add column on_unpublish text not null default 'end'
    check (on_unpublish in ('end', 'hold'));

alter table targets add column start_mode text not null default 'with_source'
    check (start_mode in ('with_source', 'manual'));
alter table targets add column started integer not null default 1 check (started in (0, 1));
alter table targets add column backup_url blob;
alter table targets add column backup_key blob check ((backup_key is null) = (backup_url is null));
alter table targets add column backup_policy text not null default 'failover'
    check (backup_policy in ('failover', 'both'));

create table events (
    id integer primary key autoincrement,
    target_id integer not null references targets (id) on delete cascade,
    at_ms integer not null,
    endpoint text not null check (endpoint in ('primary', 'backup')),
    from_state text not null,
    state text not null,
    step text,
    kind text,
    reason text not null,
    attempt integer not null check (attempt >= 0),
    lasted_ms integer not null check (lasted_ms >= 0),
    next_try_at_ms integer,
    -- 0: a step of a try; 1: a try that failed; 2: what ended a state that lasted, or began one.
    class integer not null generated always as (
        case
            when from_state in ('live', 'holding') then 2
            when state in ('resolving', 'connecting', 'tls', 'publishing') then 0
            when state in ('backing_off', 'blocked') then 1
            else 2
        end
    ) virtual
) strict;

-- An index ends with the row's number, so these have each target's events in their order, too.
create index events_of_target on events (target_id);
create index events_of_class on events (target_id, class);
create index events_by_age on events (at_ms);
