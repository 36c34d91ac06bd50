// Saves a chart as it is on the screen, and the numbers behind it.
import { api, watchJob } from "../api";
import { emptyRoute, tidy } from "../route";
import type { JobStatus, Method } from "../types";
import type { Drawn } from "./draw";
import type { Run } from "./types";
import type { View } from "./view";

export function savePng(chart: HTMLCanvasElement, name: string): void {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [chart.width, chart.height];
  const ctx = copy.getContext("2d")!;
  ctx.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
  ctx.fillRect(0, 0, copy.width, copy.height);
  ctx.drawImage(chart, 0, 0);
  copy.toBlob((blob) => blob && save(blob, name + ".png"));
}

/** One row for each bucket of each curve, and for each place of a smoothed one. */
export function csvOf(curves: Drawn[]): string {
  const rows = [["run", "from", "to", "points", "not finite", "min", "max", "mean", "last", "drawn"].join(",")];
  for (const { name, curve: c, smooth } of curves) {
    for (let i = 0; i < c.x0.length; i++) {
      rows.push([quoted(name), c.x0[i], c.x1[i], c.count[i], c.bad[i], c.low[i], c.high[i], c.mean[i], c.last[i], smooth ? "" : c.mean[i]].join(","));
    }
    smooth?.x.forEach((x, i) => rows.push([quoted(name), x, x, "", "", "", "", "", "", smooth.y[i]].join(",")));
  }
  return rows.join("\n") + "\n";
}

export function saveCsv(curves: Drawn[], name: string): void {
  save(new Blob([csvOf(curves)], { type: "text/csv" }), name + ".csv");
}

/** Saves a chart as the technique draws it. */
export async function saveFigure(technique: Method, name: string, runs: Run[], view: View, format: string, dark: boolean): Promise<void> {
  const one = (on: boolean) => (on ? ["true"] : []);
  const number = (v: number | null) => (v !== null && view.axis === "step" ? [String(v)] : []);
  const given: Record<string, string[]> = {
    view: ["curves"], plots: ["name"], metric: [`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`],
    x: [view.axis], "x-metric": view.by ? [view.by] : [], smoothing: [String(view.smooth)],
    "log-x": one(view.logx), "log-y": one(view.logy), robust: one(view.robust),
    "from-step": number(view.from), "to-step": number(view.to), group: view.group ? [view.group] : [], band: view.band ? [view.band] : [],
  };
  const set = Object.fromEntries(Object.entries(given).filter(([, values]) => values.length));
  const { params } = tidy({ ...emptyRoute, params: set }, technique);
  const begun = await api.start({ method: technique.name, runs: runs.map((r) => r.id), params });
  const done = begun.state === "done" ? begun : await ended(begun);
  if (done.state !== "done") throw new Error(done.failure?.error ?? done.state);
  follow(api.download(done.figure, format, { theme: dark ? "dark" : "light" }), `${name}.${format}`);
}

function ended(job: JobStatus): Promise<JobStatus> {
  return new Promise((done, failed) => watchJob(job.job, { progress: () => {}, end: done, lost: () => failed(new Error("lost")) }));
}

// A text that begins as a formula would be one in a spreadsheet.
function quoted(text: string): string {
  return `"${(/^[=+\-@]/.test(text) ? "'" : "") + text.replaceAll('"', '""')}"`;
}

function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  follow(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function follow(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name.replaceAll(/[/\\:]/g, "-");
  link.click();
}
