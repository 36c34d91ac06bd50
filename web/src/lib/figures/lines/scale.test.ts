import { describe, expect, it } from "vitest";
import { curvesOf, Frame } from "./curves";
import { Scale } from "./scale";

const texts = (s: Scale) => s.ticks.map((t) => t.text).filter(Boolean).join(" ");

// The same cases as in package render, lines_test.go.
describe("Scale", () => {
  it.each([
    [{}, [0, 1], "0 0.2 0.4 0.6 0.8 1"],
    [{}, [-3, 12], "−5 0 5 10 15"],
    [{}, [0.013, 0.02], "0.012 0.014 0.016 0.018 0.02"],
    [{}, [0, 48000], "0 10,000 20,000 30,000 40,000 50,000"],
    [{}, [0, 3e-6], "0 1e−6 2e−6 3e−6"],
    [{ log: true }, [0.001, 8], "0.001 0.01 0.1 1 10"],
    [{ log: true }, [2, 30, -1, 0], "1 2 5 10 20 50 100"],
    [{ range: [0, 1] as [number, number] }, [-3, 7], "0 0.2 0.4 0.6 0.8 1"],
    [{}, [NaN, Infinity], "0 0.2 0.4 0.6 0.8 1"],
  ])("%o of %o", (axis, values, want) => {
    expect(texts(new Scale(axis, values, 5, true))).toBe(want);
  });
});

function base64(values: number[]): string {
  return btoa(String.fromCharCode(...new Uint8Array(new Float64Array(values).buffer)));
}

describe("curvesOf", () => {
  it("gives looks as package figure does", () => {
    const curve = (name: string, rest = {}) => ({ name, x: "", y: "", ...rest });
    const [a, b] = curvesOf([
      { x: {}, y: {}, curves: [curve("a"), curve("b", { hue: 1 }), curve("c", { dashed: true })] },
      { x: {}, y: {}, curves: [curve("c"), curve("d", { hue: 10 })] },
    ]);
    expect([...a, ...b].map((c) => `${c.ink} ${c.dashed}`)).toEqual(["--curve-2 false", "--curve-1 false", "--curve-3 true", "--curve-3 false", "--curve-2 true"]);
  });

  it("interrupts a curve where it has no number, and thins long ones", () => {
    const [[c]] = curvesOf([{ x: {}, y: {}, curves: [{ name: "c", x: base64([0, 1, 2, 3]), y: base64([0, 1, NaN, 3]) }] }]);
    const frame = new Frame(new Scale({}, c.x, 5, false), new Scale({}, c.y, 5, false), 30, 30);
    expect(frame.line(c)).toBe("M0.0 30.0L10.0 20.0M30.0 0.0l0 0");
    const n = 100_000;
    const long = { ...c, x: Float64Array.from({ length: n }, (_, i) => i), y: Float64Array.from({ length: n }, (_, i) => (i === 777 ? 9 : 0)) };
    const wide = new Frame(new Scale({}, long.x, 5, false), new Scale({}, long.y, 5, false), 300, 90);
    expect(wide.line(long).split("L").length).toBeLessThan(2500);
    expect(wide.line(long)).toContain(" 0.0");
  });
});
