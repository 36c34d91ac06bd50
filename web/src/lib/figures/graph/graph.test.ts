import { describe, expect, it } from "vitest";
import type { View } from "../../view/view.svelte";
import type { GraphFigure } from "../types";
import { centre, fit, hold, opening, overlaps, sight } from "./camera";
import { folded, unfolded } from "./folding";
import { Scene } from "./scene";

const figure: GraphFigure = {
  kind: "graph", about: { title: "t" }, w: 200, h: 1000,
  nodes: [
    { id: "x", title: "input", class: "input", group: -1, x: 80, y: 0, w: 40, h: 20 },
    { id: "conv1", title: "Conv", lines: ["64×7×7"], class: "conv", group: 0, x: 80, y: 100, w: 40, h: 20 },
    { id: "m:layer1", title: "layer1", class: "group", group: -1, fold: "layer1", x: 80, y: 300, w: 40, h: 20 },
  ],
  edges: [
    { from: 0, to: 1, path: [[100, 20], [100, 40], [100, 80], [100, 100]] },
    { from: 1, to: 2, path: [[100, 120], [200, 120], [200, 300], [100, 300]], labelAt: [1, 2] },
    { from: 0, to: 2, path: [[0, 0]] },
  ],
  groups: [
    { path: "stem", title: "stem", parent: -1, x: 60, y: 90, w: 80, h: 40 },
    { path: "loop", title: "loop", parent: 1, x: 0, y: 0, w: 1, h: 1 },
  ],
};
const view = { w: 800, h: 600 };

describe("Scene", () => {
  const scene = new Scene(figure);

  it("finds nodes and modules by any of their names", () => {
    expect(scene.find("CONV")).toEqual([{ kind: "node", index: 1 }]);
    expect(scene.find("7×7")).toEqual([{ kind: "node", index: 1 }]);
    expect(scene.find("stem")).toEqual([{ kind: "group", index: 0 }]);
    expect(scene.find(" ")).toEqual([]);
  });
  it("finds a module folded where it was open, and the other way", () => {
    expect(scene.findById("layer1")).toEqual({ kind: "node", index: 2 });
    expect(scene.findById("stem")).toEqual({ kind: "group", index: 0 });
    expect(scene.findById("gone")).toBeNull();
  });
  it("points at edges along their curve", () => {
    expect(scene.edgeAt(102, 60, 5)?.edge.to).toBe(1);
    expect(scene.edgeAt(175, 210, 5)?.edge.to).toBe(2); // where the curve bulges
    expect(scene.edgeAt(100, 210, 5)).toBeNull();
  });
  it("drops edges without a path, and bears groups that lie in themselves", () => {
    expect(scene.links).toHaveLength(2);
    expect(scene.into(2)).toHaveLength(1);
    expect(scene.depths[1]).toBe(100);
  });
  it("knows where arrows point and labels stand", () => {
    expect(scene.links[0].along).toEqual([0, 1]);
    expect(scene.links[0].label).toEqual([100, 60]);
    expect(scene.links[1].label).toEqual([1, 2]);
  });
  it("bears a graph of nothing", () => {
    const nothing = new Scene({ ...figure, nodes: null, edges: null, groups: null });
    expect(nothing.find("a")).toEqual([]);
    expect(opening(nothing.figure, view).k).toBeGreaterThan(0);
  });
});

describe("camera", () => {
  it("fits all in the middle", () => {
    const c = fit(figure, view);
    expect(c.k).toBeCloseTo(0.552);
    expect(c.x + c.k * 100).toBeCloseTo(400);
    const s = sight(c, view);
    expect(s.y).toBeLessThan(0);
    expect(s.y + s.h).toBeGreaterThan(1000);
  });
  it("opens a long graph at its beginning, legibly", () => {
    const c = opening(figure, view);
    expect(c.k).toBeGreaterThanOrEqual(0.6);
    expect(overlaps(figure.nodes![0], sight(c, view))).toBe(true);
    expect(overlaps({ x: 0, y: 990, w: 200, h: 10 }, sight(c, view))).toBe(false);
  });
  it("opens a small graph whole and not larger than life", () => {
    expect(opening({ ...figure, w: 100, h: 100 }, view)).toEqual({ k: 1, x: 350, y: 250 });
  });
  it("centres a box", () => {
    const c = centre(figure.nodes![2], view, 1);
    expect([c.x + 100, c.y + 310]).toEqual([400, 300]);
  });
  it("keeps what was pressed in its place", () => {
    const [a, b] = [{ x: 10, y: 20, w: 40, h: 20 }, { x: 300, y: 70, w: 100, h: 90 }];
    const before = { k: 2, x: 5, y: 6 };
    const after = hold(before, a, b);
    expect(after.k * 350 + after.x).toBe(before.k * 30 + before.x);
    expect(after.k * 70 + after.y).toBe(before.k * 20 + before.y);
  });
});

describe("folding", () => {
  const params = (expand: string[], fold: string[]) =>
    ({ param: (name: string) => ({ name }), values: (p: { name: string }) => (p.name === "expand" ? expand : fold) }) as unknown as View;
  it("opens what was closed", () => {
    expect(unfolded(params(["a"], ["b", "b.c"]), "b")).toEqual({ expand: ["a", "b"], fold: ["b.c"] });
  });
  it("closes with all that was set within", () => {
    expect(folded(params(["b", "b.c", "bc", "/m/x"], ["b/d", "e"]), "b")).toEqual({ expand: ["bc", "/m/x"], fold: ["e", "b"] });
  });
});
