// The curves of one chart: asked for when they come on the screen, asked on
// when they grow.
import { failureOf } from "../api";
import { session } from "../session.svelte";
import { smoothed } from "./curve";
import type { Drawn } from "./draw";
import { groupsOf } from "./groups";
import { lookOf } from "./look";
import { nameOf, runs } from "./runs.svelte";
import type { Run } from "./types";
import type { View } from "./view";
import type { Look } from "./windows";

export class Chart {
  /** Counts up when something new is known. */
  told = $state(0);
  complaint = $state("");
  waiting = $state(true);

  #asking = false;
  #again = false;

  constructor(readonly name: () => string, readonly shown: () => Run[], readonly view: () => View, readonly columns: () => number) {}

  #look(run: Run): Look {
    const { axis, from, to } = this.view();
    // Smoothing begins before the part that is shown, so that it depends on it little.
    const margin = from !== null && to !== null ? (to - from) / 4 : 0;
    return { run: run.id, name: this.name(), axis, columns: this.columns(), low: from === null ? null : from - margin, high: to };
  }

  /** Brings the curves up to date. */
  async bring(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      await runs.windows.bring(this.shown().map((r) => this.#look(r)));
      this.complaint = "";
    } catch (error) {
      this.complaint = failureOf(error).error;
    }
    this.#asking = this.waiting = false;
    this.told++;
    if (this.#again) {
      this.#again = false;
      void this.bring();
    }
  }

  /** What is known, as it is drawn. */
  drawn(pointed: string): Drawn[] {
    const { smooth, group } = this.view();
    const single = this.shown().flatMap((run): Drawn[] => {
      const curve = runs.windows.get(this.#look(run));
      if (!curve) return [];
      const look = lookOf(runs.places.get(run.id) ?? 0);
      return [{
        id: run.id, name: nameOf(run), color: session.inks.of(look.ink), dashed: look.dashed, curve,
        line: smooth ? smoothed(curve, smooth) : curve.mean, smooth: smooth > 0, faded: pointed !== "" && pointed !== run.id,
      }];
    });
    return group ? groupsOf(single, this.shown(), group, smooth) : single;
  }
}
