// The means of runs that the page knows, with their bands. The server means, as
// the technique does (package server, runbands.go).
import * as server from "./ask";
import { Known, type Look } from "./known";
import type { Line } from "./smooth";
import type { BandPart } from "./types";

export interface BandLook extends Look {
  /** All that are meant; run is the first of them. */
  runs: string[];
  weight: number;
  spread: string;
  logx: boolean;
}

export interface Band extends Line {
  /** Points of all the curves. */
  total: number;
  /** Smoothing looked at every point. */
  exact: boolean;
  low: Float64Array;
  high: Float64Array;
  /** How many runs reach each place. */
  runs: Float64Array;
}

const head = 8;

/** Reads an answer: a band for each place that was asked for, null where there is none. */
export function decode(raw: ArrayBuffer): (Band | null)[] {
  const all = new Float64Array(raw);
  const out: (Band | null)[] = [];
  for (let at = 0; at < all.length; ) {
    const [place, kind, n, total, exact] = all.subarray(at, at + head);
    at += head;
    const take = () => all.slice(at, (at += n));
    out[place] = kind === 4 ? { total, exact: exact === 1, x: take(), y: take(), low: take(), high: take(), runs: take() } : null;
  }
  return out;
}

export class Bands extends Known<BandLook, BandPart, Band> {
  constructor() {
    super(400_000); // places, of 40 bytes
  }

  protected common = (l: BandLook) => JSON.stringify([l.axis, l.by, l.columns, l.weight, l.spread, l.logx]);
  protected sizeOf = (b: Band) => b.x.length;
  protected override runsOf = (l: BandLook) => l.runs;
  protected request = (l: BandLook, parts: BandPart[]) => server.bands(l, parts);
  // The places of a mean lie otherwise when a run has grown: nothing of it is known.
  protected fetch = (l: BandLook) => this.ask(l, { runs: l.runs, name: l.name, low: l.low, high: l.high });
}
