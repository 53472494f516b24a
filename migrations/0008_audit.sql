-- What was asked for, by whom and when; versions, by which a change is refused that somebody else's change
-- overtook; and answers that are given again to who asks again. The column answers.body holds sealed text.

alter table streams add column version integer not null default 1;
alter table targets add column version integer not null default 1;

-- A change to a version itself is none.
create trigger streams_version after update on streams when new.version = old.version begin
    update streams set version = version + 1 where id = new.id;
end;
create trigger targets_version after update on targets when new.version = old.version begin
    update targets set version = version + 1 where id = new.id;
end;

create table audit (
    id integer primary key autoincrement,
    at_ms integer not null,
    actor text not null check (actor in ('user', 'token', 'operator', 'nobody')),
    actor_id integer,
    actor_name text,
    address text not null,
    action text not null,
    subject text,
    subject_id integer,
    subject_name text,
    -- Names of fields, with commas.
    fields text not null default '',
    outcome text not null default 'asked' check (outcome in ('asked', 'done', 'refused', 'failed'))
) strict;

create table answers (
    id integer primary key autoincrement,
    digest blob not null unique,
    request blob not null,
    at integer not null default (unixepoch()),
    status integer not null,
    body blob not null
) strict;

create index answers_by_age on answers (at);
