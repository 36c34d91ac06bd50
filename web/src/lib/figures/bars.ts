// Bars beside the numbers of a table's column, as package render draws them.
import type { Row } from "./types";

/** The least and the greatest number of a column, zero among them. */
export interface BarRange {
  low: number;
  high: number;
}

export function barRange(rows: Row[], column: number): BarRange {
  const range = { low: 0, high: 0 };
  for (const row of rows) {
    const v = row.group ? NaN : (row.cells?.[column]?.value ?? NaN);
    if (!Number.isFinite(v)) continue;
    range.low = Math.min(range.low, v);
    range.high = Math.max(range.high, v);
  }
  return range;
}

/** Where a bar begins and how long it is, in shares of the room; null if there is
 * none. Zero lies in the middle where there are numbers of both signs. */
export function barOf(value: number, { low, high }: BarRange): { from: number; length: number; against: boolean } | null {
  if (!Number.isFinite(value) || value === 0) return null;
  const both = low < 0 && high > 0;
  const zero = both ? 0.5 : low < 0 ? 1 : 0;
  const length = Math.min((Math.abs(value) / Math.max(high, -low)) * (both ? 0.5 : 1), 1);
  return { from: value < 0 ? zero - length : zero, length, against: value < 0 };
}
