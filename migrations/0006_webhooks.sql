-- Webhooks. Columns called url, secret and old_secret hold sealed text: see src/store/seal.rs.

create table webhooks (
    id integer primary key autoincrement,
    name text not null unique,
    url blob not null,
    secret blob not null,
    -- Counts beside the present one until then, in seconds since 1970.
    old_secret blob,
    old_secret_until integer check ((old_secret is null) = (old_secret_until is null)),
    format text not null check (format in ('plain', 'discord', 'slack')),
    -- Words of src/model, with spaces between them.
    kinds text not null,
    stream_id integer references streams (id) on delete cascade,
    enabled integer not null check (enabled in (0, 1)),
    is_gone integer not null default 0 check (is_gone in (0, 1)),
    given_up integer not null default 0,
    created_at integer not null default (unixepoch()),
    updated_at integer not null default (unixepoch())
) strict;

-- Messages that are not delivered yet.
create table outbox (
    id integer primary key autoincrement,
    webhook_id integer not null references webhooks (id) on delete cascade,
    event_id text not null,
    kind text not null,
    body text not null,
    created_at_ms integer not null,
    attempts integer not null default 0 check (attempts >= 0),
    due_at_ms integer not null
) strict;

create index outbox_of_webhook on outbox (webhook_id);

-- The last tries to deliver something.
create table deliveries (
    id integer primary key autoincrement,
    webhook_id integer not null references webhooks (id) on delete cascade,
    event_id text not null,
    kind text not null,
    at_ms integer not null,
    attempt integer not null check (attempt >= 1),
    status integer,
    took_ms integer not null check (took_ms >= 0),
    error text
) strict;

create index deliveries_of_webhook on deliveries (webhook_id);
