-- Columns called url and key hold sealed text: see src/store/seal.rs.

-- One row, by which a key file that does not belong to this database is recognised.
create table meta (
    id integer primary key check (id = 1),
    key_check blob not null
) strict;

create table streams (
    id integer primary key autoincrement,
    name text not null unique,
    app text,
    key blob not null,
    key_digest blob not null unique,
    key_is_weak integer not null check (key_is_weak in (0, 1)),
    created_at integer not null default (unixepoch())
) strict;

create table targets (
    id integer primary key autoincrement,
    stream_id integer not null references streams (id) on delete cascade,
    name text not null,
    url blob not null,
    key blob not null,
    enabled integer not null check (enabled in (0, 1)),
    created_at integer not null default (unixepoch()),
    updated_at integer not null default (unixepoch()),
    unique (stream_id, name)
) strict;
