import { expect, it } from "vitest";
import { decode, type Curve } from "./curve";
import { meanOf } from "./groups";
import { xEnds, yEnds } from "./scales";

const none = [NaN, NaN, NaN, NaN];
const points = (x: number[], y: number[]): Curve => decode(new Float64Array([0, 1, x.length, x.length, ...none, ...x, ...y]).buffer)[0]!;
const drawn = (curve: Curve) => ({ id: "", name: "", color: "", dashed: false, curve, smooth: null, faded: false });

it("ends where the curves do, or where it is told to", () => {
  const curves = [points([0, 5], [1, 2]), points([-3, 4], [1, 2])];
  expect(xEnds(curves, false, null, null)).toEqual([-3, 5]);
  expect(xEnds(curves, true, null, null)).toEqual([4, 5]);
  expect(xEnds(curves, false, 1, 2)).toEqual([1, 2]);
  expect(xEnds([], false, null, null)).toEqual([0, 1]);
});

it("holds every spike, unless outliers are left out", () => {
  const y = Array.from({ length: 100 }, (_, i) => (i === 50 ? 1000 : i / 100));
  const c = drawn(points(y.map((_, i) => i), y));
  expect(yEnds([c], [0, 99], false, false)[1]).toBeGreaterThan(1000);
  expect(yEnds([c], [0, 99], false, true)[1]).toBeLessThan(2);
  expect(yEnds([c], [60, 99], false, false)[1]).toBeLessThan(2);
  expect(yEnds([drawn(points([0, 1], [NaN, Infinity]))], [0, 1], true, false)[0]).toBeGreaterThan(0);
});

it("means runs step by step, whatever their lengths", () => {
  const mean = meanOf([points([0, 1, 2], [1, 2, 3]), points([0, 1], [3, NaN])]);
  expect([...mean.x0]).toEqual([0, 1, 2]);
  expect([...mean.mean]).toEqual([2, 2, 3]);
  expect([...mean.low]).toEqual([1, 2, 3]);
  expect([...mean.high]).toEqual([3, 2, 3]);
  expect(meanOf([]).x0.length).toBe(0);
});

it("means long runs in columns, without holes", () => {
  const x = Array.from({ length: 5000 }, (_, i) => i * 2);
  const mean = meanOf([points(x, x.map(() => 1)), points(x.map((v) => v + 1), x.map(() => 3))]);
  expect(mean.x0.length).toBeLessThanOrEqual(240);
  expect([...mean.mean].every((v) => v === 2)).toBe(true);
});
