import { expect, it } from "vitest";
import { opened } from "./outline";
import type { OutlinePart } from "./types";

const part = (name: string, n: number): OutlinePart => ({ name, path: name, nodes: n, parts: Array.from({ length: n }, (_, i) => ({ name: `${i}`, path: `${name}/${i}` })) });

it("opens whole levels while they can be read", () => {
  const [a, b] = [part("a", 10), part("b", 10)];
  expect(opened({ parts: [a, b], nodes: 20, left: 0 })).toEqual(new Set([a, b]));
  const net: OutlinePart = { name: "net", path: "net", parts: [a, part("wide", 90)] };
  expect(opened({ parts: [net], nodes: 100, left: 0 })).toEqual(new Set([net]));
  expect(opened({ parts: [], nodes: 0, left: 0 }).size).toBe(0);
});
