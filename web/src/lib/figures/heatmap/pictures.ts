// Pictures and maps as pixels.
import { contours } from "d3-contour";
import { bytesOf, floatsOf } from "../../bytes";
import { enlarge, strengths, type Smoothing } from "../enlarge";
import { paint } from "../colormap";
import type { HeatMap, Picture } from "../types";

/** Pictures smaller than this are enlarged in whole pixels. */
const smallest = 224;
/** Maps are worked out at no more pixels than this a side. */
const largest = 512;

/** A picture as pixels; null if it does not hold as many as it says. */
export function pixelsOf(p: Picture): ImageData | null {
  const rgb = bytesOf(p.pix);
  if (!(p.w > 0 && p.h > 0) || rgb.length < 3 * p.w * p.h) return null;
  const longer = Math.max(p.w, p.h);
  const k = longer >= smallest / 2 ? 1 : Math.ceil(smallest / longer);
  const out = new ImageData(p.w * k, p.h * k);
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      const from = 3 * (Math.floor(y / k) * p.w + Math.floor(x / k));
      const to = 4 * (y * out.width + x);
      out.data[to] = rgb[from];
      out.data[to + 1] = rgb[from + 1];
      out.data[to + 2] = rgb[from + 2];
      out.data[to + 3] = 255;
    }
  }
  return out;
}

/** The size at which maps over a picture are worked out. */
export function overlaySize(picture: ImageData | null): { w: number; h: number } {
  if (!picture) return { w: smallest, h: smallest };
  const k = Math.min(1, largest / Math.max(picture.width, picture.height));
  return { w: Math.max(1, Math.round(k * picture.width)), h: Math.max(1, Math.round(k * picture.height)) };
}

/** A map's values and how to colour them at a size. */
export class Field {
  readonly values: Float32Array;
  readonly usable: boolean;
  #strengths: Float32Array | null = null;
  #made = "";

  constructor(readonly map: HeatMap) {
    this.values = floatsOf(map.values);
    this.usable = map.w > 0 && map.h > 0 && this.values.length >= map.w * map.h;
  }

  /** Colours the map. */
  image(w: number, h: number, smoothing: Smoothing, table: Uint8ClampedArray): ImageData {
    const out = new ImageData(w, h);
    paint(this.#enlarged(w, h, smoothing), w, table, out.data);
    return out;
  }

  /** The outline of where the map is stronger than a level, as the path of an
   * SVG; a signed one is strong at both ends of its scale. */
  outline(w: number, h: number, smoothing: Smoothing, level: number, signed: boolean): string {
    const strength = (t: number) => (Number.isNaN(t) ? 0 : signed ? Math.abs(2 * t - 1) : t);
    const values = Array.from(this.#enlarged(w, h, smoothing), strength);
    const rings = contours().size([w, h]).contour(values, level).coordinates.flat();
    return rings.map((ring) => "M" + ring.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L") + "Z").join("");
  }

  /** Only a change of size or smoothing works it out anew. */
  #enlarged(w: number, h: number, smoothing: Smoothing): Float32Array {
    const { map } = this;
    const wanted = `${w} ${h} ${smoothing}`;
    if (!this.#strengths || this.#made !== wanted) {
      const cells = strengths(this.values.subarray(0, map.w * map.h), map.low, map.high);
      this.#strengths = enlarge(cells, map.w, map.h, w, h, smoothing, map.lanes);
      this.#made = wanted;
    }
    return this.#strengths;
  }

  /** The cell under a point given in shares of the width and height. */
  at(u: number, v: number): { x: number; y: number; value: number } {
    const x = Math.max(0, Math.min(this.map.w - 1, Math.floor(u * this.map.w)));
    const y = Math.max(0, Math.min(this.map.h - 1, Math.floor(v * this.map.h)));
    return { x, y, value: this.values[y * this.map.w + x] };
  }
}
