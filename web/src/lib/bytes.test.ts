import { expect, it } from "vitest";
import { bytesOf, floatsOf } from "./bytes";

it("reads float32 exactly, with those that are no number", () => {
  // 1.5, NaN, -Infinity, the smallest subnormal; as Go's package figure writes them.
  const want = [1.5, NaN, -Infinity, 1.401298464324817e-45];
  expect([...floatsOf("AADAPwAAwH8AAID/AQAAAA==")]).toEqual(want);
});

it("agrees with the platform on many values", () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** ((i % 60) - 30));
  const text = Buffer.from(values.buffer).toString("base64");
  expect(floatsOf(text)).toEqual(values);
});

it("drops bytes that make no whole number", () => {
  expect(floatsOf(Buffer.from([0, 0, 128, 63, 7]).toString("base64"))).toEqual(Float32Array.of(1));
  expect(floatsOf("")).toHaveLength(0);
});

it("keeps all bytes", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(bytesOf(Buffer.from(all).toString("base64"))).toEqual(all);
});
