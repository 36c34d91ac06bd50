import { expect, it } from "vitest";
import { averagePrecision, pathOf, pointsOf } from "./prcurve";

// Scores 0.1, 0.4, 0.35, 0.8 of the labels 0, 0, 1, 1, at five thresholds;
// scikit-learn's average_precision_score of them is 0.8333.
const curve = {
  truePositives: [2, 2, 1, 1, 0],
  falsePositives: [2, 1, 0, 0, 0],
  trueNegatives: [0, 1, 2, 2, 2],
  falseNegatives: [0, 0, 1, 1, 2],
  precision: [0.5, 2 / 3, 1, 1, 0],
  recall: [1, 1, 0.5, 0.5, 0],
};

it("has a point where anything is told to be positive", () => {
  const points = pointsOf(curve);
  expect(points.map((p) => p.threshold)).toEqual([0, 0.25, 0.5, 0.75]);
  expect(pathOf(points, (r) => 100 * r, (p) => 10 * p)).toBe("M100.0 5.0L100.0 6.7L50.0 10.0L50.0 10.0");
});

it("means precision over recall", () => {
  expect(averagePrecision(pointsOf(curve))).toBeCloseTo(0.8333, 4);
  expect(averagePrecision([])).toBeNaN();
});
