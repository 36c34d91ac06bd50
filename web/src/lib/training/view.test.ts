import { expect, it } from "vitest";
import { layout, sectionsOf, within } from "./layout";
import { formatView, names, parseView, plainView, shortId, type View } from "./view";

it("writes nothing for a plain view, and reads back what it writes", () => {
  expect(formatView(plainView)).toEqual({});
  const view: View = {
    runs: ["a", "b"], filter: "x", find: "^loss", axis: "wall", by: "rate", smooth: 0.6, logx: true, logy: true, robust: true, from: 0, to: 12.5,
    pins: ["loss/train"], group: "lr", band: "middle", width: "l", closed: ["acc"], columns: ["config:lr"], sort: "min:loss", step: 3, chart: "loss/train", tab: "training", params: { view: ["table"], metric: ["a", "b"] },
  };
  expect(parseView(formatView(view))).toEqual(view);
  expect(parseView(formatView({ ...plainView, runs: [] })).runs).toEqual([]);
});

it("takes nonsense for the default", () => {
  expect(parseView({ axis: ["sideways"], smooth: ["2"], width: ["xxl"], from: ["x"] })).toEqual(plainView);
});

it("names runs by the beginning of their IDs", () => {
  const id = "0123456789abcdef0123456789abcdef";
  expect(names(shortId(id), id)).toBe(true);
  expect(names("my run", "my run")).toBe(true);
  expect(names("0123456789", "0123456789x")).toBe(false);
});

const many = Array.from({ length: 5000 }, (_, i) => `layer${i % 10}/w${i}`);

it("groups curves by the first part of their names", () => {
  expect(sectionsOf(["acc", "b/y", "loss/a", "/x", "loss/b/c"], ["loss/a", "gone"], "Pinned", "Other")).toEqual([
    { title: "Pinned", names: ["loss/a"] },
    { title: "loss", names: ["loss/a", "loss/b/c"] },
    { title: "Other", names: ["acc", "/x"] },
    { title: "b", names: ["b/y"] },
  ]);
});

it("finds the few cards that are on the screen", () => {
  const sections = sectionsOf(many, [], "Pinned", "Other");
  const { blocks, height } = layout(sections, (t) => t === "layer3", { columns: 4, head: 40, row: 300 });
  expect(height).toBe(10 * 40 + 9 * 125 * 300);
  for (const top of [0, 39, 40, 7000, height - 1000]) {
    const seen = within(blocks, top, top + 1000);
    expect(seen).toEqual(blocks.filter((b) => b.y + b.h > top && b.y < top + 1000));
    expect(seen.length).toBeLessThan(8);
  }
});
