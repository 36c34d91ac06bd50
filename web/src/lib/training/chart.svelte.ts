// The curves of one chart: asked for when they come on the screen, asked on
// when they grow.
import { failureOf } from "../api";
import { session } from "../session.svelte";
import type { Band, BandLook } from "./bands";
import type { Curve } from "./curve";
import type { Drawn } from "./draw";
import { curveOf, groupsOf, type Group } from "./groups";
import type { Known, Look } from "./known";
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
  // What was drawn last, by run or group and what lies along the chart.
  #kept = new Map<string, Curve>();
  #smoothed = new Map<string, Smooth>();
  #banded = new Map<string, Band>();

  /** The chart is no longer on the page. */
  leave(): void {
    this.#left = true;
  }

  constructor(readonly name: () => string, readonly shown: () => Run[], readonly view: () => View, readonly columns: () => number) {}

  #look(run: string): Look {
    const { axis, from, to, by } = this.view();
    return { run, name: this.name(), axis: by ? "step" : axis, by, columns: this.columns(), low: from, high: to };
  }

  // A little more than is shown, so that lines go on to the edges.
  #smoothLook(run: string): SmoothLook {
    const { smooth, from, to } = this.view();
    const look = this.#look(run);
    const margin = from !== null && to !== null ? (to - from) / 4 : 0;
    return { ...look, weight: smooth, low: look.low === null ? null : look.low - margin, high: look.high === null ? null : look.high + margin };
  }

  #bandLook(group: Group): BandLook {
    const { smooth, logx, band } = this.view();
    return { ...this.#look(group.runs[0]), runs: group.runs, weight: smooth, spread: band, logx };
  }

  /** Brings the curves up to date. */
  async bring(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = this.waiting = true;
    try {
      const { smooth, group } = this.view();
      if (group) await runs.bands.bring(groupsOf(this.shown(), group).map((g) => this.#bandLook(g)));
      else {
        await runs.windows.bring(this.shown().map((r) => this.#look(r.id)));
        if (smooth) {
          if (!this.#left) this.told++; // as they were logged, meanwhile
          await runs.smooths.bring(this.shown().map((r) => this.#smoothLook(r.id)));
        }
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

  #curve(run: string): Curve | null {
    return current(runs.windows, this.#look(run), this.#kept, [run]);
  }

  #smooth(run: string): Smooth | null {
    return current(runs.smooths, this.#smoothLook(run), this.#smoothed, [run]);
  }

  /** What is known, as it is drawn. */
  drawn(pointed: string): Drawn[] {
    const { smooth, group } = this.view();
    if (group) return this.#groups(group);
    return this.shown().flatMap((run): Drawn[] => {
      const curve = this.#curve(run.id);
      if (!curve) return [];
      const look = lookOf(runs.places.get(run.id) ?? 0);
      return [{
        id: run.id, name: nameOf(run), color: session.inks.of(look.ink), dashed: look.dashed, curve,
        smooth: smooth ? this.#smooth(run.id) : null, faded: pointed !== "" && pointed !== run.id,
      }];
    });
  }

  #groups(setting: string): Drawn[] {
    return groupsOf(this.shown(), setting).flatMap((g, i): Drawn[] => {
      const look = this.#bandLook(g);
      const band = current(runs.bands, look, this.#banded, [setting, g.name]);
      if (!band) return [];
      const { ink, dashed } = lookOf(i);
      const name = `${setting} ${g.name} (${g.runs.length})`;
      return [{ id: g.name, name, color: session.inks.of(ink), dashed, curve: curveOf(band), smooth: look.weight ? band : null, faded: false }];
    });
  }
}

// What was drawn last stays until the part that is shown now is known, be it that
// nothing is there: it is true, only too coarse or not all of it.
function current<L extends Look, P, V>(known: Known<L, P, V>, look: L, drawn: Map<string, V>, of: string[]): V | null {
  const key = JSON.stringify([look.name, look.axis, look.by, ...of]);
  if (!known.has(look)) return drawn.get(key) ?? null;
  const value = known.get(look);
  if (value) drawn.set(key, value);
  else drawn.delete(key);
  return value;
}
