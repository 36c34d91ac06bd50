import { expect, it } from "vitest";
import { decode, joined, knownOf, nearestOn, thinned, type Smooth } from "./smooth";

const line = (x: number[], y = x): Smooth => ({ x: Float64Array.from(x), y: Float64Array.from(y), exact: true, distance: 1, settled: x.length - 1, goesOn: false });

it("reads lines and what is absent, in any order", () => {
  const [a, b] = decode(new Float64Array([1, 3, 2, 900, 0, 2.5, 7, 1, 10, 20, 0.5, 0.25, 0, 0, 0, 0, NaN, NaN, NaN, NaN]).buffer);
  expect(a).toBeNull();
  expect(b).toEqual({ x: Float64Array.of(10, 20), y: Float64Array.of(0.5, 0.25), exact: false, distance: 2.5, settled: 7, goesOn: true });
});

it("goes on behind the last column but one", () => {
  const old = line([0, 1, 2, 3]);
  expect(knownOf(old)).toEqual({ after: 2, settled: 3, distance: 1 });
  expect(knownOf(line([5]))).toBeNull();
  expect(knownOf({ ...old, exact: false })).toBeNull();
  const whole = joined(old, { ...line([3.5, 4], [7, 8]), settled: 4, goesOn: true });
  expect([...whole.x]).toEqual([0, 1, 2, 3.5, 4]);
  expect([...whole.y]).toEqual([0, 1, 2, 7, 8]);
  expect([whole.settled, whole.goesOn]).toEqual([4, false]);
});

it("stays as fine as its chart, with its end as it is", () => {
  const n = 10_000;
  const long = line(Array.from({ length: n }, (_, i) => i));
  const short = thinned(long, 100);
  expect(short.x.length).toBeLessThanOrEqual(103);
  expect([...short.x.subarray(-2)]).toEqual([n - 2, n - 1]);
  expect([...short.x].every((x, i) => x === short.y[i])).toBe(true);
  expect(thinned(line([1, 2, 3]), 1)).toEqual(line([1, 2, 3]));
});

it("finds the nearest place", () => {
  expect([-1, 1.4, 1.6, 9].map((x) => nearestOn(line([0, 1, 2]), x))).toEqual([0, 1, 2, 2]);
  expect(nearestOn(line([]), 0)).toBe(-1);
});
