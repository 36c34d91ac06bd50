import type { Colormap } from "../types";
import { clamp01 } from "./enlarge";

/** The colour of a strength between 0 and 1. */
export function colorAt(map: Colormap, t: number): [number, number, number] {
  return map.colors[Math.round(255 * clamp01(t))];
}

/**
 * The share of the opacity that a strength gets, rising slowly at both ends
 * (smoothstep), so that what the network ignores stays photograph. The same
 * curve as package render's.
 */
export function visibility(t: number): number {
  return t * t * (3 - 2 * t);
}

/** Whether a map is strong at both ends of its scale: it has values of either sign. */
export function isSigned(map: Colormap, low: number | null, high: number | null): boolean {
  return map.type === "diverging" && low !== null && low < 0 && high !== null && high > 0;
}

/** RGBA for each of 256 strengths, as a map is laid over a picture. */
export function overlayTable(map: Colormap, opacity: number, signed: boolean): Uint8ClampedArray<ArrayBuffer> {
  const table = new Uint8ClampedArray(4 * 256);
  for (let i = 0; i < 256; i++) {
    const t = i / 255;
    const strength = signed ? Math.abs(2 * t - 1) : t;
    table.set(map.colors[i], 4 * i);
    table[4 * i + 3] = 255 * clamp01(opacity) * visibility(strength);
  }
  return table;
}

/** Colours strengths into pixels; those that are no number are hatched. */
export function paint(strength: Float32Array, w: number, table: Uint8ClampedArray, out: Uint8ClampedArray): void {
  for (let i = 0; i < strength.length; i++) {
    const t = strength[i];
    const o = 4 * i;
    if (Number.isNaN(t)) {
      hatch(out, o, i % w, Math.floor(i / w));
      continue;
    }
    const k = 4 * Math.round(255 * clamp01(t));
    out[o] = table[k];
    out[o + 1] = table[k + 1];
    out[o + 2] = table[k + 2];
    out[o + 3] = table[k + 3];
  }
}

function hatch(out: Uint8ClampedArray, o: number, x: number, y: number): void {
  const line = (x + y) % 8 < 2;
  out[o] = line ? 60 : 128;
  out[o + 1] = line ? 64 : 132;
  out[o + 2] = line ? 72 : 140;
  out[o + 3] = line ? 200 : 90;
}
