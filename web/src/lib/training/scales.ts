// The ends of a chart's axes.
import type { Curve } from "./curve";
import type { Drawn } from "./draw";

export type Ends = [number, number];

/** Of all curves from side to side; on a logarithmic axis, of what is above 0. */
export function xEnds(curves: Curve[], log: boolean, from: number | null, to: number | null): Ends {
  let [low, high] = [Infinity, -Infinity];
  for (const c of curves) {
    const n = c.x0.length;
    for (let i = 0; i < n; i++) {
      if (log && c.x1[i] <= 0) continue;
      low = Math.min(low, log && c.x0[i] <= 0 ? c.x1[i] : c.x0[i]);
      high = Math.max(high, c.x1[i]);
    }
  }
  return open(from !== null && !(log && from <= 0) ? from : low, to ?? high, log);
}

/** Of what lies between two places; robust ones leave out the outermost twentieth on either side. */
export function yEnds(curves: Drawn[], [from, to]: Ends, log: boolean, robust: boolean): Ends {
  const seen: { low: number; high: number; weight: number }[] = [];
  for (const { curve: c, smooth } of curves) {
    if (smooth && robust) {
      smooth.y.forEach((y, i) => smooth.x[i] >= from && smooth.x[i] <= to && Number.isFinite(y) && (!log || y > 0) && seen.push({ low: y, high: y, weight: 1 }));
      continue;
    }
    for (let i = 0; i < c.x0.length; i++) {
      if (c.x1[i] < from || c.x0[i] > to || c.bad[i] === c.count[i]) continue;
      const [low, high] = [c.low[i], c.high[i]];
      if (!log || high > 0) seen.push({ low: log && low <= 0 ? high : low, high, weight: c.count[i] - c.bad[i] });
    }
  }
  let low = Infinity;
  let high = -Infinity;
  if (robust && seen.length > 20) {
    low = quantile(seen.map((s) => [s.low, s.weight]), 0.05);
    high = quantile(seen.map((s) => [s.high, s.weight]), 0.95);
  } else {
    for (const s of seen) [low, high] = [Math.min(low, s.low), Math.max(high, s.high)];
  }
  return padded(open(low, high, log), log);
}

function quantile(values: [number, number][], q: number): number {
  values.sort((a, b) => a[0] - b[0]);
  const all = values.reduce((sum, v) => sum + v[1], 0);
  let sum = 0;
  for (const [value, weight] of values) if ((sum += weight) >= q * all) return value;
  return values[values.length - 1][0];
}

/** Ends that enclose something. */
function open(low: number, high: number, log: boolean): Ends {
  if (!(low <= high)) return log ? [1, 10] : [0, 1];
  if (low < high) return [low, high];
  if (log) return [low / 2, high * 2];
  const pad = Math.max(Math.abs(low) * 0.05, 1e-6);
  return [low - pad, high + pad];
}

function padded([low, high]: Ends, log: boolean): Ends {
  if (log) {
    const pad = (high / low) ** 0.04;
    return [low / pad, high * pad];
  }
  const pad = (high - low) * 0.04;
  return [low >= 0 && low < pad ? low : low - pad, high + pad];
}
