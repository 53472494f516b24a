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

-- Whether a target was live with the key it has, and whether that broadcast is over. Another key takes the row
-- away. It stands apart from targets, since it is no change to what is wanted.
create table used_keys (
    target_id integer primary key references targets (id) on delete cascade,
    is_over integer not null default 0 check (is_over in (0, 1))
) strict;

-- What a person says that a target takes; null is as its platform has it. Codecs are words with spaces in between.
alter table targets add column takes_video text;
alter table targets add column takes_audio text;
alter table targets add column takes_tracks text;
alter table targets add column takes_video_track integer;
alter table targets add column takes_audio_track integer;
alter table targets add column takes_tags text;
