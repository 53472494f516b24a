// How it goes, as the server tells it each second, put into what is known of streams and targets.

import type { EndpointRole, Run, RunNumbers, SourceNumbers, Status, Target, Warning } from "./api";

export interface Stats {
  streams: ({ id: number } & SourceNumbers)[];
  targets: ({ id: number; endpoint: EndpointRole; warnings: Warning[] } & RunNumbers)[];
}

/** The status as it is `elapsed` seconds later, with these numbers. */
export function withStats(status: Status, stats: Stats, elapsed: number): Status {
  const sources = new Map(stats.streams.map(({ id, ...numbers }) => [id, numbers]));
  const runs = byTarget(stats);
  const streams = status.streams.map((stream) => {
    const source = { ...stream.source, ...sources.get(stream.id), for_seconds: stream.source.for_seconds + elapsed };
    return { ...stream, source, targets: stream.targets.map((target) => updated(target, runs.get(target.id) ?? [])) };
  });
  return { ...status, streams };
}

/**
 * Whether frames came of a codec that the status does not name. Its name comes with the first frame, later than the
 * word that the encoder is there, and not with the numbers.
 */
export function lacksFacts(before: Status, after: Status): boolean {
  return after.streams.some(({ source: now }, index) => {
    const was = before.streams[index]?.source;
    if (was === undefined || now.state !== "live") return false;
    const seen = now.video_codec === null && now.video_frames > was.video_frames;
    return seen || (now.audio_codec === null && now.audio_frames > was.audio_frames);
  });
}

type Told = Stats["targets"][number];

function byTarget({ targets }: Stats): Map<number, Told[]> {
  const found = new Map<number, Told[]>();
  for (const run of targets) found.set(run.id, [...(found.get(run.id) ?? []), run]);
  return found;
}

function updated(target: Target, own: readonly Told[]): Target {
  // A target that uses its second address in place of the first has one connection, which says "backup".
  const second = target.backup === null ? undefined : own.find(({ endpoint }) => endpoint === "backup");
  const first = own.find((numbers) => numbers !== second);
  const backup = target.backup === null ? null : counted(target.backup, second);
  return { ...counted(target, first), backup };
}

function counted<Counted extends Run>(run: Counted, numbers: RunNumbers | undefined): Counted {
  // Whose they are is told with them, which is what the connection has already.
  return { ...run, ...numbers };
}
