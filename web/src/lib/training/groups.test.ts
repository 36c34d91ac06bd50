import { expect, it } from "vitest";
import { decode } from "./bands";
import { curveOf, groupsOf } from "./groups";
import type { Run } from "./types";

const run = (id: string, config: Run["config"]): Run => ({ id, project: "", title: id, state: "finished", created: 0, config, curves: 1, points: 1, change: 1 });

it("groups runs by a setting, numbers by value", () => {
  expect(groupsOf([run("a", { lr: 10 }), run("b", { lr: 9 }), run("c", {}), run("d", { lr: 10 })], "lr")).toEqual([
    { name: "–", runs: ["c"] },
    { name: "9", runs: ["b"] },
    { name: "10", runs: ["a", "d"] },
  ]);
});

it("reads bands and what is absent, in any order", () => {
  const [a, b] = decode(new Float64Array([1, 4, 2, 900, 0, NaN, NaN, NaN, 1, 2, 3, 4, 2, 3, 5, 6, 7, 8, 0, 0, 0, 0, NaN, NaN, NaN, NaN]).buffer);
  expect(a).toBeNull();
  expect([b!.total, b!.exact]).toEqual([900, false]);
  const c = curveOf(b!);
  expect([...c.x0, ...c.mean, ...c.low, ...c.high, ...c.count]).toEqual([1, 2, 3, 4, 2, 3, 5, 6, 7, 8]);
});
