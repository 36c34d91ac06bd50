import { expect, it } from "vitest";
import { densities, range } from "./histogram";

const h = (edges: number[], counts: number[]) => ({ step: 0, body: { edges, counts } });

it("spreads bins over others and loses nothing", () => {
  expect(densities(h([0, 1, 2], [1, 3]), [0, 4], 4)).toEqual([0.25, 0.75, 0, 0]);
  expect(densities(h([0, 4], [8]), [0, 4], 4)).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(densities(h([1, 1], [5]), [0, 4], 4)).toEqual([0, 1, 0, 0]);
  expect(densities(h([4, 4], [5]), [0, 4], 4)).toEqual([0, 0, 0, 1]);
  expect(densities(h([], []), [0, 4], 2)).toEqual([0, 0]);
});

it("reaches from the least to the greatest edge", () => {
  expect(range([h([0, 1], [1]), h([-3, 0.5], [1])])).toEqual([-3, 1]);
  expect(range([h([-1.8e308, 2, 3], [1, 1])])).toEqual([2, 3]);
  expect(range([h([2, 2], [1])])).toEqual([1.5, 2.5]);
  expect(range([])).toEqual([0, 1]);
});
