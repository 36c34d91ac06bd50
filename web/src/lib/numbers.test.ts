import { expect, it } from "vitest";
import { brief, bytes, percent, short, thousands } from "./numbers";

it.each([[0.123456, "0.123"], [-2, "−2"], [1e-9, "1e−9"], [NaN, "–"], [null, "–"], [Infinity, "∞"]])("brief %s", (v, want) => {
  expect(brief(v)).toBe(want);
});
it.each([[0, "0.0 %"], [0.0001, "< 0.1 %"], [0.5, "50.0 %"], [0.99999, "> 99.9 %"], [1, "100.0 %"], [null, "–"]])("percent %s", (v, want) => {
  expect(percent(v)).toBe(want);
});
it("thousands, short and bytes", () => {
  expect([11689512, 999, 1000].map(thousands)).toEqual(["11,689,512", "999", "1,000"]);
  expect([11689512, 5994, 12].map(short)).toEqual(["11.7 M", "5.99 k", "12"]);
  expect([26454, 999, 4.9e6].map(bytes)).toEqual(["26.5 kB", "999 B", "4.9 MB"]);
});
