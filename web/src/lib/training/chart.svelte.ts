// The curves of one chart: asked for when they come on the screen, asked on
// when they grow.
import { failureOf } from "../api";
import { session } from "../session.svelte";
import { along, placesAlong, type Curve } from "./curve";
import type { Drawn } from "./draw";
import { groupsOf } from "./groups";
import type { Look } from "./known";
import { lookOf } from "./look";
import { nameOf, runs } from "./runs.svelte";
import type { Smooth } from "./smooth";
import type { SmoothLook } from "./smooths";
import type { Run } from "./types";
import type { View } from "./view";

export class Chart {
  /** Counts up when something new is known. */
  told = $state(0);
  complaint = $state("");
  waiting = $state(true);

  #asking = false;
  #again = false;
  #left = false;
  #smoothed = new Map<string, Smooth>(); // by run

  /** The chart is no longer on the page. */
  leave(): void {
    this.#left = true;
  }

  constructor(readonly name: () => string, readonly shown: () => Run[], readonly view: () => View, readonly columns: () => number) {}

  #look(run: Run, name = this.name()): Look {
    const { axis, from, to, by } = this.view();
    if (by) return { run: run.id, name, axis: "step", columns: this.columns(), low: null, high: null };
    return { run: run.id, name, axis, columns: this.columns(), low: from, high: to };
  }

  // A little more than is shown, so that lines go on to the edges.
  #smoothLook(run: Run): SmoothLook {
    const { smooth, from, to } = this.view();
    const look = this.#look(run);
    const margin = from !== null && to !== null ? (to - from) / 4 : 0;
    return { ...look, weight: smooth, low: look.low === null ? null : look.low - margin, high: look.high === null ? null : look.high + margin };
  }

  /** Brings the curves up to date. */
  async bring(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      const { by, smooth } = this.view();
      await runs.windows.bring(this.shown().flatMap((r) => (by ? [this.#look(r), this.#look(r, by)] : [this.#look(r)])));
      if (smooth) {
        if (!this.#left) this.told++; // as they were logged, meanwhile
        await runs.smooths.bring(this.shown().map((r) => this.#smoothLook(r)));
      }
      this.complaint = "";
    } catch (error) {
      this.complaint = failureOf(error).error;
    }
    if (this.#left) return;
    this.#asking = this.waiting = false;
    this.told++;
    if (this.#again) {
      this.#again = false;
      void this.bring();
    }
  }

  #known(run: Run): Curve | null {
    const { by } = this.view();
    const curve = runs.windows.get(this.#look(run));
    if (!by || !curve) return curve;
    const x = runs.windows.get(this.#look(run, by));
    return x && along(curve, x);
  }

  // The line that was drawn last stays until another one is known.
  #smooth(run: Run): Smooth | null {
    const line = runs.smooths.get(this.#smoothLook(run)) ?? this.#smoothed.get(run.id) ?? null;
    if (line) this.#smoothed.set(run.id, line);
    const { by } = this.view();
    if (!by || !line) return line;
    const x = runs.windows.get(this.#look(run, by));
    return x && { ...line, x: placesAlong(line.x, x) };
  }

  /** What is known, as it is drawn. */
  drawn(pointed: string): Drawn[] {
    const { smooth, group } = this.view();
    const single = this.shown().flatMap((run): Drawn[] => {
      const curve = this.#known(run);
      if (!curve) return [];
      const look = lookOf(runs.places.get(run.id) ?? 0);
      return [{
        id: run.id, name: nameOf(run), color: session.inks.of(look.ink), dashed: look.dashed, curve,
        smooth: smooth ? this.#smooth(run) : null, faded: pointed !== "" && pointed !== run.id,
      }];
    });
    return group ? groupsOf(single, this.shown(), group, smooth, (ink) => session.inks.of(ink)) : single;
  }
}
