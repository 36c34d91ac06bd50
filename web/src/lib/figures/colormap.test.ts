import { describe, expect, it } from "vitest";
import type { Colormap } from "../types";
import { colorAt, isSigned, overlayTable, paint, visibility } from "./colormap";

const grays: Colormap = {
  name: "gray", type: "safe", about: "",
  colors: Array.from({ length: 256 }, (_, i) => [i, i, 255 - i]),
};

it("looks colours up by strength, with the ends beyond", () => {
  expect(colorAt(grays, 0)).toEqual([0, 0, 255]);
  expect(colorAt(grays, 0.5)).toEqual([128, 128, 127]);
  expect(colorAt(grays, 7)).toEqual([255, 255, 0]);
  expect(colorAt(grays, -1)).toEqual([0, 0, 255]);
  expect(colorAt(grays, NaN)).toEqual([0, 0, 255]);
});

describe("visibility", () => {
  it("rises from nothing to all", () => {
    expect(visibility(0)).toBe(0);
    expect(visibility(1)).toBe(1);
    for (let t = 0; t < 1; t += 0.01) expect(visibility(t + 0.01)).toBeGreaterThan(visibility(t));
    expect(visibility(0.1)).toBeLessThan(0.1);
    expect(visibility(0.6)).toBeGreaterThan(0.6);
  });
});

describe("overlayTable", () => {
  it("has the full opacity at the strong end only", () => {
    const table = overlayTable(grays, 0.6, false);
    expect([...table.slice(0, 4)]).toEqual([0, 0, 255, 0]);
    expect([...table.slice(-4)]).toEqual([255, 255, 0, 153]);
  });
  it("is strong at both ends of a map with both signs, and clear between", () => {
    const table = overlayTable(grays, 1, true);
    const alpha = (i: number) => table[4 * i + 3];
    expect(alpha(0)).toBe(255);
    expect(alpha(255)).toBe(255);
    expect(alpha(127)).toBe(0);
  });
  it("takes no opacity beyond its range", () => {
    expect(overlayTable(grays, 9, false)[4 * 255 + 3]).toBe(255);
    expect(overlayTable(grays, -1, false)[4 * 255 + 3]).toBe(0);
  });
});

it("a map is signed if its colours and its values have two sides", () => {
  const cool: Colormap = { ...grays, type: "diverging" };
  expect(isSigned(cool, -1, 2)).toBe(true);
  expect([isSigned(cool, 0, 2), isSigned(cool, null, 2), isSigned(grays, -1, 2)]).toEqual([false, false, false]);
});

it("paints strengths, and hatches what is no number", () => {
  const out = new Uint8ClampedArray(12);
  paint(Float32Array.of(1, 0, NaN), 3, overlayTable(grays, 1, false), out);
  expect([...out.slice(0, 8)]).toEqual([255, 255, 0, 255, 0, 0, 255, 0]);
  expect([...out.slice(8)]).toEqual([128, 132, 140, 90]);
});
