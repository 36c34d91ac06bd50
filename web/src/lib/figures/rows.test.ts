import { describe, expect, it } from "vitest";
import { arrangeRows } from "./rows";
import type { Row } from "./types";

const row = (text: string, value: number | null | undefined, depth = 0, group = false): Row => ({
  cells: [{ text }, { text: value === undefined ? "" : String(value), value }], depth, group,
});
const columns = [{ name: "layer" }, { name: "params", number: true }];
const rows = [
  row("stem", 3), row("layer1", 30, 0, true), row("conv", 10, 1), row("norm", 20, 1), row("deep", 5, 2), row("head", 7),
];
const names = (r: Row[]) => r.map((x) => x.cells![0].text);

describe("arrangeRows", () => {
  it("keeps the table's own order", () => expect(arrangeRows(rows, columns, "", null)).toEqual(rows));

  it("sorts within each group", () => {
    const got = arrangeRows(rows, columns, "", { column: 1, falling: true });
    expect(names(got)).toEqual(["layer1", "norm", "deep", "conv", "head", "stem"]);
  });

  it("keeps the groups above what matches, and all of a group that matches", () => {
    expect(names(arrangeRows(rows, columns, "DEEP", null))).toEqual(["layer1", "norm", "deep"]);
    expect(names(arrangeRows(rows, columns, "layer1", null))).toEqual(["layer1", "conv", "norm", "deep"]);
    expect(arrangeRows(rows, columns, "nothing", null)).toEqual([]);
  });

  it("puts cells that hold no number last either way", () => {
    const holes = [row("none", undefined), row("nan", null), row("zero", 0), row("two", 2)];
    // Go leaves a value of zero out of the JSON.
    holes[2] = { cells: [{ text: "zero" }, { text: "0" }] };
    expect(names(arrangeRows(holes, columns, "", { column: 1, falling: false }))).toEqual(["zero", "two", "none", "nan"]);
    expect(names(arrangeRows(holes, columns, "", { column: 1, falling: true }))).toEqual(["two", "zero", "none", "nan"]);
  });

  it("sorts names as people count", () => {
    const layers = [row("layer10", 1), row("layer9", 1)];
    expect(names(arrangeRows(layers, columns, "", { column: 0, falling: false }))).toEqual(["layer9", "layer10"]);
  });
});
