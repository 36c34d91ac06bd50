import { expect, it } from "vitest";
import { barOf, barRange } from "./bars";
import type { Row } from "./types";

const rows = (...values: (number | null)[]): Row[] => values.map((value) => ({ cells: [{ text: "x", value }] }));

it("the longest bar fills its side of the room", () => {
  const range = barRange([...rows(-2, 4, null, NaN), { cells: [{ text: "sum", value: 99 }], group: true }], 0);
  expect(range).toEqual({ low: -2, high: 4 });
  expect(barOf(4, range)).toEqual({ from: 0.5, length: 0.5, against: false });
  expect(barOf(-2, range)).toEqual({ from: 0.25, length: 0.25, against: true });
});

it("numbers of one sign have all of the room", () => {
  expect(barOf(1, barRange(rows(1, 2), 0))).toEqual({ from: 0, length: 0.5, against: false });
  expect(barOf(-2, barRange(rows(-1, -2), 0))).toEqual({ from: 0, length: 1, against: true });
});

it("what is no number has no bar", () => {
  for (const v of [0, NaN, Infinity]) expect(barOf(v, { low: -1, high: 1 })).toBeNull();
});
