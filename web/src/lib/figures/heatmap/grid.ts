import type { HeatMap } from "../types";

/**
 * The order of maps and how many stand side by side: a row for each class and a
 * column for each way to look, if there is a map for each of both; else as
 * they are given, in as many columns as fit (0).
 */
export function gridOf(maps: HeatMap[]): { maps: HeatMap[]; columns: number } {
  const ways = distinct(maps.map((m) => `${m.method}\n${m.layer}`));
  const classes = distinct(maps.map((m) => String(m.class)));
  const whole = ways.length * classes.length === maps.length;
  if (maps.length < 2 || !whole) return { maps, columns: 0 };
  if (ways.length === 1) return { maps, columns: Math.min(classes.length, 5) };
  const rank = (m: HeatMap) => classes.indexOf(String(m.class)) * ways.length + ways.indexOf(`${m.method}\n${m.layer}`);
  return { maps: [...maps].sort((a, b) => rank(a) - rank(b)), columns: ways.length };
}

function distinct(texts: string[]): string[] {
  return [...new Set(texts)];
}
