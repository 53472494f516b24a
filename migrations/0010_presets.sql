-- What platforms told of their own servers. Addresses without keys, which everybody may see: not sealed.
create table platform_servers (
    platform text not null,
    position integer not null,
    at integer not null default (unixepoch()),
    id text not null,
    name text not null,
    url text not null,
    primary key (platform, position)
) strict;
