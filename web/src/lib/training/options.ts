// What a chart is made with: uPlot draws axes, takes the pointer and links the
// cursors; the curves are drawn by draw.ts, since each has places of its own.
import type uPlot from "uplot";
import { tickText } from "../figures/lines/scale";
import type { Inks } from "../palette";
import type { Axis } from "./types";
import type { Ends } from "./scales";

export interface ChartOptions {
  width: number;
  height: number;
  axis: Axis;
  logx: boolean;
  logy: boolean;
  inks: Inks;
  x: () => Ends;
  y: () => Ends;
  draw(u: uPlot): void;
  point(u: uPlot): void;
  zoom(low: number, high: number): void;
}

const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

export function optionsOf(o: ChartOptions): uPlot.Options {
  const ticks = (_: uPlot, values: (number | null)[]) => values.map((v) => (v === null ? "" : tickText(v)));
  const lines = { stroke: o.inks.of("faint"), font, ticks: { show: false }, grid: { stroke: o.inks.of("hairline"), width: 1 } };
  return {
    width: o.width,
    height: o.height,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: o.axis === "wall", distr: o.logx ? 3 : 1, range: () => o.x() },
      y: { distr: o.logy ? 3 : 1, range: () => o.y() },
    },
    axes: [
      { ...lines, size: 24, gap: 4, space: 64, values: o.axis === "wall" ? undefined : o.axis === "relative" ? (_, v) => v.map((s) => (s === null ? "" : duration(s))) : ticks },
      { ...lines, size: 52, gap: 4, space: 32, values: ticks },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    cursor: {
      points: { show: false },
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      sync: { key: "training", setSeries: false, scales: ["x", null] },
      bind: { dblclick: () => null },
    },
    hooks: {
      draw: [o.draw],
      setCursor: [o.point],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          o.zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Seconds as people say them: 45 s, 12:30, 3:05:00, 2 d. */
export function duration(seconds: number): string {
  const sign = seconds < 0 ? "−" : "";
  const s = Math.abs(seconds);
  if (s < 60) return `${sign}${parseFloat(s.toPrecision(3))} s`;
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  if (s < 3600) return `${sign}${Math.floor(s / 60)}:${two(s % 60)}`;
  if (s < 86400 * 2) return `${sign}${Math.floor(s / 3600)}:${two((s / 60) % 60)}:${two(s % 60)}`;
  return `${sign}${parseFloat((s / 86400).toFixed(2))} d`;
}
