import { expect, test } from "vitest";
import type { ParallelFigure } from "../types";
import { axesOf, pathOf, threadsOf, within } from "./axes";

const packed = (...values: number[]) => {
  const raw = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((v, i) => raw.setFloat64(8 * i, v, true));
  return btoa(String.fromCharCode(...new Uint8Array(raw.buffer)));
};

const figure = {
  kind: "parallel",
  about: { title: "Runs" },
  scales: [
    { name: "lr", low: 0.001, high: 1, log: true },
    { name: "optimizer", low: 0, high: 1, labels: ["adam", "sgd"] },
    { name: "loss", low: 0, high: 2 },
  ],
  threads: [
    { name: "one", values: packed(0.001, 0, 2), strength: 1 },
    { name: "two", values: packed(1, NaN, 0), strength: 0 },
  ],
} as ParallelFigure;

test("values have places on linear, logarithmic and labelled axes", () => {
  const axes = axesOf(figure);
  const threads = threadsOf(figure, axes);
  expect(threads[0].at).toEqual([0, 0.25, 1]);
  expect(threads[1].at).toEqual([1, NaN, 0]);
  expect(axes[1].ticks).toEqual([{ at: 0.25, text: "adam" }, { at: 0.75, text: "sgd" }]);
});

test("ranges leave lines out, and those without a value there", () => {
  const threads = threadsOf(figure, axesOf(figure));
  const kept = (...ranges: Parameters<typeof within>[1]) => threads.filter((t) => within(t, ranges)).map((t) => t.name);
  expect(kept()).toEqual(["one", "two"]);
  expect(kept([0, 0.5])).toEqual(["one"]);
  expect(kept(undefined, [0, 1])).toEqual(["one"]);
  expect(kept(undefined, undefined, [0, 0.1])).toEqual(["two"]);
});

test("lines are interrupted where a value is missing", () => {
  const [one, two] = threadsOf(figure, axesOf(figure));
  const path = (t: typeof one) => pathOf(t, (i) => 10 * i, (p) => 100 * p);
  expect(path(one)).toBe("M0.0,0.0L10.0,25.0L20.0,100.0");
  expect(path(two)).toBe("M0.0,100.0M20.0,0.0");
});
