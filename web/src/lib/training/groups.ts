// Runs of one setting as their mean, with a band.
import type { Band } from "./bands";
import type { Curve } from "./curve";
import type { Run } from "./types";

export interface Group {
  name: string;
  runs: string[];
}

/** The value of a setting, as a group is called. */
export function groupOf(run: Run, setting: string): string {
  const value = run.config?.[setting] ?? run.tags?.[setting];
  return value === undefined || value === null ? "–" : String(value);
}

/** The groups by their names, numbers by value. */
export function groupsOf(runs: Run[], setting: string): Group[] {
  const members = new Map<string, string[]>();
  for (const r of runs) {
    const name = groupOf(r, setting);
    members.set(name, [...(members.get(name) ?? []), r.id]);
  }
  return [...members].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true })).map(([name, ids]) => ({ name, runs: ids }));
}

/** A band as a chart draws curves: the mean, and around it the band. */
export function curveOf(b: Band): Curve {
  return { total: b.total, before: null, after: null, x0: b.x, x1: b.x, count: b.runs, bad: new Float64Array(b.x.length), low: b.low, high: b.high, mean: b.y, last: b.y };
}
