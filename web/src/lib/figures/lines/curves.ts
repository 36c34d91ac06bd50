// Curves of a figure as numbers and as paths.
import { doublesOf } from "../../bytes";
import type { Curve, Plot } from "../types";
import type { Scale } from "./scale";

export interface Points {
  name: string;
  /** The custom property of its colour. */
  ink: string;
  dashed: boolean;
  faint: boolean;
  marked: boolean;
  x: Float64Array;
  y: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

/** How many colours the palette has; further curves begin again, dashed. */
const hues = 8;

/** The curves of all plots, as package figure (lines.go) gives them looks. */
export function curvesOf(plots: Plot[]): Points[][] {
  const taken = new Set(plots.flatMap((p) => (p.curves ?? []).map((c) => c.hue ?? 0)));
  const byName = new Map<string, number>();
  let next = 1;
  const hueOf = (c: Curve): number => {
    if (c.hue && c.hue > 0) return c.hue;
    let hue = byName.get(c.name);
    if (hue === undefined) {
      while (taken.has(next)) next++;
      hue = next++;
      byName.set(c.name, hue);
    }
    return hue;
  };
  return plots.map((p) =>
    (p.curves ?? []).map((c) => {
      const hue = hueOf(c);
      const again = Math.floor((hue - 1) / hues) % 2 === 1;
      return {
        name: c.name,
        ink: `--curve-${((hue - 1) % hues) + 1}`,
        dashed: !!c.dashed !== again,
        faint: !!c.faint,
        marked: !!c.marked,
        x: doublesOf(c.x ?? ""),
        y: doublesOf(c.y ?? ""),
        low: doublesOf(c.low ?? ""),
        high: doublesOf(c.high ?? ""),
      };
    }),
  );
}

/** Where a plot's points lie in a box of w × h. */
export class Frame {
  constructor(readonly x: Scale, readonly y: Scale, readonly w: number, readonly h: number) {}

  place(x: number, y: number): [number, number] | null {
    if (!this.x.shows(x) || !this.y.shows(y)) return null;
    return [this.w * this.x.at(x), this.h * (1 - this.y.at(y))];
  }

  inside([x, y]: [number, number]): boolean {
    return x >= -1e-6 && x <= this.w + 1e-6 && y >= -1e-6 && y <= this.h + 1e-6;
  }

  /** A curve as an SVG path, interrupted where it has no place. Of points that
   * fall on one column of the screen it keeps the first, the least, the
   * greatest and the last. */
  line(c: Points): string {
    let out = "";
    let run: [number, number][] = [];
    const flush = () => {
      if (run.length) out += polyline(this.#thin(run));
      run = [];
    };
    for (let i = 0; i < Math.min(c.x.length, c.y.length); i++) {
      const at = this.place(c.x[i], c.y[i]);
      if (at) run.push(at);
      else flush();
    }
    flush();
    return out;
  }

  /** The outline of a curve's band. */
  band(c: Points): string {
    let out = "";
    let upper: [number, number][] = [];
    let lower: [number, number][] = [];
    const flush = () => {
      if (upper.length > 1) out += polyline([...upper, ...lower.reverse()]) + "Z";
      [upper, lower] = [[], []];
    };
    for (let i = 0; i < Math.min(c.x.length, c.low.length, c.high.length); i++) {
      const [low, high] = [this.place(c.x[i], c.low[i]), this.place(c.x[i], c.high[i])];
      if (low && high) {
        upper.push(high);
        lower.push(low);
      } else flush();
    }
    flush();
    return out;
  }

  #thin(run: [number, number][]): [number, number][] {
    if (run.length <= 8 * this.w || run.some((p, i) => i > 0 && p[0] < run[i - 1][0])) return run;
    const out: [number, number][] = [];
    for (let from = 0; from < run.length; ) {
      const column = Math.floor(2 * run[from][0]);
      let [to, least, most] = [from, from, from];
      for (; to < run.length && Math.floor(2 * run[to][0]) === column; to++) {
        if (run[to][1] < run[least][1]) least = to;
        if (run[to][1] > run[most][1]) most = to;
      }
      const kept = new Set([from, Math.min(least, most), Math.max(least, most), to - 1]);
      for (const i of kept) out.push(run[i]);
      from = to;
    }
    return out;
  }

  /** The point of a curve that is nearest to a place from side to side. */
  nearest(c: Points, px: number): { at: [number, number]; i: number } | null {
    let best: { at: [number, number]; i: number } | null = null;
    for (let i = 0; i < Math.min(c.x.length, c.y.length); i++) {
      const at = this.place(c.x[i], c.y[i]);
      if (at && this.inside(at) && (!best || Math.abs(at[0] - px) < Math.abs(best.at[0] - px))) best = { at, i };
    }
    return best;
  }
}

function polyline(points: [number, number][]): string {
  // A point between gaps is a line of no length, which a round cap makes a dot.
  if (points.length === 1) return `M${place(points[0])}l0 0`;
  return points.map((p, i) => (i ? "L" : "M") + place(p)).join("");
}

const place = ([x, y]: [number, number]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
