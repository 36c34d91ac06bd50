import { describe, expect, it } from "vitest";
import { arrange, complaint, controlOf, lacking, stepOf, toggled } from "./form";
import type { Method, Param } from "./types";

const p = (over: Partial<Param>): Param => ({ name: "x", help: "", type: "string", default: [""], ...over });
const choices = ["a", "b", "c"].map((name) => ({ name, help: "" }));

describe("controlOf", () => {
  const cases: [string, Partial<Param>][] = [
    ["switch", { type: "bool" }],
    ["select", { choices }],
    ["choices", { choices, list: true }],
    ["layers", { source: "layers", list: true }],
    ["modules", { source: "modules", list: true }],
    ["classes", { source: "classes" }],
    ["texts", { list: true, type: "int" }],
    ["slider", { type: "float", min: 0, max: 1, step: 0.05 }],
    ["slider", { type: "int", min: 1, max: 100 }],
    ["number", { type: "int", min: 1, max: 20000 }],
    ["number", { type: "float", min: 0 }],
    ["text", {}],
    ["text", { source: "something to come" }],
  ];
  it.each(cases)("%s for %j", (want, over) => expect(controlOf(p(over))).toBe(want));
});

describe("complaint", () => {
  const cases: [Partial<Param>, string, unknown][] = [
    [{ type: "int", min: 1, max: 9 }, "5", null],
    [{ type: "int" }, "5.5", { what: "whole" }],
    [{ type: "int" }, "", { what: "number" }],
    [{ type: "float" }, "1e-3", null],
    [{ type: "float" }, "x", { what: "number" }],
    [{ type: "float" }, "Infinity", { what: "number" }],
    [{ type: "float", min: 0 }, "-1", { what: "least", bound: 0 }],
    [{ type: "float", max: 1 }, "1.5", { what: "most", bound: 1 }],
    [{ choices }, "b", null],
    [{ choices }, "z", { what: "choice" }],
    [{}, "", null],
  ];
  it.each(cases)("%j %s", (over, text, want) => expect(complaint(p(over), text)).toEqual(want));
});

it("steps fit the range where none is named", () => {
  expect(stepOf(p({ type: "float", min: 0, max: 2 }))).toBe(0.02);
  expect(stepOf(p({ type: "int" }))).toBe(1);
  expect(stepOf(p({ type: "float", step: 0.5 }))).toBe(0.5);
});

it("choices stay in their order", () => {
  const param = p({ choices, list: true });
  expect(toggled(param, ["c"], "a")).toEqual(["a", "c"]);
  expect(toggled(param, ["a", "c"], "a")).toEqual(["c"]);
});

const method: Method = {
  name: "cam", doc: "", about: "", phases: [], needs: ["model", "weights", "image"], examples: [],
  params: [p({ name: "layer" }), p({ name: "colormap" }), p({ name: "seeds", advanced: true })],
};

it("a form leaves out what the figure itself sets, and folds the advanced", () => {
  const { shown, folded } = arrange(method, ["colormap"]);
  expect(shown.map((q) => q.name)).toEqual(["layer"]);
  expect(folded.map((q) => q.name)).toEqual(["seeds"]);
});

it("says what is lacking", () => {
  expect(lacking(method, "", [])).toEqual(["model", "image"]);
  expect(lacking(method, "m", [])).toEqual(["image"]);
  expect(lacking(method, "m", ["i"])).toEqual([]);
  expect(lacking({ ...method, needs: [] }, "", [])).toEqual([]);
});
