import { describe, expect, it } from "vitest";
import { enlarge, strengths, taps } from "./enlarge";

/** Bilinear with half-pixel centres and clamped edges, by its definition
 * (torch.nn.functional.interpolate with align_corners=False). */
function bilinear(v: Float32Array, w: number, h: number, W: number, H: number): number[] {
  const axis = (i: number, n: number, size: number) => {
    const at = Math.max(0, ((i + 0.5) * n) / size - 0.5);
    const from = Math.min(Math.floor(at), n - 1);
    return { a: from, b: Math.min(from + 1, n - 1), t: at - from };
  };
  return Array.from({ length: W * H }, (_, i) => {
    const x = axis(i % W, w, W);
    const y = axis(Math.floor(i / W), h, H);
    const row = (r: number) => v[r * w + x.a] * (1 - x.t) + v[r * w + x.b] * x.t;
    return row(y.a) * (1 - y.t) + row(y.b) * y.t;
  });
}

const sample = Float32Array.from({ length: 35 }, (_, i) => Math.sin(3 * i) + i / 7);

function near(got: Float32Array, want: ArrayLike<number>, tolerance = 1e-5) {
  expect(got).toHaveLength(want.length);
  got.forEach((v, i) => expect(Math.abs(v - want[i])).toBeLessThan(tolerance));
}

describe("linear", () => {
  it.each([[70, 50], [7, 5], [224, 224], [13, 29]])("equals half-pixel bilinear at %i × %i", (W, H) => {
    near(enlarge(sample, 7, 5, W, H, "linear"), bilinear(sample, 7, 5, W, H));
  });
});

describe("cubic", () => {
  it("equals Pillow's BICUBIC of mode F", () => {
    // Image.new("F", (2, 2)) with 0, 1, 4, -2, resized to (4, 4) by Pillow 12.
    const want = [
      -0.49567476, -0.01785713, 0.92962188, 1.40743947,
      0.86827731, 0.73535711, 0.47178572, 0.33886552,
      3.5728991, 2.22892857, -0.4360714, -1.78004205,
      4.93685102, 2.98214269, -0.89390755, -2.84861588,
    ];
    const got = enlarge(Float32Array.of(0, 1, 4, -2), 2, 2, 4, 4, "cubic");
    near(got, want);
    near(enlarge(Float32Array.of(0, 1, 4, -2, 3), 5, 1, 3, 1, "cubic"), [0.50769234, 1.96744192, 0.83076924]);
  });
  it("keeps a constant, and a cell's own value at its centre", () => {
    near(enlarge(new Float32Array(9).fill(2.5), 3, 3, 31, 17, "cubic"), new Float32Array(31 * 17).fill(2.5));
    const got = enlarge(sample, 7, 5, 21, 15, "cubic");
    sample.forEach((v, i) => {
      const [x, y] = [i % 7, Math.floor(i / 7)];
      if (x > 0 && x < 6 && y > 0 && y < 4) expect(got[(3 * y + 1) * 21 + 3 * x + 1]).toBeCloseTo(v, 5);
    });
  });
  it("weighs all cells when there are fewer points", () => {
    for (const t of taps(100, 10, "cubic")) expect(t.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  });
});

it("without smoothing, points take the cell they lie in", () => {
  expect([...enlarge(Float32Array.of(1, 2, 3, 4), 2, 2, 4, 2, "none")]).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
});

it("lanes do not run into one another", () => {
  const got = enlarge(Float32Array.of(0, 1, 4, -2), 2, 2, 8, 6, "cubic", true);
  for (let lane = 0; lane < 2; lane++) {
    const alone = enlarge(lane ? Float32Array.of(4, -2) : Float32Array.of(0, 1), 2, 1, 8, 1, "cubic");
    for (let y = 0; y < 3; y++) near(got.slice(8 * (3 * lane + y), 8 * (3 * lane + y + 1)), alone);
  }
});

it("cells without a number do not spread", () => {
  const got = enlarge(Float32Array.of(1, NaN, 1, 1), 2, 2, 8, 8, "cubic");
  expect(Number.isNaN(got[7])).toBe(true);
  expect(got[0]).toBeCloseTo(1, 5);
  got.forEach((v) => expect(Number.isNaN(v) || Math.abs(v - 1) < 1e-5).toBe(true));
});

describe("strengths", () => {
  it("run from low to high and no further", () => {
    expect([...strengths(Float32Array.of(-1, 0, 1, 3, NaN), 0, 2)]).toEqual([0, 0, 0.5, 1, NaN]);
  });
  it("are zero where there is no range", () => {
    for (const [low, high] of [[1, 1], [2, 1], [null, 1], [0, Infinity]] as [number | null, number][]) {
      expect([...strengths(Float32Array.of(5), low, high)]).toEqual([0]);
    }
  });
});
