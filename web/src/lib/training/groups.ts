// Runs of one setting as their mean, with a band from the least to the greatest.
import { smoothed, type Curve } from "./curve";
import type { Drawn } from "./draw";
import { lookOf } from "./look";
import type { Run } from "./types";

const grid = 240; // columns of a mean

/** The value of a setting, as a group is called. */
export function groupOf(run: Run, setting: string): string {
  const value = run.config?.[setting] ?? run.tags?.[setting];
  return value === undefined || value === null ? "–" : String(value);
}

export function groupsOf(curves: Drawn[], runs: Run[], setting: string, smooth: number, paint: (ink: string) => string): Drawn[] {
  const group = new Map(runs.map((r) => [r.id, groupOf(r, setting)]));
  const members = new Map<string, Curve[]>();
  for (const d of curves) {
    const name = group.get(d.id)!;
    members.set(name, [...(members.get(name) ?? []), d.curve]);
  }
  return [...members].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true })).map(([name, list], i) => {
    const curve = meanOf(list);
    const look = lookOf(i);
    const line = smooth ? { x: curve.x1, y: smoothed(curve, smooth), exact: false } : null;
    return { id: name, name: `${setting} ${name} (${list.length})`, color: paint(look.ink), dashed: look.dashed, curve, smooth: line, faded: false };
  });
}

/** The mean of curves column by column, each counting once, with all that they reach. */
export function meanOf(curves: Curve[]): Curve {
  let [low, high] = [Infinity, -Infinity];
  for (const c of curves) {
    if (!c.x0.length) continue;
    low = Math.min(low, c.x0[0]);
    high = Math.max(high, c.x1[c.x1.length - 1]);
  }
  const places = new Set<number>();
  for (const c of curves) for (const x of c.x0) places.add(x);
  // Where all have the same few steps, those are the columns.
  const own = places.size <= grid;
  const n = low <= high ? (own ? places.size : grid) : 0;
  const width = (high - low) / grid || 1;
  const sorted = own ? [...places].sort((a, b) => a - b) : [];
  const order = new Map(sorted.map((x, i) => [x, i]));
  const column = (x: number) => (own ? order.get(x)! : Math.min(n - 1, Math.floor((x - low) / width)));
  const of = (v: number) => new Float64Array(n).fill(v);
  const out: Curve = { total: 0, before: null, after: null, x0: of(Infinity), x1: of(-Infinity), count: of(0), bad: of(0), low: of(Infinity), high: of(-Infinity), mean: of(0), last: of(NaN) };
  for (const c of curves) addOne(out, c, column);
  for (let i = 0; i < n; i++) {
    out.mean[i] /= out.count[i]; // NaN where none is finite
    out.last[i] = out.mean[i];
  }
  return seen(out);
}

/** Without the columns in which nothing lies. */
function seen(c: Curve): Curve {
  const there = Array.from(c.x0.keys()).filter((i) => c.x0[i] <= c.x1[i]);
  const pick = (a: Float64Array) => Float64Array.from(there, (i) => a[i]);
  return { ...c, x0: pick(c.x0), x1: pick(c.x1), count: pick(c.count), bad: pick(c.bad), low: pick(c.low), high: pick(c.high), mean: pick(c.mean), last: pick(c.last) };
}

function addOne(out: Curve, c: Curve, column: (x: number) => number): void {
  const sums = new Map<number, [number, number]>(); // of this curve in each column
  for (let i = 0; i < c.x0.length; i++) {
    const at = column(c.x0[i]);
    out.x0[at] = Math.min(out.x0[at], c.x0[i]);
    out.x1[at] = Math.max(out.x1[at], c.x1[i]);
    const finite = c.count[i] - c.bad[i];
    if (finite === 0) continue;
    const [sum, n] = sums.get(at) ?? [0, 0];
    sums.set(at, [sum + c.mean[i] * finite, n + finite]);
    out.low[at] = Math.min(out.low[at], c.low[i]);
    out.high[at] = Math.max(out.high[at], c.high[i]);
  }
  for (const [at, [sum, n]] of sums) {
    out.mean[at] += sum / n;
    out.count[at]++;
  }
}
