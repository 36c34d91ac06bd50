import { beforeEach, expect, test, vi } from "vitest";

const known = vi.hoisted(() => {
  const one = () => ({ told: undefined as unknown, has() { return this.told !== undefined; }, get() { return this.told ?? null; } });
  return { windows: one(), smooths: one(), bands: one(), places: new Map() };
});
vi.mock("./runs.svelte", () => ({ runs: known, nameOf: (r: { id: string }) => r.id }));
vi.mock("../session.svelte", () => ({ session: { inks: { of: () => "black" } } }));

import { Chart } from "./chart.svelte";
import type { Run } from "./types";
import { plainView, type View } from "./view";

const run = { id: "a", config: { lr: 1, seed: 1 } } as unknown as Run;
const line = { x: new Float64Array([0]), y: new Float64Array([0]) };
let view: View;
let chart: Chart;

beforeEach(() => {
  for (const k of [known.windows, known.smooths, known.bands]) k.told = undefined;
  view = { ...plainView };
  chart = new Chart(() => "loss", () => [run], () => view, () => 100);
});

test("a band stays until it is known that there is none", () => {
  view.group = "lr";
  known.bands.told = line;
  expect(chart.drawn("")).toHaveLength(1);
  known.bands.told = undefined;
  expect(chart.drawn("")).toHaveLength(1);
  known.bands.told = null;
  expect(chart.drawn("")).toEqual([]);
});

test("a band of another setting or along something else is not drawn meanwhile", () => {
  view.group = "lr";
  known.bands.told = line;
  chart.drawn("");
  known.bands.told = undefined;
  view.group = "seed";
  expect(chart.drawn("")).toEqual([]);
  view = { ...view, group: "lr", by: "tokens" };
  expect(chart.drawn("")).toEqual([]);
});

test("curves and smoothed ones stay no longer either", () => {
  view.smooth = 0.5;
  known.windows.told = known.smooths.told = line;
  expect(chart.drawn("")[0].smooth).toBe(line);
  known.smooths.told = undefined;
  expect(chart.drawn("")[0].smooth).toBe(line);
  known.smooths.told = null;
  expect(chart.drawn("")[0].smooth).toBeNull();
  known.windows.told = null;
  expect(chart.drawn("")).toEqual([]);
});
