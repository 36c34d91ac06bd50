// Enlarges a map to the picture under it as package render does, so that what
// the browser shows is what is saved.

/** How the cells of a map are joined. */
export type Smoothing = "cubic" | "linear" | "none";

interface Tap {
  from: number;
  weights: Float32Array;
}

/** Keys 1981, a = -1/2. */
function cubic(x: number): number {
  x = Math.abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/**
 * What each of `size` points takes of n cells. Cells are areas: the centre of
 * point i lies at (i + 1/2)·n/size - 1/2 (half-pixel centres). When there are
 * fewer points than cells the kernel widens to cover them all.
 */
export function taps(n: number, size: number, smoothing: "cubic" | "linear"): Tap[] {
  const kernel = smoothing === "cubic" ? cubic : triangle;
  const ratio = n / size;
  const reach = Math.max(ratio, 1);
  const support = (smoothing === "cubic" ? 2 : 1) * reach;
  return Array.from({ length: size }, (_, i) => {
    const at = (i + 0.5) * ratio - 0.5;
    const from = Math.max(0, Math.ceil(at - support));
    const to = Math.min(n - 1, Math.floor(at + support));
    const weights = Float32Array.from({ length: to - from + 1 }, (_, k) => kernel((from + k - at) / reach));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { from, weights: weights.map((w) => w / sum) };
  });
}

function separable(cells: Float32Array, w: number, h: number, across: Tap[], down: Tap[]): Float32Array {
  const wide = new Float32Array(across.length * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < across.length; x++) {
      const { from, weights } = across[x];
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * cells[y * w + from + k];
      wide[y * across.length + x] = sum;
    }
  }
  const out = new Float32Array(across.length * down.length);
  for (let y = 0; y < down.length; y++) {
    const { from, weights } = down[y];
    for (let k = 0; k < weights.length; k++) {
      const row = (from + k) * across.length;
      for (let x = 0; x < across.length; x++) out[y * across.length + x] += weights[k] * wide[row + x];
    }
  }
  return out;
}

/** The index of the cell under a point, for each of w×h points. */
function nearest(x: number, n: number, size: number): number {
  return Math.min(n - 1, Math.floor((x * n) / size));
}

/** What each of `size` points takes of n rows that do not run into one another. */
function lanesOf(n: number, size: number): Tap[] {
  return Array.from({ length: size }, (_, i) => ({ from: nearest(i, n, size), weights: Float32Array.of(1) }));
}

/**
 * A map's values at w×h points. Cells that hold no number do not count in what
 * is around them, and points over one are NaN. Rows that are lanes are kept apart.
 */
export function enlarge(
  values: Float32Array, mapW: number, mapH: number, w: number, h: number, smoothing: Smoothing, lanes = false,
): Float32Array {
  const under = (i: number) => nearest(Math.floor(i / w), mapH, h) * mapW + nearest(i % w, mapW, w);
  if (smoothing === "none") return Float32Array.from({ length: w * h }, (_, i) => values[under(i)]);
  const holds = values.map((v) => (Number.isNaN(v) ? 0 : 1));
  const across = taps(mapW, w, smoothing);
  const down = lanes ? lanesOf(mapH, h) : taps(mapH, h, smoothing);
  const out = separable(values.map((v) => (Number.isNaN(v) ? 0 : v)), mapW, mapH, across, down);
  if (!holds.includes(0)) return out;
  const share = separable(holds, mapW, mapH, across, down);
  return out.map((v, i) => (holds[under(i)] ? v / share[i] : NaN));
}

/** Strengths of a map's cells: 0 at low, 1 at high, all 0 without a range. */
export function strengths(values: Float32Array, low: number | null, high: number | null): Float32Array {
  const from = low ?? NaN;
  const span = (high ?? NaN) - from;
  const usable = span > 0 && Number.isFinite(span);
  return values.map((v) => (Number.isNaN(v) ? NaN : usable ? clamp01((v - from) / span) : 0));
}

export function clamp01(x: number): number {
  return x > 0 ? Math.min(x, 1) : 0;
}
