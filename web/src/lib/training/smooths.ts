// The smoothed curves that the page knows. The server smooths, as the technique
// does (package server, runsmooth.go).
import * as server from "./ask";
import { Known, type Look } from "./known";
import { joined, knownOf, thinned, type Smooth } from "./smooth";
import type { SmoothPart } from "./types";

export interface SmoothLook extends Look {
  weight: number;
}

export class Smooths extends Known<SmoothLook, SmoothPart, Smooth> {
  constructor() {
    super(2_000_000); // places, of 16 bytes
  }

  protected common = (l: SmoothLook) => `${l.axis} ${l.columns} ${l.weight} ${l.by}`;
  protected sizeOf = (s: Smooth) => s.x.length;
  protected request = (l: SmoothLook, parts: SmoothPart[]) => server.smooths(l, parts);

  protected async fetch(look: SmoothLook, old: Smooth | null): Promise<Smooth | null> {
    const { run, name, low, high, columns } = look;
    const more = await this.ask(look, { run, name, low, high, known: old && !look.by ? knownOf(old) : null });
    return old && more?.goesOn ? thinned(joined(old, more), columns) : more;
  }
}
