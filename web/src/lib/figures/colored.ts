// Raw numbers as coloured cells, as package render draws them.
import type { Colormap } from "../types";
import { colorAt } from "./colormap";
import { strengths } from "./enlarge";

/** Cells in full colour, one pixel each; those that hold no number are grey. */
export function coloredCells(values: Float32Array, w: number, h: number, low: number | null, high: number | null, colors: Colormap): ImageData {
  const out = new ImageData(w, h);
  strengths(values.subarray(0, w * h), low, high).forEach((t, i) => {
    const [r, g, b] = Number.isNaN(t) ? [128, 132, 140] : colorAt(colors, t);
    out.data.set([r, g, b, Number.isNaN(t) ? 140 : 255], 4 * i);
  });
  return out;
}
