// Axes of a parallel plot, and which lines lie within the ranges chosen on them.
import { doublesOf } from "../../bytes";
import { Scale } from "../lines/scale";
import type { ParallelFigure, ParallelScale } from "../types";

export interface Axis {
  name: string;
  ticks: { at: number; text: string }[];
  /** The place of a value: 0 below, 1 above; NaN where it has none. */
  at(v: number): number;
}

export interface Thread {
  name: string;
  strength: number;
  /** Of each axis: the place on it, NaN where there is no value. */
  at: number[];
}

/** A part of an axis: places from low to high. */
export type Range = [low: number, high: number];

function labelled(s: ParallelScale, labels: string[]): Axis {
  const at = (v: number) => (v + 0.5) / labels.length;
  const every = 1 + Math.floor(labels.length / 24);
  return {
    name: s.name,
    at,
    ticks: labels.flatMap((text, i) => (i % every === 0 ? [{ at: at(i), text }] : [])),
  };
}

export function axesOf(figure: ParallelFigure): Axis[] {
  return (figure.scales ?? []).map((s) => {
    if (s.labels?.length) return labelled(s, s.labels);
    const scale = new Scale({ log: s.log }, [s.low, s.high], 7, true);
    const at = (v: number) => (scale.shows(v) ? scale.at(v) : NaN);
    return { name: s.name, at, ticks: scale.ticks.map((t) => ({ at: scale.at(t.value), text: t.text })) };
  });
}

export function threadsOf(figure: ParallelFigure, axes: Axis[]): Thread[] {
  return (figure.threads ?? []).map((t) => {
    const values = doublesOf(t.values ?? "");
    return { name: t.name, strength: t.strength, at: axes.map((a, i) => (i < values.length ? a.at(values[i]) : NaN)) };
  });
}

/** Whether a line crosses each axis within the range chosen on it, if any is. */
export function within(t: Thread, ranges: (Range | undefined)[]): boolean {
  return ranges.every((r, i) => !r || (t.at[i] >= r[0] && t.at[i] <= r[1]));
}

/** The pieces of a line between missing values, as an SVG path. */
export function pathOf(t: Thread, x: (axis: number) => number, y: (place: number) => number): string {
  let path = "";
  let pen = false;
  t.at.forEach((place, i) => {
    if (Number.isFinite(place)) path += `${pen ? "L" : "M"}${x(i).toFixed(1)},${y(place).toFixed(1)}`;
    pen = Number.isFinite(place);
  });
  return path;
}
