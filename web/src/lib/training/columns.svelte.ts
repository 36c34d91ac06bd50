// The further columns of the run list: settings, and what metrics came to.
import * as server from "./ask";
import { nameOf } from "./runs.svelte";
import type { Run, Sum, Value } from "./types";

export interface Column {
  /** config:NAME, tag:NAME, last:NAME, min:NAME or max:NAME, as in the address. */
  key: string;
  title: string;
  about: string;
}

export const metricKinds = ["last", "min", "max"] as const;

export function columnOf(key: string): Column {
  const [kind, name] = split(key);
  const short = name.slice(name.lastIndexOf("/") + 1);
  return { key, title: kind === "config" || kind === "tag" ? short : `${kind} ${short}`, about: key.replace(":", " ") };
}

function split(key: string): [string, string] {
  const at = key.indexOf(":");
  return [key.slice(0, at), key.slice(at + 1)];
}

// What metrics came to, by name, run, and how many points the run had.
const known = $state<Record<string, { points: number; sum: Sum | null }>>({});
const keyOf = (run: string, name: string) => run + "\n" + name;

/** Asks for what the columns show and is not known. */
export async function bringSums(runs: Run[], columns: Column[]): Promise<void> {
  const names = [...new Set(columns.map((c) => split(c.key)).filter(([kind]) => isMetric(kind)).map(([, name]) => name))];
  for (const name of names) {
    const stale = runs.filter((r) => known[keyOf(r.id, name)]?.points !== r.points);
    if (!stale.length) continue;
    const answer = await server.sums(stale.map((r) => r.id), [name]);
    stale.forEach((r, i) => (known[keyOf(r.id, name)] = { points: r.points, sum: answer[i][0] }));
  }
}

const isMetric = (kind: string) => (metricKinds as readonly string[]).includes(kind);

export function cellsOf(run: Run, columns: Column[]): (Value | undefined)[] {
  return columns.map((c) => cellOf(run, c.key));
}

function cellOf(run: Run, key: string): Value | undefined {
  const [kind, name] = split(key);
  if (kind === "config") return run.config?.[name];
  if (kind === "tag") return run.tags?.[name];
  return known[keyOf(run.id, name)]?.sum?.[kind as (typeof metricKinds)[number]];
}

/** The runs by a column; those without a value come last, either way. */
export function sorted(runs: Run[], columns: Column[], sort: string): Run[] {
  const down = sort.startsWith("-");
  const key = down ? sort.slice(1) : sort;
  const of = (r: Run): Value | undefined => (key === "created" ? r.created : key === "name" ? nameOf(r) : columns.some((c) => c.key === key) ? cellOf(r, key) : r.created);
  const none = (v: Value | undefined) => v === undefined || v === null;
  return runs
    .map((r) => ({ r, v: of(r) }))
    .sort((a, b) => Number(none(a.v)) - Number(none(b.v)) || (down ? -1 : 1) * compare(a.v, b.v))
    .map(({ r }) => r);
}

function compare(a: Value | undefined, b: Value | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
