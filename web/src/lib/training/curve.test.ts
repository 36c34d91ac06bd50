import { expect, it } from "vitest";
import { decode, folded, joined, nearest, tailOf, type Curve } from "./curve";

const answer = (...parts: number[][]) => new Float64Array(parts.flat()).buffer;
const none = [NaN, NaN, NaN, NaN];
const points = (x: number[], y: number[], total = x.length): Curve => decode(answer([0, 1, x.length, total, ...none], x, y))[0]!;

it("reads points, buckets and what is absent, in any order", () => {
  const [a, b, c] = decode(
    answer([1, 2, 1, 9, 4, 0.5, NaN, NaN], [5], [7], [3], [1], [-1], [2], [0.5], [NaN], [2, 0, 0, 0, ...none], [0, 1, 2, 2, ...none], [1, 2], [3, Infinity]),
  );
  expect([...a!.x0, ...a!.mean, ...a!.bad, ...a!.last]).toEqual([1, 2, 3, NaN, 0, 1, 3, Infinity]);
  expect([b!.total, b!.before, b!.after, b!.count[0], b!.low[0], b!.high[0]]).toEqual([9, [4, 0.5], null, 3, -1, 2]);
  expect(c).toBeNull();
});

it("joins the end of a curve that has grown", () => {
  const old = points([0, 1, 2], [5, 6, 7]);
  expect(tailOf(old)).toEqual({ from: 2, kept: 2 });
  const grown = joined(old, 2, points([2, 3], [7, 8], 4), true)!;
  expect([...grown.x0]).toEqual([0, 1, 2, 3]);
  expect([...grown.mean]).toEqual([5, 6, 7, 8]);
  expect(joined(old, 2, points([2, 3], [7, 8], 6), true)).toBeNull();
});

it("asks again for steps that several buckets share", () => {
  expect(tailOf(points([0, 4, 4, 4], [1, 2, 3, 4]))).toEqual({ from: 4, kept: 1 });
  expect(tailOf(points([], []))).toBeNull();
});

it("folds without losing a value", () => {
  const n = 10_000;
  const x = Array.from({ length: n }, (_, i) => i);
  const c = folded(points(x, x.map((i) => (i === 777 ? 99 : i === 800 ? NaN : Math.sin(i)))), 100);
  expect(c.x0.length).toBeLessThanOrEqual(201);
  expect(Math.max(...c.high)).toBe(99);
  expect(c.count.reduce((a, b) => a + b)).toBe(n);
  expect(c.bad.reduce((a, b) => a + b)).toBe(1);
  expect(c.x0.every((from, i) => c.x1[i] - from <= (n - 1) / 100)).toBe(true);
});

it("finds the bucket at a place", () => {
  const c = points([0, 1, 5], [1, 2, 3]);
  expect([-1, 2.9, 3.1, 9].map((x) => nearest(c, x))).toEqual([0, 1, 2, 2]);
});
