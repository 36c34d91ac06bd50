// A smoothed curve as the server tells it: the average at the last point of each
// column (package server, runsmooth.go).
import type { SmoothKnown } from "./types";

export interface Line {
  x: Float64Array;
  y: Float64Array;
}

export interface Smooth extends Line {
  /** Every point was looked at; else the means of buckets stand for them. */
  exact: boolean;
  /** The usual distance of two steps. */
  distance: number;
  /** How many points come before the last column. */
  settled: number;
  /** It is the end of one that is known. */
  goesOn: boolean;
}

const head = 8;

/** Reads an answer: a line for each place that was asked for, null where there is none. */
export function decode(raw: ArrayBuffer): (Smooth | null)[] {
  const all = new Float64Array(raw);
  const out: (Smooth | null)[] = [];
  for (let at = 0; at < all.length; ) {
    const [place, kind, n, , exact, distance, settled, goesOn] = all.subarray(at, at + head);
    at += head;
    const take = () => all.slice(at, (at += n));
    out[place] = kind === 3 ? { x: take(), y: take(), exact: exact === 1, distance, settled, goesOn: goesOn === 1 } : null;
  }
  return out;
}

/** How far a line is known: all but its last column stay. */
export function knownOf(s: Smooth): SmoothKnown | null {
  const n = s.x.length;
  return s.exact && n > 1 ? { after: s.x[n - 2], settled: s.settled, distance: s.distance } : null;
}

/** A line with its last column told anew, and what came behind it. */
export function joined(s: Smooth, more: Smooth): Smooth {
  const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a.subarray(0, a.length - 1), ...b]);
  return { ...more, goesOn: false, x: join(s.x, more.x), y: join(s.y, more.y) };
}

/** Keeps the last of each column where there are many more than columns; the two at the end stay, behind which it may go on. */
export function thinned(s: Smooth, columns: number): Smooth {
  const n = s.x.length;
  if (n <= 4 * columns) return s;
  const width = (s.x[n - 1] - s.x[0]) / columns;
  const column = (i: number) => Math.floor(s.x[i] / width);
  const kept = Array.from(s.x.keys()).filter((i) => i >= n - 2 || column(i) !== column(i + 1));
  const pick = (a: Float64Array) => Float64Array.from(kept, (i) => a[i]);
  return { ...s, x: pick(s.x), y: pick(s.y) };
}

/** The place of a line that lies nearest to x, or -1. */
export function nearestOn(l: Line, x: number): number {
  let best = -1;
  for (let i = 0; i < l.x.length; i++) {
    if (best < 0 || Math.abs(l.x[i] - x) < Math.abs(l.x[best] - x)) best = i;
  }
  return best;
}
