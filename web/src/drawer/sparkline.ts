// The drawing of a chart, which is loaded when the first is shown.

import type uPlot from "uplot";

import { SHOWN_SECONDS } from "../lib/samples";

export interface Sparkline {
  width: number;
  height: number;
  /** How far up the scale reaches at least. */
  least: number;
  /** How many lines there are, of which the last is drawn first. */
  lines: number;
  /** The colour of one of the lines, as the page has it at the moment. */
  colour: (line: number) => string;
  /** Which of the values is pointed at. */
  point: (index: number | null) => void;
}

export async function sparkline(box: HTMLElement, wanted: Sparkline, data: uPlot.AlignedData): Promise<uPlot> {
  const { default: Plot } = await import("uplot");
  return new Plot(options(wanted), data, box);
}

function options({ width, height, least, lines, colour, point }: Sparkline): uPlot.Options {
  return {
    width,
    height,
    padding: [4, 0, 3, 0],
    legend: { show: false },
    axes: [{ show: false }, { show: false }],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: false, range: [-SHOWN_SECONDS, 0] },
      y: { range: (_plot, _min, max) => [0, Math.max(least, (max ?? 0) * 1.1)] },
    },
    series: [{}, ...Array.from({ length: lines }, (_, index) => series(lines - 1 - index, colour))],
    hooks: { setCursor: [(plot) => point(plot.cursor.idx ?? null)] },
  };
}

function series(line: number, colour: (line: number) => string): uPlot.Series {
  const drawn: uPlot.Series = {
    stroke: () => colour(line),
    width: line === 0 ? 1.75 : 1.25,
    points: { show: false },
  };
  return line === 0 ? { ...drawn, fill: () => faint(colour(line)) } : drawn;
}

/** A computed colour, so that one sees through it. */
function faint(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)");
}
