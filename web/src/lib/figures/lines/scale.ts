// The scale of an axis, as package render draws it (axis.go).
import type { Axis } from "../types";

export interface Tick {
  value: number;
  text: string; // "" for a line without a number
}

export class Scale {
  low = Infinity;
  high = -Infinity;
  readonly log: boolean;
  readonly ticks: Tick[] = [];

  /** For the values shown on an axis, about room ticks apart; with round, the
   * ends move out to round numbers. */
  constructor(axis: Axis, values: Iterable<number>, room: number, round: boolean) {
    this.log = !!axis.log;
    for (const v of values) {
      if (!this.shows(v)) continue;
      if (v < this.low) this.low = v;
      if (v > this.high) this.high = v;
    }
    const r = axis.range;
    const fixed = !!r && this.shows(r[0]) && this.shows(r[1]) && r[0] < r[1];
    if (fixed) [this.low, this.high] = r;
    this.#open();
    if (this.log) this.#decades(room, round && !fixed);
    else this.#steps(room, round && !fixed);
  }

  /** Whether a value has a place on the axis. */
  shows(v: number): boolean {
    return Math.abs(v) <= 1e300 && (!this.log || v >= 1e-300);
  }

  /** The place of a value: 0 at the low end, 1 at the high one. */
  at(v: number): number {
    if (this.log) return Math.log(v / this.low) / Math.log(this.high / this.low);
    return (v - this.low) / (this.high - this.low);
  }

  // Ends that enclose something.
  #open(): void {
    if (this.low > this.high) [this.low, this.high] = this.log ? [1, 10] : [0, 1];
    else if (this.low === this.high && this.log) [this.low, this.high] = [this.low / 2, this.high * 2];
    else if (this.low === this.high) {
      const pad = Math.max(Math.abs(this.low) / 2, 0.5);
      [this.low, this.high] = [this.low - pad, this.high + pad];
    }
  }

  #steps(room: number, round: boolean): void {
    const rough = (this.high - this.low) / Math.max(room, 1);
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 5].find((m) => m * unit >= rough * 0.999) ?? 10) * unit;
    if (step < Math.abs(this.low) * 1e-13 || step < Math.abs(this.high) * 1e-13) {
      this.ticks.push({ value: this.low, text: tickText(this.low) }); // no such numbers between the ends
      return;
    }
    let [first, last] = [Math.ceil(this.low / step - 1e-9), Math.floor(this.high / step + 1e-9)];
    if (round) {
      [first, last] = [Math.floor(this.low / step + 1e-9), Math.ceil(this.high / step - 1e-9)];
      [this.low, this.high] = [Math.min(this.low, first * step), Math.max(this.high, last * step)];
    }
    for (let i = first; i <= last; i++) this.ticks.push({ value: i * step, text: tickText(i * step) });
  }

  #decades(room: number, round: boolean): void {
    const from = Math.floor(Math.log10(this.low) + 1e-9);
    const to = Math.ceil(Math.log10(this.high) - 1e-9);
    if (round) [this.low, this.high] = [10 ** from, 10 ** to];
    const every = Math.max(1, Math.ceil((to - from) / Math.max(room, 1)));
    for (let d = from; d <= to; d++) {
      for (const m of to - from > 3 ? [1] : [1, 2, 5]) {
        const value = m * 10 ** d;
        if (value < this.low * 0.999999 || value > this.high * 1.000001) continue;
        const named = (d - from) % every === 0 && (m === 1 || to - from <= 2);
        this.ticks.push({ value, text: named ? tickText(value) : "" });
      }
    }
  }
}

/** A round number in few characters: 0.05, 20,000, 2e−6. */
export function tickText(v: number): string {
  if (v === 0) return "0";
  const a = Math.abs(v);
  let text: string;
  if (a >= 1e6 || a < 1e-3) {
    const [mantissa, exponent] = v.toExponential().split("e");
    text = `${parseFloat(Number(mantissa).toFixed(4))}e${Number(exponent)}`;
  } else {
    text = String(parseFloat(v.toFixed(6)));
    if (a >= 1e4 && !text.includes(".")) text = text.replace(/\B(?=(\d{3})+$)/g, ",");
  }
  return text.replaceAll("-", "−");
}
