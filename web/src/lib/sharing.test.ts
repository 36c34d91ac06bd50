import { expect, test } from "vitest";
import { sharing } from "./sharing";

test("equal parts are the old ones, and the whole equals the new", () => {
  const old = { panels: [{ name: "a", maps: [{ v: 1 }] }, { name: "b", maps: [{ v: 2 }] }], totals: null as null | { n: number } };
  const next = { panels: [{ name: "a", maps: [{ v: 1 }] }, { name: "b", maps: [{ v: 3 }] }, { name: "c", maps: [] }], totals: { n: 1 } };
  const got = sharing(old, next);
  expect(got).toEqual(next);
  expect(got.panels[0]).toBe(old.panels[0]);
  expect(got.panels[1]).not.toBe(old.panels[1]);
});

test("what is equal all through is the old value", () => {
  const old = { a: [1, "x", null, { b: false }] };
  expect(sharing(old, structuredClone(old))).toBe(old);
});

test("what has less, more or another kind is not the old value", () => {
  for (const [old, next] of [
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: undefined }, { b: undefined }],
    [[1, 2], [1]],
    [[], {}],
    [null, { a: 1 }],
    [{ a: 1 }, null],
    ["1", 1],
  ] as [unknown, unknown][]) {
    const got = sharing(old, next);
    expect(got).toStrictEqual(next);
    expect(got).not.toBe(old);
  }
});

test("any name of a part is kept", () => {
  const next = JSON.parse('{"__proto__": {"a": 1}, "toString": 2}');
  for (const old of [{}, { a: 1 }, JSON.parse('{"__proto__": {"a": 0}, "toString": 2}')]) {
    expect(JSON.stringify(sharing(old, next))).toBe(JSON.stringify(next));
  }
});
