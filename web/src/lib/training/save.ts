// Saves a chart as it is on the screen, and the numbers behind it.
import type { Drawn } from "./draw";

export function savePng(chart: HTMLCanvasElement, name: string): void {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [chart.width, chart.height];
  const ctx = copy.getContext("2d")!;
  ctx.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
  ctx.fillRect(0, 0, copy.width, copy.height);
  ctx.drawImage(chart, 0, 0);
  copy.toBlob((blob) => blob && save(blob, name + ".png"));
}

/** One row for each bucket of each curve. */
export function csvOf(curves: Drawn[]): string {
  const rows = [["run", "from", "to", "points", "not finite", "min", "max", "mean", "last", "drawn"].join(",")];
  for (const { name, curve: c, line } of curves) {
    for (let i = 0; i < c.x0.length; i++) {
      rows.push([quoted(name), c.x0[i], c.x1[i], c.count[i], c.bad[i], c.low[i], c.high[i], c.mean[i], c.last[i], line[i]].join(","));
    }
  }
  return rows.join("\n") + "\n";
}

export function saveCsv(curves: Drawn[], name: string): void {
  save(new Blob([csvOf(curves)], { type: "text/csv" }), name + ".csv");
}

// A text that begins as a formula would be one in a spreadsheet.
function quoted(text: string): string {
  return `"${(/^[=+\-@]/.test(text) ? "'" : "") + text.replaceAll('"', '""')}"`;
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replaceAll(/[/\\:]/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
