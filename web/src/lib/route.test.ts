import { describe, expect, it } from "vitest";
import { emptyRoute, formatRoute, parseRoute, runOfMLflow, tidy, valueOf, type Route } from "./route";
import type { Method, Param } from "./types";

const param = (name: string, def: string[], list = false): Param => ({ name, help: "", type: "string", list, default: def });
const method: Method = {
  name: "cam", doc: "", about: "", phases: ["after"], needs: [], examples: [],
  params: [param("method", ["gradcam"], true), param("class", ["top"], true), param("colormap", ["inferno"])],
};

const parse = (address: string) => {
  const url = new URL(address, "http://localhost");
  return parseRoute(url.pathname, url.search);
};

describe("addresses", () => {
  const routes: [string, Route][] = [
    ["/", emptyRoute],
    ["/cam", { ...emptyRoute, method: "cam" }],
    ["/cam?model=a1&image=x&image=y&class=7&class=zebra",
      { ...emptyRoute, method: "cam", model: "a1", images: ["x", "y"], params: { class: ["7", "zebra"] } }],
    ["/cam?input.mean=0.5&input.fit=pad&opacity=0.3&seed=-4",
      { ...emptyRoute, method: "cam", input: { mean: "0.5", fit: "pad" }, params: { opacity: ["0.3"] }, seed: "-4" }],
    ["/report?image=x&mask=x%3Am1", { ...emptyRoute, method: "report", images: ["x"], masks: { x: "m1" } }],
    ["/arch?expand=", { ...emptyRoute, method: "arch", params: { expand: [] } }],
  ];
  it.each(routes)("%s", (address, route) => {
    expect(parse(address)).toEqual(route);
    expect(parse(formatRoute(route))).toEqual(route);
  });

  it("carries any text", () => {
    const hostile = "a&b=c #<script>%2F 日本 +1";
    const route = { ...emptyRoute, method: "cam", model: hostile, params: { class: [hostile, ""], [hostile]: ["x"] } };
    expect(parse(formatRoute(route))).toEqual(route);
  });

  it("survives a path that is no valid escape", () => {
    expect(parseRoute("/%E0%A4%A", "").method).toBe("%E0%A4%A");
  });
});

describe("links of MLflow's client", () => {
  it("name a run, or all of an experiment", () => {
    expect(runOfMLflow("#/experiments/2/runs/54f2b44b48a327cf972380ee37da6af5")).toBe("54f2b44b48a327cf972380ee37da6af5");
    expect(runOfMLflow("#/experiments/2")).toBe("");
  });
  it("are not taken for other places of a page", () => {
    for (const hash of ["", "#main", "#/experiments", "#/models/x"]) expect(runOfMLflow(hash)).toBeUndefined();
  });
});

describe("tidy", () => {
  it("leaves out defaults and what the technique does not have", () => {
    const route = parse("/cam?method=gradcam&class=7&colormap=jet&nonsense=1&model=m");
    expect(formatRoute(tidy(route, method))).toBe("/cam?model=m&class=7&colormap=jet");
  });
  it("keeps a list whose order or length differs from the default", () => {
    expect(tidy(parse("/cam?method=gradcam&method=layercam"), method).params).toEqual({ method: ["gradcam", "layercam"] });
    expect(tidy(parse("/cam?class="), method).params).toEqual({ class: [] });
  });
  it("gives defaults where nothing is given", () => {
    expect(valueOf(parse("/cam"), method.params[1])).toEqual(["top"]);
    expect(valueOf(parse("/cam?class=7"), method.params[1])).toEqual(["7"]);
  });
});
