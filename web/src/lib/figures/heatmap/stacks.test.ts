import { describe, expect, it } from "vitest";
import type { HeatPanel } from "../types";
import { hottest, stacks } from "./stacks";

const panel = (name: string, volume?: string, values: number[] = []) =>
  ({ name, volume, image: { w: 1, h: 1, pix: "" }, maps: [{ values: btoa(String.fromCharCode(...new Uint8Array(Float32Array.from(values).buffer))) }] }) as unknown as HeatPanel;

describe("stacks", () => {
  it("puts the slices of a volume together and nothing else", () => {
    const list = [panel("a"), panel("b"), panel("v 1", "v"), panel("v 2", "v"), panel("w 1", "w"), panel("c")];
    expect(stacks(list).map((s) => s.map((p) => p.name))).toEqual([["a"], ["b"], ["v 1", "v 2"], ["w 1"], ["c"]]);
  });
  it("begins where the map is strongest", () => {
    expect(hottest([panel("1", "v", [0, 2]), panel("2", "v", [5, 1]), panel("3", "v", [4, NaN])])).toBe(1);
  });
});
