// What the page of trainings shows, as its address: all of it, defaults left
// out, so that a link shows another person the same.
import type { Axis } from "./types";

export interface View {
  /** The chosen runs, by ID or the beginning of one; null is the latest few, "*" is all. */
  runs: string[] | null;
  /** A regular expression over the names of runs. */
  filter: string;
  /** One over the names of curves. */
  find: string;
  axis: Axis;
  /** A metric that lies along the charts instead of the axis. */
  by: string;
  smooth: number;
  logx: boolean;
  logy: boolean;
  robust: boolean;
  /** The part of the axis that is shown; null is all. */
  from: number | null;
  to: number | null;
  pins: string[];
  /** A setting by which runs are averaged. */
  group: string;
  /** What the band around a mean shows; empty is what the technique shows. */
  band: string;
  width: Width;
  closed: string[];
  /** Further columns of the run list: settings as config:NAME, metrics as min:NAME and so on. */
  columns: string[];
  /** A column of the run list; a minus before it turns the order around. */
  sort: string;
  /** Of pictures, texts and histograms. */
  step: number | null;
  /** The curve that is shown alone and large. */
  chart: string;
  /** What is shown in place of the charts: records, or a technique that looks at runs. */
  tab: string;
  /** That technique's parameters. */
  params: Query;
}

type Query = Record<string, string[]>;

export type Width = "s" | "m" | "l";
export const widths: Record<Width, number> = { s: 260, m: 360, l: 620 };
export const axes: Axis[] = ["step", "relative", "wall"];

export const plainView: View = {
  runs: null, filter: "", find: "", axis: "step", by: "", smooth: 0, logx: false, logy: false, robust: false, from: null, to: null,
  pins: [], group: "", band: "", width: "m", closed: [], columns: [], sort: "-created", step: null, chart: "", tab: "", params: {},
};

const paramPrefix = "p.";

export function parseView(q: Query): View {
  const one = (name: string) => q[name]?.[0] ?? "";
  const number = (name: string) => (one(name) !== "" && Number.isFinite(Number(one(name))) ? Number(one(name)) : null);
  const smooth = number("smooth") ?? 0;
  return {
    runs: q.run ?? null,
    filter: one("filter"),
    find: one("find"),
    axis: axes.find((a) => a === one("axis")) ?? "step",
    by: one("by"),
    smooth: smooth >= 0 && smooth < 1 ? smooth : 0,
    logx: one("logx") === "1",
    logy: one("logy") === "1",
    robust: one("robust") === "1",
    from: number("from"),
    to: number("to"),
    pins: q.pin ?? [],
    group: one("group"),
    band: one("band"),
    width: (["s", "m", "l"] as const).find((w) => w === one("width")) ?? "m",
    closed: q.closed ?? [],
    columns: q.column ?? [],
    sort: one("sort") || plainView.sort,
    step: number("at"),
    chart: one("chart"),
    tab: one("tab"),
    params: Object.fromEntries(Object.entries(q).flatMap(([name, values]) => (name.startsWith(paramPrefix) ? [[name.slice(paramPrefix.length), values]] : []))),
  };
}

export function formatView(v: View): Query {
  const q: Query = {};
  const set = (name: string, value: string | number | null, plain: string | number | null = "") => {
    if (value !== plain && value !== null && value !== "") q[name] = [String(value)];
  };
  const list = (name: string, values: string[] | null) => {
    if (values?.length) q[name] = values;
  };
  if (v.runs) q.run = v.runs; // an empty list is a choice, too
  set("filter", v.filter);
  set("find", v.find);
  set("axis", v.axis, plainView.axis);
  set("by", v.by);
  set("smooth", v.smooth, 0);
  for (const name of ["logx", "logy", "robust"] as const) if (v[name]) q[name] = ["1"];
  set("from", v.from);
  set("to", v.to);
  list("pin", v.pins);
  set("group", v.group);
  set("band", v.band);
  set("width", v.width, plainView.width);
  list("closed", v.closed);
  list("column", v.columns);
  set("sort", v.sort, plainView.sort);
  set("at", v.step);
  set("chart", v.chart);
  set("tab", v.tab);
  for (const [name, values] of Object.entries(v.params)) q[paramPrefix + name] = values;
  return q;
}

/** The shortest beginning by which an ID of 32 digits is told from others in practice; other IDs whole. */
export function shortId(id: string): string {
  return /^[0-9a-f]{32}$/.test(id) ? id.slice(0, 10) : id;
}

/** Whether a choice names a run. */
export function names(choice: string, id: string): boolean {
  return choice === id || (choice.length === 10 && shortId(id) === choice);
}
