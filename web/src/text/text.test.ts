import { expect, it } from "vitest";
import { en } from "./en";
import { ja } from "./ja";

/** Every text of a table by its path, functions called with numbers. */
function texts(table: unknown, path = ""): [string, string][] {
  if (typeof table === "string") return [[path, table]];
  if (typeof table === "function") return [[path, String((table as (...n: unknown[]) => unknown)(2, 3, 4, 5, 6))]];
  return Object.entries(table as object).flatMap(([key, value]) => texts(value, `${path}.${key}`));
}

it("both languages have the same texts, none empty", () => {
  expect(texts(ja).map(([path]) => path)).toEqual(texts(en).map(([path]) => path));
  for (const [path, text] of [...texts(en), ...texts(ja)]) expect(text.trim(), path).not.toBe("");
});

it("Japanese is Japanese", () => {
  const same = texts(ja).filter(([path, text]) => text === Object.fromEntries(texts(en))[path]);
  expect(same.map(([path]) => path).filter((p) => !/\.hits$|shortcuts\.list\.\d+\.0$/.test(p))).toEqual([]);
});
