// The parts of curves that the page knows, in buckets.
import * as server from "./ask";
import { folded, joined, tailOf, type Curve } from "./curve";
import { Known, type Look } from "./known";
import type { Part } from "./types";

export class Windows extends Known<Look, Part, Curve> {
  constructor() {
    super(1_500_000); // buckets, of 64 bytes
  }

  protected common = (l: Look) => `${l.axis} ${l.columns} ${l.by}`;
  protected sizeOf = (c: Curve) => c.x0.length;
  protected request = (l: Look, parts: Part[]) => server.windows(l, parts);

  protected async fetch(look: Look, known: Curve | null): Promise<Curve | null> {
    const { run, name, low, high, columns } = look;
    const tail = known && !look.by && tailOf(known); // along a metric, all may lie otherwise
    if (known && tail) {
      if (high !== null && known.after) return known; // it goes on beyond the window
      const more = await this.ask(look, { run, name, low: tail.from, high });
      const curve = more && joined(known, tail.kept, more, low === null && high === null);
      if (curve) return folded(curve, columns);
    }
    return this.ask(look, { run, name, low, high });
  }
}
