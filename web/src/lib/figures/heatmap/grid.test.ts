import { expect, it } from "vitest";
import type { HeatMap } from "../types";
import { gridOf } from "./grid";

const map = (method: string, layer: string, cls: number): HeatMap => ({ method, layer, class: cls, label: "", w: 1, h: 1, values: "", low: 0, high: 1 });
const show = (maps: HeatMap[]) => {
  const grid = gridOf(maps);
  return [grid.columns, grid.maps.map((m) => m.method + m.layer + m.class).join(" ")];
};

it("puts ways side by side and classes below one another", () => {
  expect(show([map("a", "x", 1), map("a", "x", 2), map("b", "x", 1), map("b", "x", 2)])).toEqual([2, "ax1 bx1 ax2 bx2"]);
  expect(show([map("a", "x", 2), map("a", "y", 2)])).toEqual([2, "ax2 ay2"]);
});
it("puts classes side by side where there is one way", () => {
  expect(show([map("a", "x", 9), map("a", "x", 3), map("a", "x", 5)])).toEqual([3, "ax9 ax3 ax5"]);
});
it("leaves the order where a map is missing or there are no two", () => {
  expect(show([map("a", "x", 1), map("b", "x", 1), map("b", "x", 2)])).toEqual([0, "ax1 bx1 bx2"]);
  expect(show([map("a", "x", 1)])).toEqual([0, "ax1"]);
  expect(show([])).toEqual([0, ""]);
});
