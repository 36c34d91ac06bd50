import { expect, it } from "vitest";
import { decode, type Curve } from "./curve";
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
