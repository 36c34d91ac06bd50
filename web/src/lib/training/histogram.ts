// Histograms with bins of their own on bins that all share.
import type { Histogram } from "./types";

/** From the least to the greatest edge of all. */
export function range(list: Histogram[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { body } of list) {
    for (const e of body.edges ?? []) {
      if (!Number.isFinite(e) || Math.abs(e) > 1e300) continue;
      [low, high] = [Math.min(low, e), Math.max(high, e)];
    }
  }
  if (low > high) return [0, 1];
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

/** The share of a histogram's values in each of n bins; what lies in a bin counts as spread over it evenly. */
export function densities({ body }: Histogram, [low, high]: [number, number], n: number): number[] {
  const out = new Array<number>(n).fill(0);
  const [edges, counts] = [body.edges ?? [], body.counts ?? []];
  const all = counts.reduce((a, b) => a + b, 0);
  if (all === 0) return out;
  const place = (v: number) => Math.min(n, Math.max(0, ((v - low) / (high - low)) * n));
  counts.forEach((count, i) => {
    const [from, to] = [place(edges[i]), place(edges[i + 1])];
    if (to - from < 1e-9) {
      out[Math.min(n - 1, Math.floor(from))] += count / all;
      return;
    }
    for (let b = Math.floor(from); b < Math.min(n, Math.ceil(to)); b++) {
      out[b] += (count / all) * ((Math.min(to, b + 1) - Math.max(from, b)) / (to - from));
    }
  });
  return out;
}
