// Draws curves on a chart's canvas: behind the line, from the least to the
// greatest value of every column, so that no spike is lost.
import type uPlot from "uplot";
import type { Curve } from "./curve";
import type { Line, Smooth } from "./smooth";

export interface Drawn {
  id: string;
  name: string;
  color: string;
  dashed: boolean;
  curve: Curve;
  /** The line; where there is none, it is the mean, which is else drawn faintly behind. */
  smooth: (Line & Pick<Smooth, "exact">) | null;
  /** Another one stands out. */
  faded: boolean;
}

export function draw(u: uPlot, curves: Drawn[]): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineJoin = "round";
  const dot = devicePixelRatio;
  for (const d of curves) {
    const places = placesOf(u, d.curve);
    ctx.strokeStyle = ctx.fillStyle = d.color;
    ctx.globalAlpha = d.faded ? 0.08 : 0.22;
    band(u, d.curve, places, dot);
    if (d.smooth) {
      ctx.globalAlpha = d.faded ? 0.08 : 0.35;
      ctx.lineWidth = dot;
      meanLine(u, d.curve, places);
    }
    ctx.globalAlpha = d.faded ? 0.15 : 1;
    ctx.lineWidth = (d.faded ? 1 : 1.75) * dot;
    ctx.setLineDash(d.dashed ? [5 * dot, 3 * dot] : []);
    if (d.smooth) smoothLine(u, d.smooth);
    else meanLine(u, d.curve, places);
    ctx.setLineDash([]);
    marks(u, d.curve, places, dot);
  }
  ctx.restore();
}

const placesOf = (u: uPlot, c: Curve) => c.x0.map((x, i) => u.valToPos((x + c.x1[i]) / 2, "x", true));

function band(u: uPlot, c: Curve, places: Float64Array, dot: number): void {
  for (let i = 0; i < places.length; i++) {
    if (!(c.high[i] > c.low[i])) continue;
    const [top, bottom] = [clamp(u, c.high[i]), clamp(u, c.low[i])];
    // As wide as its column: half way to the neighbours, no more than they are apart.
    const left = i > 0 ? Math.min((places[i] - places[i - 1]) / 2, 2 * dot) : dot / 2;
    const right = i + 1 < places.length ? Math.min((places[i + 1] - places[i]) / 2, 2 * dot) : dot / 2;
    u.ctx.fillRect(places[i] - left, top, Math.max(left + right, dot), Math.max(bottom - top, dot));
  }
}

/** The means, on to the nearest points outside. */
function meanLine(u: uPlot, c: Curve, places: Float64Array): void {
  const side = (p: Curve["before"]) => (p ? [p] : []);
  const [before, after] = [side(c.before), side(c.after)];
  const at = (p: [number, number]) => u.valToPos(p[0], "x", true);
  line(u, [...before.map(at), ...places, ...after.map(at)], [...before.map((p) => p[1]), ...c.mean, ...after.map((p) => p[1])]);
  if (places.length === 1) dotAt(u, places[0], c.mean[0]);
}

function smoothLine(u: uPlot, { x, y }: Line): void {
  const places = x.map((v) => u.valToPos(v, "x", true));
  line(u, places, y);
  if (y.length === 1) dotAt(u, places[0], y[0]);
}

function line(u: uPlot, places: ArrayLike<number>, y: ArrayLike<number>): void {
  const { ctx } = u;
  ctx.beginPath();
  let open = false;
  const to = (x: number, v: number) => {
    const at = u.valToPos(v, "y", true);
    if (!Number.isFinite(at) || !Number.isFinite(x)) return void (open = false);
    if (open) ctx.lineTo(x, at);
    else ctx.moveTo(x, at);
    open = true;
  };
  for (let i = 0; i < y.length; i++) to(places[i], y[i]);
  ctx.stroke();
}

function dotAt(u: uPlot, x: number, y: number): void {
  u.ctx.beginPath();
  u.ctx.arc(x, u.valToPos(y, "y", true), 2.5 * devicePixelRatio, 0, 2 * Math.PI);
  u.ctx.fill();
}

/** A cross at the foot wherever a point is no finite number. */
function marks(u: uPlot, c: Curve, places: Float64Array, dot: number): void {
  const { ctx, bbox } = u;
  const y = bbox.top + bbox.height - 5 * dot;
  let last = -Infinity;
  ctx.lineWidth = 1.5 * dot;
  for (let i = 0; i < places.length; i++) {
    if (!c.bad[i] || places[i] - last < 6 * dot) continue;
    last = places[i];
    ctx.beginPath();
    for (const s of [-1, 1]) {
      ctx.moveTo(last - 3 * dot, y - 3 * s * dot);
      ctx.lineTo(last + 3 * dot, y + 3 * s * dot);
    }
    ctx.stroke();
  }
}

function clamp(u: uPlot, v: number): number {
  const at = u.valToPos(v, "y", true);
  const { top, height } = u.bbox;
  return Number.isFinite(at) ? Math.max(top - 2, Math.min(top + height + 2, at)) : top + height;
}
