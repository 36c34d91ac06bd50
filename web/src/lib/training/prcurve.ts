// A precision-recall curve, as it is drawn: one point for each threshold at
// which anything is told to be positive.
import type { PRCurve } from "./types";

export interface PRPoint {
  /** From 0 to 1. */
  threshold: number;
  precision: number;
  recall: number;
  tp: number;
  fp: number;
  tn: number;
  fn: number;
}

/** The points by growing threshold, so that recall falls. Where nothing is told to be positive there is no precision. */
export function pointsOf(c: PRCurve): PRPoint[] {
  const n = c.precision.length;
  return c.precision.flatMap((precision, i) => {
    const [tp, fp] = [c.truePositives[i], c.falsePositives[i]];
    if (tp + fp === 0) return [];
    return [{ threshold: n > 1 ? i / (n - 1) : 0, precision, recall: c.recall[i], tp, fp, tn: c.trueNegatives[i], fn: c.falseNegatives[i] }];
  });
}

/** The mean of precision over recall: the sum over thresholds of precision times what recall gains there. */
export function averagePrecision(points: PRPoint[]): number {
  let [sum, recall] = [0, 0];
  for (const p of [...points].reverse()) {
    sum += p.precision * (p.recall - recall);
    recall = p.recall;
  }
  return points.length ? sum : NaN;
}

export function pathOf(points: PRPoint[], x: (recall: number) => number, y: (precision: number) => number): string {
  return points.map((p, i) => `${i ? "L" : "M"}${x(p.recall).toFixed(1)} ${y(p.precision).toFixed(1)}`).join("");
}
