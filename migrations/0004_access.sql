-- Who may use the API. Passwords are argon2id hashes (PHC strings); tokens and sessions, which hold 256
-- random bits, are kept as SHA-256 digests.

create table users (
    id integer primary key autoincrement,
    name text not null unique collate nocase,
    role text not null check (role in ('viewer', 'operator', 'owner')),
    password text not null,
    created_at integer not null default (unixepoch()),
    last_login_at integer
) strict;

create table sessions (
    id integer primary key autoincrement,
    user_id integer not null references users (id) on delete cascade,
    digest blob not null unique,
    created_at integer not null,
    seen_at integer not null,
    address text not null,
    agent text not null
) strict;

create index sessions_of_user on sessions (user_id);

create table tokens (
    id integer primary key autoincrement,
    name text not null unique collate nocase,
    digest blob not null unique,
    hint text not null,
    scope text not null check (scope in ('read', 'operate', 'edit', 'admin')),
    user_id integer references users (id) on delete cascade,
    created_at integer not null default (unixepoch()),
    expires_at integer,
    last_used_at integer
) strict;

create index tokens_of_user on tokens (user_id);
