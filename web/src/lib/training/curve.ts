// A curve as the server tells it: buckets that lose no value, each no wider
// than a column of the chart (package server, runwindows.go).

export interface Curve {
  /** Points of the whole curve when it was told. */
  total: number;
  /** The nearest points outside, to which the line goes on. */
  before: [number, number] | null;
  after: [number, number] | null;
  /** Of each bucket: its extent, its points, those that are no finite number, and of the others the least, the greatest and the mean. */
  x0: Float64Array;
  x1: Float64Array;
  count: Float64Array;
  bad: Float64Array;
  low: Float64Array;
  high: Float64Array;
  mean: Float64Array;
  last: Float64Array;
}

const head = 8;

/** Reads an answer: a curve for each place that was asked for, null where there is none. */
export function decode(raw: ArrayBuffer): (Curve | null)[] {
  const all = new Float64Array(raw);
  const out: (Curve | null)[] = [];
  for (let at = 0; at < all.length; ) {
    const [place, kind, n, total, bx, by, ax, ay] = all.subarray(at, at + head);
    at += head;
    const take = () => all.slice(at, (at += n));
    const ends = { total, before: point(bx, by), after: point(ax, ay) };
    if (kind === 2) {
      const [x0, x1, count, bad, low, high, mean, last] = Array.from({ length: 8 }, take);
      out[place] = { ...ends, x0, x1, count, bad, low, high, mean, last };
    } else out[place] = kind === 1 ? { ...ends, ...ofPoints(take(), take()) } : total > 0 ? { ...ends, ...ofPoints(new Float64Array(), new Float64Array()) } : null;
  }
  return out;
}

function point(x: number, y: number): [number, number] | null {
  return Number.isNaN(x) ? null : [x, y];
}

function ofPoints(x: Float64Array, y: Float64Array) {
  const bad = y.map((v) => (Number.isFinite(v) ? 0 : 1));
  const mean = y.map((v) => (Number.isFinite(v) ? v : NaN));
  return { x0: x, x1: x, count: new Float64Array(x.length).fill(1), bad, low: mean, high: mean, mean, last: y };
}

/** From where a curve must be asked again when it has grown, and how many of its buckets stay. */
export function tailOf(c: Curve): { from: number; kept: number } | null {
  if (!c.x0.length) return null;
  let kept = c.x0.length - 1;
  while (kept > 0 && c.x1[kept - 1] >= c.x0[kept]) kept--;
  return { from: c.x0[kept], kept };
}

/** A curve with its end told anew, or null where the run went back to earlier steps, so that the whole must be asked again. */
export function joined(c: Curve, kept: number, tail: Curve, whole: boolean): Curve | null {
  const join = (a: Float64Array, b: Float64Array) => {
    const out = new Float64Array(kept + b.length);
    out.set(a.subarray(0, kept));
    out.set(b, kept);
    return out;
  };
  const out: Curve = {
    total: tail.total, before: c.before, after: tail.after,
    x0: join(c.x0, tail.x0), x1: join(c.x1, tail.x1), count: join(c.count, tail.count), bad: join(c.bad, tail.bad),
    low: join(c.low, tail.low), high: join(c.high, tail.high), mean: join(c.mean, tail.mean), last: join(c.last, tail.last),
  };
  if (whole && out.count.reduce((a, b) => a + b, 0) !== out.total) return null;
  return out;
}

/** Merges neighbours that together are no wider than a column. */
export function folded(c: Curve, columns: number): Curve {
  const n = c.x0.length;
  if (n <= 4 * columns) return c;
  const width = (c.x1[n - 1] - c.x0[0]) / columns;
  const into: number[] = []; // of each bucket
  let [k, from, to] = [-1, 0, 0];
  for (let i = 0; i < n; i++) {
    const [low, high] = [Math.min(from, c.x0[i]), Math.max(to, c.x1[i])];
    if (k >= 0 && high - low <= width) [from, to] = [low, high];
    else [k, from, to] = [k + 1, c.x0[i], c.x1[i]];
    into.push(k);
  }
  const of = (start: number) => new Float64Array(k + 1).fill(start);
  const out: Curve = { ...c, x0: of(Infinity), x1: of(-Infinity), count: of(0), bad: of(0), low: of(Infinity), high: of(-Infinity), mean: of(0), last: of(0) };
  for (let i = 0; i < n; i++) {
    const b = into[i];
    out.x0[b] = Math.min(out.x0[b], c.x0[i]);
    out.x1[b] = Math.max(out.x1[b], c.x1[i]);
    out.count[b] += c.count[i];
    out.bad[b] += c.bad[i];
    out.last[b] = c.last[i];
    const finite = c.count[i] - c.bad[i];
    if (finite === 0) continue;
    out.low[b] = Math.min(out.low[b], c.low[i]);
    out.high[b] = Math.max(out.high[b], c.high[i]);
    out.mean[b] += c.mean[i] * finite;
  }
  for (let b = 0; b <= k; b++) out.mean[b] /= out.count[b] - out.bad[b];
  return out;
}

/** The bucket that lies nearest to a place, or -1. */
export function nearest(c: Curve, x: number): number {
  let best = -1;
  let distance = Infinity;
  for (let i = 0; i < c.x0.length; i++) {
    const d = x < c.x0[i] ? c.x0[i] - x : x > c.x1[i] ? x - c.x1[i] : 0;
    if (d < distance) [best, distance] = [i, d];
  }
  return best;
}
